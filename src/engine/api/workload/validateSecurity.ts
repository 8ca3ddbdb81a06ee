import { duplicate, forbidden, invalid, invalids, notSupported, required, tooLong } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { byteLength, dns1123Subdomain } from '../validation/names.ts'
import { choice, descending, each, identities, part, range, text, unwanted } from './fields.ts'
import { goForm } from './goForm.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

/** Security contexts, and what depends on the operating system. Source: kubernetes pkg/apis/core/validation. */

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

function seccomp(context: Loose, path: string): readonly FieldError[] {
  const profile = asLoose(context['seccompProfile'])
  if (!profile) return []
  const field = `${path}.seccompProfile`
  const type = text(profile, 'type')
  const local = profile['localhostProfile']
  const faults: FieldError[] = []
  if (type === '') faults.push(required(`${field}.type`, 'type is required when seccompProfile is set'))
  else if (!profileTypes.includes(type)) faults.push(notSupported(`${field}.type`, type, profileTypes))
  const at = `${field}.localhostProfile`
  if (type === 'Localhost') {
    if (typeof local === 'string') faults.push(...descending(at, local))
    else faults.push(required(at, 'must be set when seccomp type is Localhost'))
  } else if (local !== undefined) {
    faults.push(invalid(at, goForm(profile, 'SeccompProfile'), 'can only be set when seccomp type is Localhost'))
  }
  return faults
}

/** An AppArmor profile: in the context, or made of an annotation. */
export function appArmor(profile: Loose | undefined, field: string): readonly FieldError[] {
  if (!profile) return []
  const type = text(profile, 'type')
  const local = profile['localhostProfile']
  const at = `${field}.localhostProfile`
  if (type === '') return [required(`${field}.type`, 'type is required when appArmorProfile is set')]
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)]
  if (type !== 'Localhost') {
    return local === undefined ? [] : [invalid(at, local, 'can only be set when AppArmor type is Localhost')]
  }
  const must = required(at, 'must be set when AppArmor type is Localhost')
  if (typeof local !== 'string') return [must]
  const faults: FieldError[] = []
  if (local.trim() !== local) faults.push(invalid(at, local, 'must not be padded with whitespace'))
  else if (local === '') faults.push(must)
  return byteLength(local) > 4095 ? [...faults, tooLong(at, 4095)] : faults
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const dnsDomain = new RegExp(`^${label}(?:\\.${label})*$`)

