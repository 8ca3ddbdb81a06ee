import { goStruct } from '../json.ts'
import { zeroValue } from '../schema/decode.ts'
import type { GoType } from '../schema/goType.ts'
import { goType } from '../schema/types.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

/**
 * How the API server's own types name fields, where it is not the JSON name with a capital. Its messages print values
 * of these types. Source: kubernetes pkg/apis/core/types.go of v1.35.
 */
const names: Readonly<Record<string, string>> = Object.fromEntries(
  `DNSPolicy DNSConfig OS GCEPersistentDisk AWSElasticBlockStore NFS ISCSI RBD FC CSI StorageOS CephFS PDName FSType IQN
  ISCSIInterface APIVersion WWIDs SSLEnabled APIGroup TTY HTTPGet TCPSocket GRPC HTTPHeaders SELinuxOptions FSGroup
  GMSACredentialSpecName GMSACredentialSpec FSGroupChangePolicy SELinuxChangePolicy IP`
    .split(/\s+/)
    .map((name) => [name.toLowerCase(), name]),
)

const renamed: Readonly<Record<string, string>> = {
  'ISCSIVolumeSource.chapAuthDiscovery': 'DiscoveryCHAPAuth',
  'ISCSIVolumeSource.chapAuthSession': 'SessionCHAPAuth',
  'GlusterfsVolumeSource.endpoints': 'EndpointsName',
  'RBDVolumeSource.monitors': 'CephMonitors',
  'RBDVolumeSource.image': 'RBDImage',
  'RBDVolumeSource.pool': 'RBDPool',
  'RBDVolumeSource.user': 'RadosUser',
  'AzureDiskVolumeSource.diskURI': 'DataDiskURI',
}

/** Fields that stand elsewhere than in the versioned type: `field` comes behind the second name. */
const moved: Readonly<Record<string, readonly (readonly [field: string, behind: string])[]>> = {
  PodSpec: [
    ['setHostnameAsFQDN', 'subdomain'],
    ['preemptionPolicy', 'priority'],
    ['overhead', 'runtimeClassName'],
    ['enableServiceLinks', 'overhead'],
  ],
  Volume: [
    ['quobyte', 'rbd'],
    ['photonPersistentDisk', 'azureDisk'],
  ],
  PodSecurityContext: [['fsGroupChangePolicy', 'fsGroup']],
}

const hostFields = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']

/** Types that the API server has no form of its own for: they keep their JSON names, and leave out what is empty. */
const versioned = ['v1.LabelSelector', 'v1.LabelSelectorRequirement', 'v1.ObjectMeta']

function fieldsOf(type: GoType & { kind: 'struct' }, struct: string): readonly string[] {
  const fields = [...type.fields.keys()]
  for (const [field, behind] of moved[struct] ?? []) {
    fields.splice(fields.indexOf(field), 1)
    fields.splice(fields.indexOf(behind) + 1, 0, field)
  }
  return fields
}

function goName(struct: string, field: string): string {
  const known = renamed[`${struct}.${field}`] ?? names[field.toLowerCase()]
  return known ?? field.charAt(0).toUpperCase() + field.slice(1)
}

function formOf(value: unknown, type: GoType, pointer: boolean): unknown {
  if (value === undefined || value === null) {
    if (pointer || type.kind === 'list' || type.kind === 'map') return null
    return type.kind === 'struct' ? structForm({}, type) : zeroValue(type)
  }
  if (type.kind === 'list') return asList(value).map((item) => formOf(item, type.element, false))
  return type.kind === 'struct' ? structForm(asLoose(value) ?? {}, type) : value
}

function structForm(value: Loose, type: GoType & { kind: 'struct' }): unknown {
  const struct = type.name.slice(type.name.indexOf('.') + 1)
  const form: Record<string, unknown> = {}
  const isVersioned = versioned.includes(type.name)
  for (const name of fieldsOf(type, struct)) {
    const field = type.fields.get(name)
    if (!field || (struct === 'PodSpec' && (name === 'serviceAccount' || hostFields.includes(name)))) continue
    if (isVersioned) {
      if (field.always || value[name] !== undefined) form[name] = formOf(value[name], field.type, false)
    } else if (struct === 'PersistentVolumeClaimTemplate' && name === 'metadata') {
      // Embedded without a name of its own.
      Object.assign(form, Object.fromEntries(Object.entries(asLoose(value[name]) ?? {})))
    } else form[goName(struct, name)] = formOf(value[name], field.type, field.pointer)
  }
  return goStruct(form)
}

/** `value` as the API server's own type of this name (`SecurityContext`, `PodSpec`) prints in JSON. */
export function goForm(value: Loose, type: string): unknown {
  const struct = goType(type)
  if (struct.kind !== 'struct') return value
  if (type !== 'PodSpec') return structForm(value, struct)
  // What a pod shares with its node stands in the security context there.
  const context = asLoose(value['securityContext']) ?? {}
  const isFlag = (field: string): boolean => !['shareProcessNamespace', 'hostUsers'].includes(field)
  const shared = hostFields.map((field) => [goName('', field), value[field] ?? (isFlag(field) ? false : null)])
  const inner = goType('PodSecurityContext')
  const own = inner.kind === 'struct' ? (structForm(context, inner) as ReturnType<typeof goStruct>) : goStruct({})
  const form = structForm(value, struct) as ReturnType<typeof goStruct>
  return {
    goFields: form.goFields.map(([name, field]) =>
      name === 'SecurityContext' ? [name, { goFields: [...shared, ...own.goFields] }] : [name, field],
    ),
  }
}

/** A label selector as messages show it: labels before expressions. */
export function selectorForm(selector: object): unknown {
  return goForm(selector as Loose, 'LabelSelector')
}
