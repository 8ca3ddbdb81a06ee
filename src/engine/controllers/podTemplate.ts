import type { KubeObject, ObjectMeta, Pod, PodSpecFields } from '../api/types.ts'

/** A pod as a workload's template describes it. */
export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec: PodSpecFields
}

/** Added by the DefaultTolerationSeconds admission plugin. */
const defaultTolerations = ['not-ready', 'unreachable'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

interface Toleration {
  readonly key?: string
}

// One spec object for all pods of a template: ten thousand replicas share it until they are scheduled.
const admitted = new WeakMap<PodSpecFields, PodSpecFields>()

/** What pod admission adds to a spec: default tolerations and service account. */
export function admittedPodSpec(spec: PodSpecFields): PodSpecFields {
  const known = admitted.get(spec)
  if (known) return known
  const tolerations = (spec['tolerations'] ?? []) as readonly Toleration[]
  const missing = defaultTolerations.filter(({ key }) => !tolerations.some((one) => one.key === key))
  const made: PodSpecFields = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    serviceAccountName: 'default',
    ...spec,
    tolerations: [...tolerations, ...missing],
  }
  admitted.set(spec, made)
  return made
}

/** The pod `name` of `owner`, as its controller posts it. */
export function podFromTemplate(
  template: PodTemplate,
  owner: KubeObject,
  name: string,
  extra: { readonly labels?: Readonly<Record<string, string>>; readonly spec?: Partial<PodSpecFields> } = {},
): Pod {
  const { labels: own, annotations } = template.metadata ?? {}
  // Without additions the pods share the template's labels: one object for ten thousand.
  const labels = extra.labels ? { ...own, ...extra.labels } : own
  const spec = admittedPodSpec(template.spec)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: owner.metadata.namespace ?? 'default',
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: extra.spec ? { ...spec, ...extra.spec } : spec,
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  }
}

/** The owner reference that makes `owner` the controller. */
export function controllerReference(owner: KubeObject): NonNullable<ObjectMeta['ownerReferences']>[number] {
  const { name, uid } = owner.metadata
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid: uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