function windowsUser(name: string): readonly string[] {
  if (name === '') return ['cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['cannot contain more than one backslash']
  const [domain, user] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [undefined, name]
  const details: string[] = []
  if ((domain?.length ?? 0) >= 256) details.push("'s Domain length must be under 256 characters")
  if (domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain)) {
    details.push("'s Domain doesn't match the NetBios nor the DNS format")
  }
  if (user === '') details.push("'s User cannot be empty")
  else if (user.length > 104) details.push("'s User length must not be longer than 104 characters")
  if (/^[. ]+$/.test(user)) details.push("'s User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    details.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  }
  return details
}

function windows(context: Loose, path: string): readonly FieldError[] {
  const options = asLoose(context['windowsOptions'])
  if (!options) return []
  const field = `${path}.windowsOptions`
  const [name, spec, user] = [
    options['gmsaCredentialSpecName'],
    options['gmsaCredentialSpec'],
    options['runAsUserName'],
  ]
  const faults: FieldError[] = []
  if (typeof name === 'string')
    faults.push(...invalids(`${field}.gmsaCredentialSpecName`, name, dns1123Subdomain(name)))
  if (typeof spec === 'string') {
    const at = `${field}.gmsaCredentialSpec`
    if (spec === '') faults.push(invalid(at, spec, 'gmsaCredentialSpec cannot be an empty string'))
    else if (byteLength(spec) > 65536) faults.push(invalid(at, spec, 'gmsaCredentialSpec size must be under 64 KiB'))
  }
  if (typeof user === 'string') {
    for (const detail of windowsUser(user)) {
      const gap = detail.startsWith("'") ? '' : ' '
      faults.push(invalid(`${field}.runAsUserName`, user, `runAsUserName${gap}${detail}`))
    }
  }
  return faults
}

/** A container's. `hostUsers`: the pod shares the node's users. */
export function validateSecurityContext(container: Loose, path: string, hostUsers: boolean): readonly FieldError[] {
  const context = asLoose(container['securityContext'])
  if (!context) return []
  const field = `${path}.securityContext`
  const faults = [
    ...identities(context, field, 'runAsUser runAsGroup'),
    ...choice(context, 'procMount', field, 'Default Unmasked'),
  ]
  if (hostUsers && context['procMount'] === 'Unmasked') {
    faults.push(invalid(`${field}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`'))
  }
  faults.push(...seccomp(context, field))
  if (context['allowPrivilegeEscalation'] === false) {
    const clash = (what: string): FieldError =>
      invalid(field, goForm(context, 'SecurityContext'), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
    if (context['privileged'] === true) faults.push(clash('`privileged` to true'))
    const added = part(context, 'capabilities')['add']
    for (const capability of Array.isArray(added) ? (added as readonly unknown[]) : []) {
      if (capability === 'CAP_SYS_ADMIN') faults.push(clash('`capabilities.Add` CAP_SYS_ADMIN'))
    }
  }
  return [
    ...faults,
    ...windows(context, field),
    ...appArmor(asLoose(context['appArmorProfile']), `${field}.appArmorProfile`),
  ]
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlPattern = `^(${segment}[\\./])*${segment}$`
const sysctlName = new RegExp(sysctlPattern)
const ipcName = /^(kernel\.(shm(all|max|mni|_rmid_forced)|sem|msg(max|mnb|mni)?)|fs\.mqueue\..*)$/

/** The namespace of the kernel that a setting belongs to. */
function sysctlNamespace(sysctl: string): 'net' | 'ipc' | undefined {
  const name = /^[^.]*\//.test(sysctl) ? sysctl.replace(/[./]/g, (c) => (c === '/' ? '.' : '/')) : sysctl
  if (name.startsWith('net.')) return 'net'
  return ipcName.test(name) ? 'ipc' : undefined
}

function sysctls(spec: Loose, context: Loose, path: string): readonly FieldError[] {
  const seen = new Set<string>()
  return each(context, 'sysctls', path, (sysctl, at) => {
    const name = text(sysctl, 'name')
    const field = `${at}.name`
    const faults: FieldError[] = []
    if (name === '') faults.push(required(field))
    else if (byteLength(name) > 253 || !sysctlName.test(name)) {
      faults.push(invalid(field, name, `must have at most 253 characters and match regex ${sysctlPattern}`))
    } else if (seen.has(name)) faults.push(duplicate(field, name))
    seen.add(name)
    const namespace = sysctlNamespace(name)
    const shared = { net: 'hostNetwork', ipc: 'hostIPC' }[namespace ?? 'net']
    if (namespace && spec[shared] === true) {
      faults.push(invalid(field, name, `may not be specified when '${shared}' is true`))
    }
    return faults
  })
}

/** A pod's. */
export function validatePodSecurity(spec: Loose, path: string): readonly FieldError[] {
  const context = part(spec, 'securityContext')
  const field = `${path}.securityContext`
  const faults = [...identities(context, field, 'fsGroup runAsUser runAsGroup')]
  const groups = context['supplementalGroups']
  if (Array.isArray(groups)) {
    ;(groups as readonly number[]).forEach((group, i) =>
      faults.push(...range(`${field}.supplementalGroups[${i}]`, group, 0, 2147483647)),
    )
  }
  if (spec['shareProcessNamespace'] === true && spec['hostPID'] === true) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled'
    faults.push(invalid(`${field}.shareProcessNamespace`, true, detail))
  }
  return [
    ...faults,
    ...sysctls(spec, context, field),
    ...choice(context, 'fsGroupChangePolicy', field, 'Always OnRootMismatch'),
    ...seccomp(context, field),
    ...windows(context, field),
    ...appArmor(asLoose(context['appArmorProfile']), `${field}.appArmorProfile`),
    ...choice(context, 'supplementalGroupsPolicy', field, 'Merge Strict'),
    // `MountOption` is known, and switched off.
    ...choice(context, 'seLinuxChangePolicy', field, 'Recursive'),
  ]
}

type Visit = (container: Loose, path: string) => readonly FieldError[]

/** Every container of a pod, in the API server's order. */
export function eachContainer(spec: Loose, path: string, visit: Visit): readonly FieldError[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    asList(spec[list]).flatMap((container, i) => visit(container, `${path}.${list}[${i}]`)),
  )
}

/** Windows' containers with the rights of the host: all of them, or none. */
export function validateHostProcess(spec: Loose, path: string): readonly FieldError[] {
  const hostProcess = (owner: Loose): unknown =>
    part(part(owner, 'securityContext'), 'windowsOptions')['hostProcess'] ?? undefined
  const ofPod = hostProcess(spec)
  let [all, hosted] = [0, 0]
  const faults = [
    ...eachContainer(spec, path, (container, field) => {
      const own = hostProcess(container)
      all += 1
      if ((own ?? ofPod) === true) hosted += 1
      if (ofPod === undefined || own === undefined || ofPod === own) return []
      const detail = `pod hostProcess value must be identical if both are specified, was ${JSON.stringify(ofPod)}`
      return [invalid(`${field}.securityContext.windowsOptions.hostProcess`, own, detail)]
    }),
  ]
  if (hosted > 0 && hosted < all) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    faults.push(invalid(path, '', detail))
  }
  if (hosted > 0 && spec['hostNetwork'] !== true) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers'
    faults.push(invalid(`${path}.hostNetwork`, false, detail))
  }
  return faults
}

/** A pod with users of its own shares no namespaces of the host. */
export function validateHostUsers(spec: Loose, path: string): readonly FieldError[] {
  if (spec['hostUsers'] !== false) return []
  const detail = 'when `hostUsers` is false'
  const faults: FieldError[] = []
  for (const [field, name] of [
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'HostPID'],
    ['hostIPC', 'HostIPC'],
  ] as const) {
    if (spec[field] === true) faults.push(forbidden(`${path}.${name}`, detail))
  }
  return [
    ...faults,
    ...eachContainer(spec, path, (container, field) => unwanted(container, field, 'volumeDevices', detail)),
  ]
}

