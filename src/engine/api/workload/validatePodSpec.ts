import { forbidden, invalid, invalids, notFound, required, tooLong } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { Labels, ObjectMeta } from '../types.ts'
import { ipFaults } from '../validation/addresses.ts'
import { oneOf, validateAnnotations, validateLabels } from '../validation/meta.ts'
import { byteLength, dns1123Label, dns1123Subdomain, qualifiedName, searchDomain } from '../validation/names.ts'
import { count, each, part, range, text, texts } from './fields.ts'
import { goForm } from './goForm.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './validateContainer.ts'
import { validateAffinity, validateSpread, validateToleration } from './validatePlacement.ts'
import { validateProfileAnnotations, validateProfilesMatch } from './validateProfiles.ts'
import { validatePodResources, validateResources } from './validateResources.ts'
import {
  eachContainer,
  validateHostProcess,
  validateHostUsers,
  validateOs,
  validatePodSecurity,
} from './validateSecurity.ts'
import { validateVolumes } from './validateVolumes.ts'
import type { VolumeOwner } from './validateVolumes.ts'

/**
 * Every fault of a pod's spec at `path`, in the API server's order. `owner`: the pod itself; a template has none.
 * Source: kubernetes pkg/apis/core/validation, ValidatePodSpec.
 */
