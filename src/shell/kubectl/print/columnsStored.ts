import { parseTimestamp } from '../../../engine/index.ts'
import type { KubeObject } from '../../../engine/index.ts'
import { printAge } from './age.ts'
import {
  age,
  at,
  computed,
  containerColumns,
  field,
  loose,
  looseList,
  name,
  none,
  printLabels,
  selectorText,
  show,
  since,
} from './columnCells.ts'
import type { Column, Loose } from './columnCells.ts'

function hosts(object: KubeObject): string {
  const rules = looseList(at(object, 'spec.rules'))
  const all = rules.map((rule) => show(rule['host'] ?? '')).filter((host) => host !== '')
  if (all.length === 0) return '*'
  const shown = all.slice(0, 3).join(',')
  return all.length >= 3 && rules.length > 3 ? `${shown} + ${rules.length - 3} more...` : shown
}

function parameters(object: KubeObject): string {
  const { kind, apiGroup, name: of } = loose(at(object, 'spec.parameters'))
  if (kind === undefined) return none
  return `${show(kind)}${apiGroup === undefined ? '' : `.${show(apiGroup)}`}/${show(of)}`
}

function jobStatus(object: KubeObject): string {
  const is = (type: string): boolean =>
    looseList(at(object, 'status.conditions')).some(
      (condition) => condition['type'] === type && condition['status'] === 'True',
    )
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating'
  return is('Suspended') ? 'Suspended' : 'Running'
}

function completions(object: KubeObject): string {
  const done = show(at(object, 'status.succeeded') ?? 0)
  const wanted = at(object, 'spec.completions')
  if (wanted !== undefined) return `${done}/${show(wanted)}`
  const parallelism = Number(at(object, 'spec.parallelism') ?? 0)
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function jobDuration(object: KubeObject, now: number): string {
  const time = (path: string): number | undefined => {
    const value = at(object, path)
    return parseTimestamp(typeof value === 'string' ? value : undefined)
  }
  const start = time('status.startTime')
  return start === undefined ? '' : printAge((time('status.completionTime') ?? now) - start)
}

const modeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** In the server's order, whatever the manifest's. */
function accessModes(modes: unknown): string {
  const given = looseList(modes).map(show)
  return Object.keys(modeNames)
    .filter((mode) => given.includes(mode))
    .map((mode) => modeNames[mode])
    .join(',')
}

function phase(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined ? show(at(object, 'status.phase') ?? '') : 'Terminating'
}

function claim(object: KubeObject): string {
  const { namespace = '', name: of = '' } = loose(at(object, 'spec.claimRef'))
  return at(object, 'spec.claimRef') === undefined ? '' : `${show(namespace)}/${show(of)}`
}

function targets(object: KubeObject): string {
  const metrics = looseList(at(object, 'spec.metrics'))
  if (metrics.length === 0) return none
  const shown = metrics.slice(0, 2).map(metricText).join(', ')
  return metrics.length > 2 ? `${shown} + ${metrics.length - 2} more...` : shown
}

/** Nothing measures anything here: what there is now is unknown. */
function metricText(metric: Loose): string {
  const type = show(metric['type'])
  const source = loose(metric[type.charAt(0).toLowerCase() + type.slice(1)])
  const { averageUtilization, averageValue, value } = loose(source['target'])
  if (type === 'Resource' || type === 'ContainerResource') {
    const target = averageValue ?? (averageUtilization === undefined ? '<auto>' : `${show(averageUtilization)}%`)
    return `${show(source['name'])}: <unknown>/${show(target)}`
  }
  if (type === 'Pods') return `<unknown>/${show(averageValue)}`
  return averageValue === undefined ? `<unknown>/${show(value)}` : `<unknown>/${show(averageValue)} (avg)`
}

const subjectNames = (kind: string) => (object: KubeObject) =>
  looseList(object['subjects'])
    .filter((subject) => subject['kind'] === kind)
    .map(({ namespace, name: of }) =>
      kind === 'ServiceAccount' && show(namespace ?? '') !== '' ? `${show(namespace)}/${show(of)}` : show(of),
    )
    .join(', ')

const quota = (isLimit: boolean) => (object: KubeObject) =>
  Object.entries(loose(at(object, 'status.hard')))
    .filter(([resource]) => resource.startsWith('limits.') === isLimit)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([resource, hard]) => `${resource}: ${show(loose(at(object, 'status.used'))[resource] ?? '0')}/${show(hard)}`)
    .join(', ')

const createdAt = computed('CREATED AT', ({ metadata }) => metadata.creationTimestamp ?? '')
const template = 'spec.template.spec.containers'
const jobTemplate = 'spec.jobTemplate.spec'

const binding: readonly Column[] = [
  name,
  computed('ROLE', (object) => `${show(at(object, 'roleRef.kind'))}/${show(at(object, 'roleRef.name'))}`),
  age,
  computed('USERS', subjectNames('User'), true),
  computed('GROUPS', subjectNames('Group'), true),
  computed('SERVICEACCOUNTS', subjectNames('ServiceAccount'), true),
]

const isDefaultClass = 'storageclass.kubernetes.io/is-default-class'

