import type { DaemonSet, Node, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { deletionOf } from '../../store/deletion.ts'
import { objectKey } from '../../store/objects.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Write } from '../../store/store.ts'
import { claimRevisions, revisionWrites, trimmed } from './controllerRevisions.ts'
import type { Context, Controller, Reconciled } from '../controller.ts'
import { daemonStep, isDaemonAvailable, minReadySeconds, nodeOf, revisionLabel } from './daemonPods.ts'
import type { DaemonNode, DaemonState } from './daemonPods.ts'
import { daemonPod } from './daemonTemplate.ts'
import { recordEvent } from '../events.ts'
import { generateName } from '../names.ts'
import { fitsDaemon } from '../scheduler/nodeFit.ts'
import { claimPods, ownerKeys } from './ownership.ts'
import { isFinished, isReady, isTerminating, readySince } from '../podState.ts'
import { isNamespaceClosed } from './podTemplate.ts'
import { podTemplateHash } from './revisionHash.ts'

const component = 'daemonset-controller'

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
  reconcile: (context, keys) => {
    const results = keys.map((key) => reconcileDaemonSet(context, key))
    return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
  },
}

function allKeys(snapshot: Snapshot): readonly string[] {
  return [...snapshot.list('DaemonSet')].map(({ metadata }) => objectKey(metadata.namespace, metadata.name))
}

/** The writes that bring the pods of the DaemonSet at `key` in line with the nodes, and their template up to date. */
export function reconcileDaemonSet(context: Context, key: string): Reconciled {
  const { snapshot, now } = context
  const set = snapshot.get('DaemonSet', key)
  if (!set || set.metadata.deletionTimestamp !== undefined) return { writes: [] }
  const hash = podTemplateHash(set.spec.template)
  const { pods, writes: claims } = claimPods(snapshot, set, set.spec.selector)
  const { revisions, writes: adopted } = claimRevisions(snapshot, set, set.spec.selector)
  const name = `${set.metadata.name}-${hash}`
  const recorded = revisionWrites(set, set.spec.template, { name, labels: { [revisionLabel]: hash } }, revisions)
  const state: DaemonState = { set, hash, nodes: daemonNodes(context, set, pods) }
  const { create, remove } = daemonStep(state, now)
  const live = new Set([
    name,
    ...pods.map((pod) => `${set.metadata.name}-${pod.metadata.labels?.[revisionLabel] ?? ''}`),
  ])
  const limit = (set.spec['revisionHistoryLimit'] as number | undefined) ?? 10
  return {
    writes: [
      ...claims,
      ...adopted,
      ...recorded,
      ...(isNamespaceClosed(snapshot, set) ? [] : create.flatMap((node) => createPod(context, set, node, hash))),
      ...remove.flatMap((pod) => deletePod(context, set, pod)),
      ...statusWrite(state, now),
      ...trimmed(context, revisions, live, limit),
    ],
    again: nextAvailable(set, pods, now).map((at) => ({ key, at })),
  }
}

/** The nodes by name, each with the pods of the set that are meant for it; the oldest first, those that run before others. */
function daemonNodes({ snapshot }: Context, set: DaemonSet, pods: readonly Pod[]): readonly DaemonNode[] {
  const probe = daemonPod(set, undefined, 'probe')
  const present = pods.filter((pod) => !(isTerminating(pod) && isFinished(pod)))
  const age = ({ metadata, spec }: Pod): string =>
    `${spec.nodeName === undefined ? 1 : 0} ${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return [...snapshot.list('Node')]
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((node) => ({
      node,
      ...fitsDaemon(node, probe),
      pods: present.filter((pod) => nodeOf(pod) === node.metadata.name).sort((a, b) => (age(a) < age(b) ? -1 : 1)),
    }))
}

function nextAvailable(set: DaemonSet, pods: readonly Pod[], now: SimTime): readonly SimTime[] {
  const minReady = minReadySeconds(set)
  if (minReady === 0) return []
  const times = pods.flatMap((pod) => readySince(pod) ?? []).map((since) => since + minReady * 1000)
  const next = Math.min(...times.filter((at) => at > now))
  return next === Infinity ? [] : [next]
}

function createPod(context: Context, set: DaemonSet, node: Node, hash: string): readonly Write[] {
  const namespace = set.metadata.namespace ?? 'default'
  const names = context.random.fork(`pod names ${namespace}/${set.metadata.name} ${node.metadata.name} ${context.now}`)
  const name = generateName(
    `${set.metadata.name}-`,
    names,
    (one) => context.snapshot.get('Pod', objectKey(namespace, one)) !== undefined,
  )
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation']
  const labels = {
    [revisionLabel]: hash,
    ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
  }
  const text = { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${name}` } as const
  const object = daemonPod(set, node.metadata.name, name, labels)
  return [{ type: 'create', object }, recordEvent(context, set, component, text)]
}

function deletePod(context: Context, set: DaemonSet, pod: Pod): readonly Write[] {
  const write = deletionOf(pod, context.now)
  const text = { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` } as const
  return write ? [write, recordEvent(context, set, component, text)] : []
}

/** Source: daemon_controller.go updateDaemonSetStatus. */
function statusWrite({ set, hash, nodes }: DaemonState, now: SimTime): readonly Write[] {
  const wanted = nodes.filter(({ shouldRun }) => shouldRun)
  const first = wanted.flatMap(({ pods }) => pods[0] ?? [])
  const available = first.filter((pod) => isDaemonAvailable(set, pod, now)).length
  const updated = first.filter((pod) => pod.metadata.labels?.[revisionLabel] === hash).length
  const status = {
    currentNumberScheduled: first.length,
    desiredNumberScheduled: wanted.length,
    numberMisscheduled: nodes.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    numberReady: first.filter(isReady).length,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(wanted.length > available ? { numberUnavailable: wanted.length - available } : {}),
    observedGeneration: set.metadata.generation ?? 1,
  }
  return sameValue(status, set.status) ? [] : [{ type: 'update', object: { ...set, status } }]
}