const notOnWindows = {
  context1: 'appArmorProfile seLinuxOptions',
  pod1: 'hostUsers hostPID hostIPC',
  context2: 'seccompProfile fsGroup fsGroupChangePolicy sysctls',
  pod2: 'shareProcessNamespace',
  context3: 'runAsUser runAsGroup supplementalGroups supplementalGroupsPolicy seLinuxChangePolicy',
  container: `appArmorProfile seLinuxOptions seccompProfile capabilities readOnlyRootFilesystem privileged
    allowPrivilegeEscalation procMount runAsUser runAsGroup`.replace(/\s+/g, ' '),
}

/** The operating system that a pod names, and what does not go with it. */
export function validateOs(spec: Loose, path: string): readonly FieldError[] {
  const os = asLoose(spec['os'])
  if (!os) return []
  const name = text(os, 'name')
  const context = part(spec, 'securityContext')
  const field = `${path}.securityContext`
  switch (name) {
    case '':
      return [required(`${path}.os.name`)]
    case 'linux': {
      const detail = 'windows options cannot be set for a linux pod'
      return [
        ...unwanted(context, field, 'windowsOptions', detail),
        ...eachContainer(spec, path, (container, at) =>
          unwanted(part(container, 'securityContext'), `${at}.securityContext`, 'windowsOptions', detail),
        ),
      ]
    }
    case 'windows': {
      const detail = 'cannot be set for a windows pod'
      return [
        ...unwanted(context, field, notOnWindows.context1, detail),
        ...unwanted(spec, path, notOnWindows.pod1, detail),
        ...unwanted(context, field, notOnWindows.context2, detail),
        ...unwanted(spec, path, notOnWindows.pod2, detail),
        ...unwanted(context, field, notOnWindows.context3, detail),
        ...eachContainer(spec, path, (container, at) =>
          unwanted(part(container, 'securityContext'), `${at}.securityContext`, notOnWindows.container, detail),
        ),
      ]
    }
    default:
      return [notSupported(`${path}.os`, name, ['linux', 'windows'])]
  }
}
