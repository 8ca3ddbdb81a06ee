import type { Node, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { keyOf } from '../store/objects.ts'
import type { Write } from '../store/store.ts'
import { parseTimestamp } from '../store/timestamp.ts'
import { containerAt } from './containerLife.ts'
import type { ContainerState } from './containerLife.ts'
import type { Context, Controller } from './controller.ts'
import { recordEvent } from './events.ts'
import type { EventText } from './events.ts'
import { isFinished, isTerminating } from './podState.ts'
import { podStatus } from './podStatus.ts'
import type { PodRuntime, Probe } from './runtime.ts'

/** What a kubelet remembers of a pod while it runs it. */
interface PodWorker {
  readonly acceptedAt: SimTime
  ips: readonly string[]
  /** Set when the CNI plugin refused. */
  failure?: string
  readonly sandboxAt: SimTime
  readonly startAt: SimTime
  stopAt?: SimTime
  readonly said: Set<string>
}

const component = 'kubelet'
const sandboxMs = 200
const initMs = 500

/**
 * All kubelets of the cluster: they take the pods bound to their nodes through sandbox, containers and probes to their
 * end. Start times are whole tenths of a second, so that pods started together report together.
 */
export function createKubelets(runtime: PodRuntime): Controller {
  const workers = new Map<string, PodWorker>()
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
        const step = stepPod(context, runtime, workers, node, pod)
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

function stepPod(context: Context, runtime: PodRuntime, workers: Map<string, PodWorker>, node: Node, pod: Pod): Step {
  const uid = pod.metadata.uid ?? keyOf(pod)
  const worker = workers.get(uid) ?? acceptPod(context, pod)
  workers.set(uid, worker)
  if (isTerminating(pod)) return stopPod(context, runtime, worker, pod)
  const { now } = context
  const said: Write[] = []
  const say = (text: EventText): void => {
    const id = `${text.reason} ${text.message}`
    if (worker.said.has(id)) return
    worker.said.add(id)
    said.push(recordEvent(context, pod, component, text))
  }
  if (worker.ips.length === 0 && now >= worker.sandboxAt) setUpSandbox(context, runtime, worker, node, pod, say)
  const [initContainers, containers] = containersOf(runtime, worker, pod, now)
  tellContainers(pod, containers, say)
  const hostIps = hostIpsOf(node)
  const facts = { startTime: worker.acceptedAt, hostIps, ips: worker.ips, initContainers, containers }
  const status = podStatus(pod, facts, now)
  // The report goes before the events.
  if (status !== pod.status) said.unshift({ type: 'update', object: { ...pod, status } })
  const waitsForSandbox = worker.ips.length === 0 && worker.failure === undefined && worker.sandboxAt > now
  let nextAt = waitsForSandbox ? worker.sandboxAt : Infinity
  let background = true
  for (const list of [initContainers, containers]) {
    for (const one of list) {
      if (one.nextAt === undefined) continue
      if (one.nextAt > now && one.nextAt < nextAt) nextAt = one.nextAt
      if (one.looping !== true) background = false
    }
  }
  return nextAt === Infinity ? { writes: said, background: false } : { writes: said, background, nextAt }
}

const hostIpsByNode = new WeakMap<Node, readonly string[]>()

function hostIpsOf(node: Node): readonly string[] {
  const known = hostIpsByNode.get(node)
  if (known) return known
  const { addresses = [] } = node.status ?? {}
  const ips = addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
  hostIpsByNode.set(node, ips)
  return ips
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
    said: new Set(),
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

/** The states of init and ordinary containers. Init containers run one after the other and end well. */
function containersOf(
  runtime: PodRuntime,
  worker: PodWorker,
  pod: Pod,
  now: SimTime,
): readonly [readonly ContainerState[], readonly ContainerState[]] {
  const specs = pod.spec.initContainers ?? []
  const firstStart = worker.startAt - specs.length * initMs
  const inits = specs.map((_container, i): ContainerState => {
    const startedAt = firstStart + i * initMs
    const finishedAt = startedAt + initMs
    if (now < startedAt)
      return { state: 'waiting', reason: 'PodInitializing', restarts: 0, ready: false, nextAt: startedAt }
    if (now < finishedAt) return { state: 'running', startedAt, restarts: 0, ready: false, nextAt: finishedAt }
    return { state: 'terminated', reason: 'Completed', exitCode: 0, startedAt, finishedAt, restarts: 0, ready: true }
  })
  const start = worker.ips.length === 0 ? Infinity : worker.startAt
  const containers = pod.spec.containers.map((container) => {
    return containerAt(pod, container, runtime.behaviourOf(pod, container), start, now)
  })
  return [inits, containers]
}

function tellContainers(pod: Pod, containers: readonly ContainerState[], say: (text: EventText) => void): void {
  containers.forEach((at, i) => {
    const container = pod.spec.containers[i]
    if (!container) return
    const image = container.image ?? ''
    if (at.reason === 'ErrImagePull' || at.reason === 'ImagePullBackOff') {
      const message = `Failed to pull image "${image}": not found`
      say({ type: 'Warning', reason: 'Failed', message })
      if (at.reason === 'ImagePullBackOff') {
        say({ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"` })
      }
    }
    if (at.startedAt !== undefined && at.state !== 'waiting') {
      const present = `Container image "${image}" already present on machine and can be accessed by the pod`
      say({ type: 'Normal', reason: 'Pulled', message: present })
      say({ type: 'Normal', reason: 'Created', message: 'Container created' })
      say({ type: 'Normal', reason: 'Started', message: 'Container started' })
    }
    if (at.reason === 'CrashLoopBackOff') {
      const message = `Back-off restarting failed container ${container.name} in pod ${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`
      say({ type: 'Warning', reason: 'BackOff', message })
    }
    if (at.state === 'running' && !at.ready && at.nextAt === undefined && container.readinessProbe !== undefined) {
      const message = describeFailure(pod, container.readinessProbe as Probe)
      say({ type: 'Warning', reason: 'Unhealthy', message })
    }
  })
}

function describeFailure(pod: Pod, probe: Probe): string {
  const ip = pod.status?.podIP ?? ''
  if (probe.exec) return 'Readiness probe failed: '
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port ?? 0
  const dial = `dial tcp ${ip}:${port}: connect: connection refused`
  return probe.httpGet
    ? `Readiness probe failed: Get "http://${ip}:${port}${probe.httpGet.path ?? '/'}": ${dial}`
    : `Readiness probe failed: ${dial}`
}

/** SIGTERM to every container, SIGKILL at the end of the grace period, then the object goes. */
function stopPod(context: Context, runtime: PodRuntime, worker: PodWorker, pod: Pod): Step {
  const { now } = context
  const key = keyOf(pod)
  const deadline = parseTimestamp(pod.metadata.deletionTimestamp) ?? now
  const asked = deadline - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
  const running = now >= worker.startAt
  const slowest = running
    ? Math.max(...pod.spec.containers.map((container) => runtime.behaviourOf(pod, container).stopMs), 0)
    : 0
  worker.stopAt ??= Math.max(now, asked) + slowest
  const end = Math.min(worker.stopAt, Math.max(deadline, now))
  const said: Write[] = []
  if (running && !worker.said.has('Killing')) {
    worker.said.add('Killing')
    for (const { name } of pod.spec.containers) {
      const message = `Stopping container ${name}`
      said.push(recordEvent(context, pod, component, { type: 'Normal', reason: 'Killing', message }))
    }
  }
  if (now < end) return { writes: said, nextAt: end, background: false }
  return { writes: [...said, { type: 'delete', kind: 'Pod', key }], background: false }
}