export function validatePodSpec(spec: Loose, path: string, owner?: VolumeOwner): readonly FieldError[] {
  const { faults, usable } = validateVolumes(spec, path, owner)
  const claims = asList(spec['resourceClaims'])
    .map((claim) => text(claim, 'name'))
    .filter((name) => name !== '')
  const around = { spec, path, volumes: usable, claims }
  const deadline = count(spec, 'activeDeadlineSeconds')
  const named = (field: string, rule: (text: string) => readonly string[]): readonly FieldError[] => {
    const value = text(spec, field)
    return value === '' ? [] : invalids(`${path}.${field}`, value, rule(value))
  }
  const runtime = spec['runtimeClassName']
  const policy = spec['preemptionPolicy']
  return [
    ...faults,
    ...validateResourceClaims(spec, path),
    ...validateContainers(around),
    ...validateInitContainers(around),
    ...validateEphemeralContainers(around),
    ...validatePodResources(spec, path, claims),
    ...validateHostPorts(spec, path, owner !== undefined),
    ...oneOf(`${path}.restartPolicy`, text(spec, 'restartPolicy'), ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${path}.dnsPolicy`, text(spec, 'dnsPolicy'), dnsPolicies),
    ...validateLabels(asLoose(spec['nodeSelector']) as Labels | undefined, `${path}.nodeSelector`),
    ...validatePodSecurity(spec, path),
    ...validateAffinity(spec, path),
    ...validateDNSConfig(spec, path),
    ...each(spec, 'readinessGates', path, (gate, at) => {
      const type = text(gate, 'conditionType')
      return invalids(`${at}.conditionType`, type, qualifiedName(type))
    }),
    ...validateSchedulingGates(spec, path),
    ...validateSpread(spec, path),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateHostName(spec, path),
    ...named('serviceAccountName', dns1123Subdomain),
    ...named('nodeName', dns1123Subdomain),
    ...range(`${path}.activeDeadlineSeconds`, deadline, 1, 2147483647),
    ...named('hostname', dns1123Label),
    ...named('subdomain', dns1123Label),
    ...each(spec, 'tolerations', path, validateToleration),
    ...each(spec, 'hostAliases', path, (alias, at) => [
      ...ipFaults(`${at}.ip`, text(alias, 'ip')),
      ...texts(alias, 'hostnames').flatMap((name, i) =>
        invalids(`${at}.hostnames[${i}]`, name, dns1123Subdomain(name)),
      ),
    ]),
    ...named('priorityClassName', dns1123Subdomain),
    ...(typeof runtime === 'string' ? invalids(`${path}.runtimeClassName`, runtime, dns1123Subdomain(runtime)) : []),
    ...(typeof policy === 'string' ? oneOf(`${path}.preemptionPolicy`, policy, preemptionPolicies) : []),
    ...(asLoose(spec['overhead']) ? validateResources({ limits: spec['overhead'] }, `${path}.overhead`, []) : []),
    ...validateOs(spec, path),
    ...validateFileKeys(spec, path),
  ]
}

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const preemptionPolicies = ['PreemptLowerPriority', 'Never']

function validateResourceClaims(spec: Loose, path: string): readonly FieldError[] {
  const names = new Set<string>()
  return each(spec, 'resourceClaims', path, (claim, at) => {
    const name = text(claim, 'name')
    const [own, template] = [claim['resourceClaimName'], claim['resourceClaimTemplateName']]
    const faults: FieldError[] = []
    if (name === '') faults.push(required(`${at}.name`))
    else if (names.has(name)) faults.push({ field: `${at}.name`, type: 'Duplicate value', badValue: name, detail: '' })
    else faults.push(...invalids(`${at}.name`, name, dns1123Label(name)))
    names.add(name)
    const wrong = (detail: string): number => faults.push(invalid(at, goForm(claim, 'PodResourceClaim'), detail))
    if (own !== undefined && template !== undefined) {
      wrong('at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')
    }
    if (own === undefined && template === undefined) {
      wrong('must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName']) {
      const value = claim[field]
      if (typeof value === 'string') faults.push(...invalids(`${at}.${field}`, value, dns1123Subdomain(value)))
    }
    return faults
  })
}

/** On the node's own network, a port of the host is the container's. In a template it may be left open. */
function validateHostPorts(spec: Loose, path: string, isPod: boolean): readonly FieldError[] {
  if (spec['hostNetwork'] !== true) return []
  return each(spec, 'containers', path, (container, at) =>
    each(container, 'ports', at, (port, field) => {
      const [host, own] = [count(port, 'hostPort') ?? 0, count(port, 'containerPort') ?? 0]
      if (host === own || (!isPod && host === 0)) return []
      return [invalid(`${field}.hostPort`, host, 'must match `containerPort` when `hostNetwork` is true')]
    }),
  )
}

function validateDNSConfig(spec: Loose, field: string): readonly FieldError[] {
  const config = asLoose(spec['dnsConfig'])
  const path = `${field}.dnsConfig`
  const isNone = spec['dnsPolicy'] === 'None'
  if (!config) return isNone ? [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')] : []
  const [servers, searches] = [texts(config, 'nameservers'), texts(config, 'searches')]
  const faults: FieldError[] = []
  if (isNone && servers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    return [required(`${path}.nameservers`, detail)]
  }
  if (servers.length > 3) {
    faults.push(invalid(`${path}.nameservers`, servers, 'must not have more than 3 nameservers'))
  }
  servers.forEach((server, i) => faults.push(...ipFaults(`${path}.nameservers[${i}]`, server)))
  if (searches.length > 32) {
    faults.push(invalid(`${path}.searches`, searches, 'must not have more than 32 search paths'))
  }
  if (byteLength(searches.join(' ')) > 2048) {
    const detail = 'must not have more than 2048 characters (including spaces) in the search list'
    faults.push(invalid(`${path}.searches`, searches, detail))
  }
  searches.forEach((search, i) => {
    const bare = search.replace(/\.$/, '')
    if (search !== '.') faults.push(...invalids(`${path}.searches[${i}]`, bare, searchDomain(bare)))
  })
  return [
    ...faults,
    ...each(config, 'options', path, (option, at) =>
      text(option, 'name') === '' ? [required(at, 'must not be empty')] : [],
    ),
  ]
}

function validateSchedulingGates(spec: Loose, path: string): readonly FieldError[] {
  const seen = new Set<string>()
  return each(spec, 'schedulingGates', path, (gate, at) => {
    const name = text(gate, 'name')
    const faults = [...invalids(at, name, qualifiedName(name))]
    if (seen.has(name)) faults.push({ field: at, type: 'Duplicate value', badValue: name, detail: '' })
    seen.add(name)
    return faults
  })
}

function validateHostName(spec: Loose, path: string): readonly FieldError[] {
  const name = spec['hostnameOverride']
  if (typeof name !== 'string') return []
  const field = `${path}.hostnameOverride`
  const unless = (what: string): FieldError => forbidden(field, `may not be specified when ${what} is true`)
  return [
    ...(spec['setHostnameAsFQDN'] === true ? [unless('setHostnameAsFQDN')] : []),
    ...(spec['hostNetwork'] === true ? [unless('hostNetwork')] : []),
    ...(byteLength(name) > 64 ? [tooLong(field, 64)] : []),
    ...invalids(field, name, dns1123Subdomain(name)),
  ]
}

/** Files that variables are read from lie in volumes that the pod makes itself. */
function validateFileKeys(spec: Loose, path: string): readonly FieldError[] {
  const volumes = new Map(asList(spec['volumes']).map((volume) => [text(volume, 'name'), volume]))
  return eachContainer(spec, path, (container, at) =>
    each(container, 'env', at, (variable, field) => {
      const reference = asLoose(part(variable, 'valueFrom')['fileKeyRef'])
      if (!reference) return []
      const name = text(reference, 'volumeName')
      const place = `${field}.valueFrom.fileKeyRef.volumeName`
      const volume = volumes.get(name)
      if (!volume) return [notFound(place, name)]
      if (volume['emptyDir'] !== undefined) return []
      return [invalid(place, name, 'referenced volume must be of type emptyDir')]
    }),
  )
}

/** The template of a workload at `path`. Faults of its labels leave `metadata` out, as the real ones do. */
export function validatePodTemplate(template: Loose, path: string): readonly FieldError[] {
  const meta = part(template, 'metadata') as Partial<ObjectMeta>
  const spec = part(template, 'spec')
  return [
    ...validateTemplateMeta(template, path),
    ...validatePodSpec(spec, `${path}.spec`),
    ...validateProfilesMatch(meta, spec, `${path}.spec`),
    ...(asList(spec['ephemeralContainers']).length > 0
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ]
}

/** Labels and annotations of a template. */
export function validateTemplateMeta(template: Loose, path: string): readonly FieldError[] {
  const meta = part(template, 'metadata') as Partial<ObjectMeta>
  return [
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateProfileAnnotations(meta, part(template, 'spec'), `${path}.annotations`),
  ]
}
