import type { Node, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { keyOf } from '../../store/objects.ts'
import type { Write } from '../../store/store.ts'
import { formatTimestamp } from '../../store/timestamp.ts'
import type { Context, Controller } from '../controller.ts'
import { recordEvent } from '../events.ts'
import type { EventText } from '../events.ts'
import { matchesAffinity } from '../scheduler/nodeFit.ts'
import { isFinished, isTerminating } from '../podState.ts'
import type { RunEvent } from './kubeletTexts.ts'
import { containersOf, createMoments } from './podMoment.ts'
import type { Moments } from './podMoment.ts'
import { hostOf, podStatus } from './podStatus.ts'
import { planStop, stopStep } from './podStop.ts'
import type { Step, StopPlan } from './podStop.ts'
import type { PodRuntime } from './runtime.ts'

/** What a kubelet remembers of a pod while it runs it. */
interface PodWorker {
  readonly acceptedAt: SimTime
  ips: readonly string[]
  /** Set when the CNI plugin refused. */
  failure?: string
  /** When the sandbox stands and the first container starts. */
  readonly startAt: SimTime
  /** Events are told once a run. */
  said: readonly RunEvent[]
  stop?: StopPlan
}

const component = 'kubelet'
const creatingMs = 400

/**
 * All kubelets of the cluster: they take the pods bound to their nodes through sandbox, containers and probes to their
 * end. Start times are whole tenths of a second, so that pods started together report together.
 */
export function createKubelets(runtime: PodRuntime): Controller {
  const workers = new Map<string, PodWorker>()
  const momentOf = createMoments(runtime)
  return {
    name: 'kubelet',
    kinds: ['Pod'],
    delay: 10,
    wakes: (change) => {
      if (change.kind !== 'Pod') return none
      const pod = change.object as Pod
      if (change.type === 'DELETED') workers.delete(pod.metadata.uid ?? '')
      else if (pod.spec.nodeName !== undefined && concernsKubelet(pod, change.previous as Pod | undefined))
        return [change.key]
      return none
    },
    reconcile: (context, keys) => {
      const writes: Write[] = []
      const again: { key: string; at: SimTime; background?: boolean }[] = []
      for (const key of keys) {
        const pod = context.snapshot.get('Pod', key)
        const node = pod && context.snapshot.get('Node', pod.spec.nodeName ?? '')
        if (!pod || !node || !runtime.isUp(node.metadata.name)) continue
        if (isFinished(pod) && !isTerminating(pod)) continue
        const step = stepPod(context, runtime, momentOf, workers, node, pod)
        for (const write of step.writes) writes.push(write)
        if (step.nextAt !== undefined) again.push({ key, at: step.nextAt, background: step.background })
      }
      return { writes, again }
    },
  }
}

const none: readonly string[] = []

/** Its own status reports come back on the watch; they are no news. A gate that somebody else opened is. */
function concernsKubelet(pod: Pod, previous: Pod | undefined): boolean {
  return (
    previous?.spec !== pod.spec ||
    previous.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    pod.spec['readinessGates'] !== undefined
  )
}

function stepPod(
  context: Context,
  runtime: PodRuntime,
  momentOf: Moments,
  workers: Map<string, PodWorker>,
  node: Node,
  pod: Pod,
): Step {
  const uid = pod.metadata.uid ?? keyOf(pod)
  const worker = workers.get(uid) ?? acceptPod(context, pod)
  workers.set(uid, worker)
  const { now } = context
  const host = hostOf(node)
  const tell = (text: EventText): Write => recordEvent(context, pod, component, text, node.metadata.name)
  if (isTerminating(pod)) {
    const begun = worker.stop !== undefined
    worker.stop ??= planStop(runtime, pod, containersOf(runtime, startOf(worker), pod, now), now)
    const facts = { startTime: worker.acceptedAt, host, ips: worker.ips }
    const step = stopStep(pod, worker.stop, facts, now)
    const events = begun ? [] : worker.stop.events.map(tell)
    return events.length === 0 ? step : { ...step, writes: [...events, ...step.writes] }
  }
  if (pod.status?.['startTime'] === undefined && !matchesAffinity(node, pod)) {
    return { writes: rejected(pod, tell, now), background: false }
  }
  const said: RunEvent[] = []
  const say = (text: RunEvent): void => {
    if (worker.said.some((one) => isSameText(one, text))) return
    worker.said = [...worker.said, text]
    said.push(text)
  }
  if (worker.ips.length === 0 && now >= worker.startAt) setUpSandbox(context, runtime, worker, node, pod, say)
  const moment = momentOf(pod, startOf(worker), now, worker.ips[0])
  if (worker.said.length === 0) {
    // The usual case, and the same list for all pods of a template.
    worker.said = moment.events
    for (const text of moment.events) said.push(text)
  } else if (worker.said !== moment.events) moment.events.forEach(say)
  const status = podStatus(pod, moment.report, { startTime: worker.acceptedAt, host, ips: worker.ips }, now)
  // What happened is told at once, the status once the kubelet has looked at its containers.
  const writes: Write[] = said.map(tell)
  if (status !== pod.status) writes.push({ type: 'status', kind: 'Pod', key: keyOf(pod), status })
  const { nextAt = Infinity, background } = moment
  if (worker.ips.length === 0 && worker.failure === undefined && worker.startAt > now) {
    return { writes, background: false, nextAt: Math.min(nextAt, worker.startAt) }
  }
  return nextAt === Infinity ? { writes, background: false } : { writes, background, nextAt }
}

/** A pod that its author bound to a node that it does not want. Source: kubelet lifecycle/predicate.go, kubelet.go rejectPod. */
function rejected(pod: Pod, tell: (text: EventText) => Write, now: SimTime): readonly Write[] {
  const message = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
  const reason = 'NodeAffinity'
  const status = {
    ...pod.status,
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    startTime: formatTimestamp(now),
    observedGeneration: pod.metadata.generation ?? 1,
  }
  return [tell({ type: 'Warning', reason, message }), { type: 'status', kind: 'Pod', key: keyOf(pod), status }]
}

/** Nothing starts before the sandbox stands. */
function startOf({ ips, startAt }: PodWorker): SimTime {
  return ips.length === 0 ? Infinity : startAt
}

function isSameText(a: RunEvent, b: RunEvent): boolean {
  return a === b || (a.message === b.message && a.reason === b.reason && a.run === b.run && a.fieldPath === b.fieldPath)
}

function acceptPod(context: Context, pod: Pod): PodWorker {
  const { now, random } = context
  const jitter = random.fork(`kubelet ${pod.metadata.uid ?? keyOf(pod)}`).below(3) * 300
  // The grid is the cluster's, not the pod's: what is due within the same tenth comes out together.
  const acceptedAt = Math.ceil(now / 100) * 100
  return {
    acceptedAt: now,
    ips: (pod.status?.podIPs ?? []).map(({ ip }) => ip),
    startAt: acceptedAt + creatingMs + jitter,
    said: [],
  }
}

function setUpSandbox(
  context: Context,
  runtime: PodRuntime,
  worker: PodWorker,
  node: Node,
  pod: Pod,
  say: (text: RunEvent) => void,
): void {
  const allocated = runtime.allocateIps(context.snapshot, node, pod)
  if ('ips' in allocated) {
    worker.ips = allocated.ips
    return
  }
  worker.failure = allocated.error
  const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ${allocated.error}`
  say({ type: 'Warning', reason: 'FailedCreatePodSandBox', message, run: 0 })
}