/** Tables of the kinds that are only stored. Source: kubernetes pkg/printers/internalversion. */
export const storedTables: Readonly<Record<string, readonly Column[]>> = {
  Secret: [
    name,
    field('TYPE', 'type'),
    computed('DATA', (object) => String(Object.keys(loose(object['data'])).length)),
    age,
  ],
  Ingress: [
    name,
    field('CLASS', 'spec.ingressClassName', none),
    computed('HOSTS', hosts),
    computed('ADDRESS', (object) =>
      looseList(at(object, 'status.loadBalancer.ingress'))
        .map(({ ip, hostname }) => show(ip ?? hostname ?? ''))
        .sort()
        .join(','),
    ),
    computed('PORTS', (object) => (looseList(at(object, 'spec.tls')).length > 0 ? '80, 443' : '80')),
    age,
  ],
  IngressClass: [name, field('CONTROLLER', 'spec.controller'), computed('PARAMETERS', parameters), age],
  NetworkPolicy: [name, computed('POD-SELECTOR', (object) => selectorText(at(object, 'spec.podSelector'))), age],
  Job: [
    name,
    computed('STATUS', jobStatus),
    computed('COMPLETIONS', completions),
    computed('DURATION', jobDuration),
    age,
    ...containerColumns(template),
    computed('SELECTOR', (object) => selectorText(at(object, 'spec.selector')), true),
  ],
  CronJob: [
    name,
    field('SCHEDULE', 'spec.schedule'),
    field('TIMEZONE', 'spec.timeZone', none),
    computed('SUSPEND', (object) => (at(object, 'spec.suspend') === true ? 'True' : 'False')),
    computed('ACTIVE', (object) => String(looseList(at(object, 'status.active')).length)),
    computed('LAST SCHEDULE', (object, now) => since(at(object, 'status.lastScheduleTime'), now, none)),
    age,
    ...containerColumns(`${jobTemplate}.template.spec.containers`),
    computed('SELECTOR', (object) => selectorText(at(object, `${jobTemplate}.selector`)), true),
  ],
  PersistentVolumeClaim: [
    name,
    computed('STATUS', phase),
    field('VOLUME', 'spec.volumeName'),
    computed('CAPACITY', (object) =>
      at(object, 'spec.volumeName') === undefined ? '' : show(at(object, 'status.capacity.storage') ?? '0'),
    ),
    computed('ACCESS MODES', (object) => accessModes(at(object, 'status.accessModes'))),
    field('STORAGECLASS', 'spec.storageClassName'),
    field('VOLUMEATTRIBUTESCLASS', 'spec.volumeAttributesClassName', '<unset>'),
    age,
    field('VOLUMEMODE', 'spec.volumeMode', '<unset>', true),
  ],
  PersistentVolume: [
    name,
    field('CAPACITY', 'spec.capacity.storage', '0'),
    computed('ACCESS MODES', (object) => accessModes(at(object, 'spec.accessModes'))),
    field('RECLAIM POLICY', 'spec.persistentVolumeReclaimPolicy'),
    computed('STATUS', phase),
    computed('CLAIM', claim),
    field('STORAGECLASS', 'spec.storageClassName'),
    field('VOLUMEATTRIBUTESCLASS', 'spec.volumeAttributesClassName', '<unset>'),
    field('REASON', 'status.reason'),
    age,
    field('VOLUMEMODE', 'spec.volumeMode', '<unset>', true),
  ],
  StorageClass: [
    computed('NAME', ({ metadata }) =>
      metadata.annotations?.[isDefaultClass] === 'true' ? `${metadata.name} (default)` : metadata.name,
    ),
    field('PROVISIONER', 'provisioner'),
    field('RECLAIMPOLICY', 'reclaimPolicy'),
    field('VOLUMEBINDINGMODE', 'volumeBindingMode'),
    field('ALLOWVOLUMEEXPANSION', 'allowVolumeExpansion', 'false'),
    age,
  ],
  HorizontalPodAutoscaler: [
    name,
    computed('REFERENCE', (object) => {
      const { kind, name: of } = loose(at(object, 'spec.scaleTargetRef'))
      return `${show(kind)}/${show(of)}`
    }),
    computed('TARGETS', targets),
    field('MINPODS', 'spec.minReplicas', '<unset>'),
    field('MAXPODS', 'spec.maxReplicas', '0'),
    field('REPLICAS', 'status.currentReplicas', '0'),
    age,
  ],
  PodDisruptionBudget: [
    name,
    field('MIN AVAILABLE', 'spec.minAvailable', 'N/A'),
    field('MAX UNAVAILABLE', 'spec.maxUnavailable', 'N/A'),
    field('ALLOWED DISRUPTIONS', 'status.disruptionsAllowed', '0'),
    age,
  ],
  ResourceQuota: [name, computed('REQUEST', quota(false)), computed('LIMIT', quota(true)), age],
  LimitRange: [name, createdAt],
  Role: [name, createdAt],
  ClusterRole: [name, createdAt],
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  PriorityClass: [
    name,
    field('VALUE', 'value', '0'),
    field('GLOBAL-DEFAULT', 'globalDefault', 'false'),
    age,
    field('PREEMPTIONPOLICY', 'preemptionPolicy'),
  ],
  RuntimeClass: [name, field('HANDLER', 'handler'), age],
  Lease: [name, field('HOLDER', 'spec.holderIdentity'), age],
  ReplicationController: [
    name,
    field('DESIRED', 'spec.replicas', '0'),
    field('CURRENT', 'status.replicas', '0'),
    field('READY', 'status.readyReplicas', '0'),
    age,
    ...containerColumns(template),
    computed('SELECTOR', (object) => printLabels(at(object, 'spec.selector')), true),
  ],
  PodTemplate: [
    name,
    ...containerColumns('template.spec.containers').map((column) => ({ ...column, wide: false })),
    computed('POD LABELS', (object) => printLabels(at(object, 'template.metadata.labels'))),
  ],
  ControllerRevision: [
    name,
    computed('CONTROLLER', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
      const [group, version] = owner?.apiVersion.split('/') ?? []
      return owner ? `${owner.kind.toLowerCase()}${version === undefined ? '' : `.${group ?? ''}`}/${owner.name}` : none
    }),
    field('REVISION', 'revision', '0'),
    age,
  ],
  CustomResourceDefinition: [name, createdAt],
}
