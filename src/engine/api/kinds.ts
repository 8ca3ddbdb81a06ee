import { goType } from './schema/types.ts'
import type { GoType } from './schema/goType.ts'

/** A kind that the API server knows. */
export interface Kind {
  readonly kind: string
  readonly group: string
  readonly version: string
  /** Plural, as in URLs: `services`. */
  readonly resource: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  /** undefined: stored and listed only, its fields are not looked into. */
  readonly type: GoType | undefined
  /** Whether the simulator acts on it. */
  readonly simulated: boolean
}

interface Row {
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly resource: string
  readonly short?: readonly string[]
  readonly cluster?: boolean
}

const simulated: readonly Row[] = [
  { kind: 'Service', resource: 'services', short: ['svc'] },
  { kind: 'Pod', resource: 'pods', short: ['po'] },
  { kind: 'Namespace', resource: 'namespaces', short: ['ns'], cluster: true },
  { kind: 'Node', resource: 'nodes', short: ['no'], cluster: true },
  { kind: 'Endpoints', resource: 'endpoints', short: ['ep'] },
  { kind: 'ConfigMap', resource: 'configmaps', short: ['cm'] },
  { kind: 'Event', resource: 'events', short: ['ev'] },
  { kind: 'Deployment', group: 'apps', resource: 'deployments', short: ['deploy'] },
  { kind: 'ReplicaSet', group: 'apps', resource: 'replicasets', short: ['rs'] },
  { kind: 'StatefulSet', group: 'apps', resource: 'statefulsets', short: ['sts'] },
  { kind: 'DaemonSet', group: 'apps', resource: 'daemonsets', short: ['ds'] },
  { kind: 'EndpointSlice', group: 'discovery.k8s.io', resource: 'endpointslices' },
  { kind: 'ServiceCIDR', group: 'networking.k8s.io', resource: 'servicecidrs', cluster: true },
  { kind: 'IPAddress', group: 'networking.k8s.io', resource: 'ipaddresses', short: ['ip'], cluster: true },
  { kind: 'ServiceAccount', resource: 'serviceaccounts', short: ['sa'] },
]

const storedOnly: readonly Row[] = [
  { kind: 'Secret', resource: 'secrets' },
  { kind: 'PersistentVolume', resource: 'persistentvolumes', short: ['pv'], cluster: true },
  { kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims', short: ['pvc'] },
  { kind: 'ReplicationController', resource: 'replicationcontrollers', short: ['rc'] },
  { kind: 'ResourceQuota', resource: 'resourcequotas', short: ['quota'] },
  { kind: 'LimitRange', resource: 'limitranges', short: ['limits'] },
  { kind: 'PodTemplate', resource: 'podtemplates' },
  { kind: 'ControllerRevision', group: 'apps', resource: 'controllerrevisions' },
  { kind: 'Job', group: 'batch', resource: 'jobs' },
  { kind: 'CronJob', group: 'batch', resource: 'cronjobs', short: ['cj'] },
  {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    short: ['hpa'],
  },
  {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    version: 'v1',
    resource: 'horizontalpodautoscalers',
    short: ['hpa'],
  },
  { kind: 'PodDisruptionBudget', group: 'policy', resource: 'poddisruptionbudgets', short: ['pdb'] },
  { kind: 'Ingress', group: 'networking.k8s.io', resource: 'ingresses', short: ['ing'] },
  { kind: 'IngressClass', group: 'networking.k8s.io', resource: 'ingressclasses', cluster: true },
  { kind: 'NetworkPolicy', group: 'networking.k8s.io', resource: 'networkpolicies', short: ['netpol'] },
  { kind: 'StorageClass', group: 'storage.k8s.io', resource: 'storageclasses', short: ['sc'], cluster: true },
  { kind: 'Role', group: 'rbac.authorization.k8s.io', resource: 'roles' },
  { kind: 'RoleBinding', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
  { kind: 'ClusterRole', group: 'rbac.authorization.k8s.io', resource: 'clusterroles', cluster: true },
  { kind: 'ClusterRoleBinding', group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', cluster: true },
  { kind: 'PriorityClass', group: 'scheduling.k8s.io', resource: 'priorityclasses', short: ['pc'], cluster: true },
  { kind: 'Lease', group: 'coordination.k8s.io', resource: 'leases' },
  { kind: 'RuntimeClass', group: 'node.k8s.io', resource: 'runtimeclasses', cluster: true },
  {
    kind: 'CustomResourceDefinition',
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    short: ['crd', 'crds'],
    cluster: true,
  },
]

/** Kinds whose fields are not looked into. */
const untyped = ['CustomResourceDefinition']

/** The Go type of a kind; two versions of a kind have two. */
function typeOf({ kind, version }: Row): GoType | undefined {
  if (untyped.includes(kind)) return undefined
  return goType(version === 'v2' ? `AutoscalingV2${kind}` : kind)
}

function toKind(row: Row, isSimulated: boolean): Kind {
  return {
    kind: row.kind,
    group: row.group ?? '',
    version: row.version ?? 'v1',
    resource: row.resource,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    namespaced: row.cluster !== true,
    type: typeOf(row),
    simulated: isSimulated,
  }
}

export const kinds: readonly Kind[] = [
  ...simulated.map((row) => toKind(row, true)),
  ...storedOnly.map((row) => toKind(row, false)),
]

export function apiVersionOf(kind: Kind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

/** `services`, `deployments.apps`: resources as messages name them. */
export function resourceName(kind: Kind): string {
  return kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
}

/** `service`, `deployment.apps`: how kubectl names single objects. */
export function singularName(kind: Kind): string {
  return kind.group === '' ? kind.singular : `${kind.singular}.${kind.group}`
}

/** The kind of a manifest. kubectl maps the kind's lower case form too. */
export function findKind(apiVersion: string, kind: string): Kind | undefined {
  return kinds.find((known) => apiVersionOf(known) === apiVersion && (known.kind === kind || known.singular === kind))
}

/** The kind that a command line names: plural, singular, short name or Kind, with or without group. */
export function findResource(name: string): Kind | undefined {
  const [plain = '', ...rest] = name.split('.')
  const group = rest.join('.')
  return kinds.find(
    (known) =>
      (known.resource === plain ||
        known.singular === plain ||
        known.kind === plain ||
        known.shortNames.includes(plain)) &&
      (group === '' || group === known.group || group === `${known.version}.${known.group}`),
  )
}
