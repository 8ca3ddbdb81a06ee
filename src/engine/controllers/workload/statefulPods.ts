import type { Pod, StatefulSet } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { deletionOf } from '../../store/deletion.ts'
import type { Write } from '../../store/store.ts'
import type { Context } from '../controller.ts'
import { recordEvent } from '../events.ts'
import { isAvailable, isFinished, isTerminating } from '../podState.ts'
import { isNamespaceClosed, podFromTemplate } from './podTemplate.ts'
import type { PodTemplate } from './podTemplate.ts'

const component = 'statefulset-controller'

/** A template and the name of the ControllerRevision that holds it. */
export interface Versioned {
  readonly name: string
  readonly template: PodTemplate
}

/** What one sync of a StatefulSet goes by. */
export interface StatefulState {
  readonly set: StatefulSet
  readonly pods: ReadonlyMap<number, Pod>
  /** What the pods were made from when the present rollout began. */
  readonly current: Versioned
  readonly update: Versioned
}

export const revisionLabel = 'controller-revision-hash'

export function minReadySeconds(set: StatefulSet): number {
  return (set.spec['minReadySeconds'] as number | undefined) ?? 0
}

interface Strategy {
  readonly type?: string
  readonly rollingUpdate?: { readonly partition?: number }
}

/** What one sync does. `updating`: how many pods it deletes because their template is old. */
interface StatefulStep {
  readonly writes: readonly Write[]
  readonly updating: number
}

/** Source: stateful_set_control.go updateStatefulSet. */
export function statefulStep(context: Context, state: StatefulState): StatefulStep {
  const { set, pods } = state
  const { now } = context
  const first = (set.spec['ordinals'] as { readonly start?: number } | undefined)?.start ?? 0
  const wanted = set.spec.replicas ?? 1
  const ordered = set.spec.podManagementPolicy !== 'Parallel'
  const writes: Write[] = []
  let exit = false
  for (let ordinal = first; ordinal < first + wanted; ordinal++) {
    const pod = pods.get(ordinal)
    if (!pod) writes.push(...createPod(context, state, ordinal, first))
    else if (isFinished(pod)) {
      writes.push(...deletePod(context, set, pod))
      exit = true
    }
    if (ordered && (!pod || isUnavailable(set, pod, now))) return { writes, updating: 0 }
  }
  if (exit) return { writes, updating: 0 }
  const surplus = [...pods]
    .filter(([ordinal]) => ordinal < first || ordinal >= first + wanted)
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod)
  // The pods that stay are available here, or nobody waits for them.
  const unhealthy = [...surplus].reverse().find((pod) => isUnavailable(set, pod, now))
  for (const pod of surplus) {
    const waits = ordered && (isTerminating(pod) || (isUnavailable(set, pod, now) && pod !== unhealthy))
    if (waits) return { writes, updating: 0 }
    writes.push(...deletePod(context, set, pod))
    if (ordered) return { writes, updating: 0 }
  }
  if (surplus.some((pod) => !isTerminating(pod))) return { writes, updating: 0 }
  const replaced = nextToUpdate(state, first, wanted, now)
  const deleted = replaced ? deletePod(context, set, replaced) : []
  return { writes: [...writes, ...deleted], updating: deleted.length > 0 ? 1 : 0 }
}

/** From the highest ordinal down to the partition, one pod at a time, each available before the next. */
function nextToUpdate(
  { set, pods, update }: StatefulState,
  first: number,
  wanted: number,
  now: SimTime,
): Pod | undefined {
  const { type, rollingUpdate } = (set.spec['updateStrategy'] ?? {}) as Strategy
  if (type === 'OnDelete') return undefined
  for (let i = wanted - 1; i >= (rollingUpdate?.partition ?? 0); i--) {
    const pod = pods.get(first + i)
    if (!pod) return undefined
    if (pod.metadata.labels?.[revisionLabel] !== update.name && !isTerminating(pod)) return pod
    if (isUnavailable(set, pod, now)) return undefined
  }
  return undefined
}

function isUnavailable(set: StatefulSet, pod: Pod, now: SimTime): boolean {
  const running = pod.status?.phase === 'Running' && isAvailable(pod, minReadySeconds(set), now)
  return !running || isTerminating(pod)
}

function createPod(context: Context, state: StatefulState, ordinal: number, first: number): readonly Write[] {
  const { set, current, update } = state
  if (isNamespaceClosed(context.snapshot, set)) return []
  const { rollingUpdate, type = 'RollingUpdate' } = (set.spec['updateStrategy'] ?? {}) as Strategy
  const { currentReplicas = 0 } = (set.status ?? {}) as { readonly currentReplicas?: number }
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : type === 'RollingUpdate' ? currentReplicas : 0
  const { name: revision, template } = ordinal < first + kept ? current : update
  const name = `${set.metadata.name}-${ordinal}`
  const { serviceName } = set.spec
  const pod = podFromTemplate(template, set, name, {
    labels: {
      [revisionLabel]: revision,
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
    spec: {
      hostname: name,
      ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
    },
  })
  return [{ type: 'create', object: pod }, told(context, set, 'Create', name)]
}

function deletePod(context: Context, set: StatefulSet, pod: Pod): readonly Write[] {
  if (isTerminating(pod)) return []
  const write = deletionOf(pod, context.now)
  return write ? [write, told(context, set, 'Delete', pod.metadata.name)] : []
}

function told(context: Context, set: StatefulSet, verb: 'Create' | 'Delete', pod: string): Write {
  const message = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} successful`
  return recordEvent(context, set, component, { type: 'Normal', reason: `Successful${verb}`, message })
}
