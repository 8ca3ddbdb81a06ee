import type { Container, Node, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { keyOf } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { parseTimestamp } from '../store/timestamp.ts'
import type { Context, Controller } from './controller.ts'
import { recordEvent } from './events.ts'
import type { EventText } from './events.ts'
import { isFinished, isTerminating } from './podState.ts'
import { createMoments, initMs } from './podMoment.ts'
import type { Moments } from './podMoment.ts'
import { hostOf, podStatus } from './podStatus.ts'
import type { PodRuntime } from './runtime.ts'

/** What a kubelet remembers of a pod while it runs it. */
interface PodWorker {
  readonly acceptedAt: SimTime
  ips: readonly string[]
  /** Set when the CNI plugin refused. */
  failure?: string
  readonly sandboxAt: SimTime
  readonly startAt: SimTime
  stopAt?: SimTime
  /** Events are told once. */
  said: readonly EventText[]
  stopping?: true
}

const component = 'kubelet'
const sandboxMs = 200

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

interface Step {
  readonly writes: readonly Write[]
  readonly nextAt?: SimTime
  readonly background: boolean
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
  if (isTerminating(pod)) return stopPod(context, runtime, worker, pod)
  const { now } = context
  const said: EventText[] = []
  const say = (text: EventText): void => {
    if (worker.said.some((one) => isSameText(one, text))) return
    worker.said = [...worker.said, text]
    said.push(text)
  }
  if (worker.ips.length === 0 && now >= worker.sandboxAt) setUpSandbox(context, runtime, worker, node, pod, say)
  // Once the sandbox is up, the containers start; what the pod's address is, is reported with them.
  const firstStart = worker.startAt - (pod.spec.initContainers ?? []).length * initMs
  if (said.length === 0 && worker.ips.length > 0 && now < firstStart && pod.status?.['startTime'] !== undefined) {
    return { writes: [], background: false, nextAt: firstStart }
  }
  const waits = worker.ips.length === 0
  const moment = momentOf(pod, waits ? Infinity : worker.startAt, now)
  if (worker.said.length === 0) {
    // The usual case, and the same list for all pods of a template.
    worker.said = moment.events
    for (const text of moment.events) said.push(text)
  } else if (worker.said !== moment.events) moment.events.forEach(say)
  const status = podStatus(
    pod,
    moment.report,
    { startTime: worker.acceptedAt, host: hostOf(node), ips: worker.ips },
    now,
  )
  const writes: Write[] = []
  // The report goes before the events.
  if (status !== pod.status) writes.push({ type: 'status', kind: 'Pod', key: keyOf(pod), status })
  for (const text of said) writes.push(recordEvent(context, pod, component, text))
  const { nextAt = Infinity, background } = moment
  if (waits && worker.failure === undefined && worker.sandboxAt > now) {
    return { writes, background, nextAt: Math.min(nextAt, worker.sandboxAt) }
  }
  return nextAt === Infinity ? { writes, background: false } : { writes, background, nextAt }
}

function isSameText(a: EventText, b: EventText): boolean {
  return a === b || (a.message === b.message && a.reason === b.reason)
}

function acceptPod(context: Context, pod: Pod): PodWorker {
  const { now, random } = context
  const jitter = random.fork(`kubelet ${pod.metadata.uid ?? keyOf(pod)}`).below(3) * 300
  // The grid is the cluster's, not the pod's: what is due within the same tenth comes out together.
  const acceptedAt = Math.ceil(now / 100) * 100
  const inits = (pod.spec.initContainers ?? []).length
  return {
    acceptedAt: now,
    ips: (pod.status?.podIPs ?? []).map(({ ip }) => ip),
    sandboxAt: acceptedAt + sandboxMs,
    startAt: acceptedAt + sandboxMs + 200 + jitter + inits * initMs,
    said: [],
  }
}

function setUpSandbox(
  context: Context,
  runtime: PodRuntime,
  worker: PodWorker,
  node: Node,
  pod: Pod,
  say: (text: EventText) => void,
): void {
  const allocated = runtime.allocateIps(context.snapshot, node, pod)
  if ('ips' in allocated) {
    worker.ips = allocated.ips
    return
  }
  worker.failure = allocated.error
  const message = `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: ${allocated.error}`
  say({ type: 'Warning', reason: 'FailedCreatePodSandBox', message })
}

/** SIGTERM to every container, SIGKILL at the end of the grace period, then the object goes. */
function stopPod(context: Context, runtime: PodRuntime, worker: PodWorker, pod: Pod): Step {
  const { now } = context
  const key = keyOf(pod)
  const deadline = parseTimestamp(pod.metadata.deletionTimestamp) ?? now
  const asked = deadline - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
  const running = now >= worker.startAt
  const stops = pod.spec.containers.map(
    (container) => preStopMs(container) + runtime.behaviourOf(pod, container).stopMs,
  )
  const slowest = running ? Math.max(...stops, 0) : 0
  worker.stopAt ??= Math.max(now, asked) + slowest
  const end = Math.min(worker.stopAt, Math.max(deadline, now))
  const said: Write[] = []
  if (running && !worker.stopping) {
    worker.stopping = true
    for (const { name } of pod.spec.containers) {
      const message = `Stopping container ${name}`
      said.push(recordEvent(context, pod, component, { type: 'Normal', reason: 'Killing', message }))
    }
  }
  if (now < end) return { writes: said, nextAt: end, background: false }
  return { writes: [...said, { type: 'delete', kind: 'Pod', key }], background: false }
}

interface Hook {
  readonly sleep?: { readonly seconds?: number }
  readonly exec?: { readonly command?: readonly string[] }
}

/** How long the preStop hook takes, before which SIGTERM is not sent. Of commands only `sleep` takes time. */
export function preStopMs(container: Container): number {
  const { sleep, exec } = (container['lifecycle'] as { readonly preStop?: Hook } | undefined)?.preStop ?? {}
  if (sleep) return (sleep.seconds ?? 0) * 1000
  const words = (exec?.command ?? []).join(' ')
  const seconds = /\bsleep +([0-9]+(?:\.[0-9]+)?)/.exec(words)?.[1]
  return seconds === undefined ? 0 : Number(seconds) * 1000
}
