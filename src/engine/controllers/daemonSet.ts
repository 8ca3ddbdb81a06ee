import type { DaemonSet, Node, Pod } from '../api/types.ts'
import { deletionOf } from '../store/deletion.ts'
import { objectKey } from '../store/objects.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { withCondition } from './conditions.ts'
import { eachKey } from './controller.ts'
import type { Context, Controller } from './controller.ts'
import { recordEvent } from './events.ts'
import { generateName } from './names.ts'
import { fitsDaemon } from './nodeFit.ts'
import { claimPods, ownerKeys } from './ownership.ts'
import { isAvailable, isFinished, isReady, isTerminating } from './podState.ts'
import { podFromTemplate } from './podTemplate.ts'
import { podTemplateHash } from './revisionHash.ts'

const component = 'daemonset-controller'
const hashLabel = 'controller-revision-hash'

/** Tolerations that every daemon pod gets: it stays where others are driven out. Source: daemon/util AddOrUpdateDaemonPodTolerations. */
const daemonTolerations = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
].map(([condition, effect]) => ({ key: `node.kubernetes.io/${condition ?? ''}`, operator: 'Exists', effect }))

/** One pod of a DaemonSet on every node that takes it. Source: kubernetes pkg/controller/daemon. */
export const daemonSetController: Controller = {
  name: 'daemonset',
  kinds: ['DaemonSet', 'Pod', 'Node'],
  delay: 10,
  wakes: (change, snapshot) => {
    if (change.kind === 'DaemonSet') return [change.key]
    if (change.kind === 'Pod') return ownerKeys(change, snapshot, 'DaemonSet')
    return change.kind === 'Node' ? allKeys(snapshot) : []
  },
  reconcile: eachKey(reconcileDaemonSet),
}

function allKeys(snapshot: Snapshot): readonly string[] {
  return [...snapshot.list('DaemonSet')].map(({ metadata }) => objectKey(metadata.namespace, metadata.name))
}

/** The writes that bring the pods of the DaemonSet at `key` in line with the nodes; one unavailable pod at a time in an update. */
export function reconcileDaemonSet(context: Context, key: string): readonly Write[] {
  const { snapshot, now } = context
  const set = snapshot.get('DaemonSet', key)
  if (!set || set.metadata.deletionTimestamp !== undefined) return []
  const hash = podTemplateHash(set.spec.template)
  const { pods, writes } = claimPods(snapshot, set, set.spec.selector)
  const nodes = [...snapshot.list('Node')].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const result: Write[] = [...writes]
  const remove = (pod: Pod): void => {
    const write = deletionOf(pod, now)
    if (!write) return
    const text = { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` } as const
    result.push(write, recordEvent(context, set, component, text))
  }
  const template = daemonTemplate(set)
  let [wanted, unavailable] = [0, 0]
  const outdated: Pod[] = []
  for (const node of nodes) {
    const own = pods.filter((pod) => pod.spec.nodeName === node.metadata.name)
    const alive = own.filter((pod) => !isTerminating(pod))
    if (!fitsDaemon(node, podFromTemplate(template, set, 'probe'))) {
      alive.forEach(remove)
      continue
    }
    wanted += 1
    for (const pod of alive.filter(isFinished)) remove(pod)
    const [kept, ...surplus] = alive.filter((pod) => !isFinished(pod))
    surplus.forEach(remove)
    if (!kept) {
      unavailable += 1
      // The old pod of a node must be gone before the new one starts: they would share host ports.
      if (own.length === 0) result.push(...createPod(context, set, template, node, hash))
    } else {
      if (!isAvailable(kept, 0, now)) unavailable += 1
      if (kept.metadata.labels?.[hashLabel] !== hash) outdated.push(kept)
    }
  }
  const strategy = (set.spec['updateStrategy'] as { readonly type?: string } | undefined)?.type
  if (strategy !== 'OnDelete') {
    for (const pod of outdated.filter((one) => !isReady(one))) remove(pod)
    const next = outdated.find(isReady)
    if (next && unavailable === 0) remove(next)
  }
  return [...result, ...statusWrite(context, set, pods, hash, wanted)]
}

function daemonTemplate(set: DaemonSet): DaemonSet['spec']['template'] {
  const { template } = set.spec
  const own = (template.spec['tolerations'] ?? []) as readonly unknown[]
  return { ...template, spec: { ...template.spec, tolerations: [...own, ...daemonTolerations] } }
}

function createPod(
  context: Context,
  set: DaemonSet,
  template: DaemonSet['spec']['template'],
  node: Node,
  hash: string,
): readonly Write[] {
  const namespace = set.metadata.namespace ?? 'default'
  const names = context.random.fork(`pod names ${namespace}/${set.metadata.name} ${node.metadata.name} ${context.now}`)
  const name = generateName(
    `${set.metadata.name}-`,
    names,
    (one) => context.snapshot.get('Pod', objectKey(namespace, one)) !== undefined,
  )
  const pod = podFromTemplate(template, set, name, {
    labels: { [hashLabel]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) },
    // The scheduler would bind it to this node by affinity; nothing else is possible.
    spec: { nodeName: node.metadata.name },
  })
  const scheduled = { type: 'PodScheduled', status: 'True' } as const
  const status = withCondition(pod.status ?? {}, scheduled, formatTimestamp(context.now))
  const text = { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${name}` } as const
  return [{ type: 'create', object: { ...pod, status } }, recordEvent(context, set, component, text)]
}

function statusWrite(
  context: Context,
  set: DaemonSet,
  pods: readonly Pod[],
  hash: string,
  desired: number,
): readonly Write[] {
  const alive = pods.filter((pod) => !isTerminating(pod) && !isFinished(pod))
  const available = alive.filter((pod) => isAvailable(pod, 0, context.now)).length
  const status = {
    currentNumberScheduled: alive.length,
    desiredNumberScheduled: desired,
    numberMisscheduled: 0,
    numberReady: alive.filter(isReady).length,
    updatedNumberScheduled: alive.filter((pod) => pod.metadata.labels?.[hashLabel] === hash).length,
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(desired > available ? { numberUnavailable: desired - available } : {}),
    observedGeneration: set.metadata.generation ?? 1,
  }
  return sameValue(status, set.status) ? [] : [{ type: 'update', object: { ...set, status } }]
}
