import type { Container, Node, Pod } from '../api/types.ts'
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
import { containerEvents } from './kubeletTexts.ts'
import { isInitialized, podStatus } from './podStatus.ts'
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
  for (const [specs, states] of [
    [pod.spec.initContainers ?? [], initContainers],
    [pod.spec.containers, containers],
  ] as const) {
    specs.forEach((container, i) => {
      const at = states[i]
      if (at) containerEvents(pod, container, at).forEach(say)
    })
  }
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

/**
 * The states of init and ordinary containers. Init containers run one after the other, each once the one before is done;
 * sidecars among them go on running.
 */
function containersOf(
  runtime: PodRuntime,
  worker: PodWorker,
  pod: Pod,
  now: SimTime,
): readonly [readonly ContainerState[], readonly ContainerState[]] {
  const specs = pod.spec.initContainers ?? []
  const blocked = { state: 'waiting', reason: 'PodInitializing', restarts: 0, ready: false } as const
  // `undefined`: something before it is not done yet.
  let start: SimTime | undefined = worker.ips.length === 0 ? Infinity : worker.startAt - specs.length * initMs
  const inits = specs.map((container): ContainerState => {
    if (start === undefined || now < start) {
      const nextAt = start === undefined || start === Infinity ? {} : { nextAt: start }
      start = undefined
      return { ...blocked, ...nextAt }
    }
    const at = initAt(runtime, pod, container, start, now)
    const done = at.state === 'running' ? start + initMs : at.finishedAt
    start = isInitialized(container, at) && done !== undefined ? done : undefined
    return at
  })
  const containers = pod.spec.containers.map((container): ContainerState => {
    if (start === undefined) return blocked
    const at = containerAt(pod, container, runtime.behaviourOf(pod, container), start, now)
    // With init containers nothing is ever `ContainerCreating`.
    return specs.length > 0 && at.reason === 'ContainerCreating' ? { ...at, reason: 'PodInitializing' } : at
  })
  return [inits, containers]
}

/** A program that ends by itself takes at least a moment; a server of an unknown image is taken for one that ends well. */
function initAt(runtime: PodRuntime, pod: Pod, container: Container, start: SimTime, now: SimTime): ContainerState {
  const behaviour = runtime.behaviourOf(pod, container)
  if (container['restartPolicy'] === 'Always') return containerAt(pod, container, behaviour, start, now)
  const exit = { code: behaviour.exit?.code ?? 0, afterMs: Math.max(initMs, behaviour.exit?.afterMs ?? 0) }
  const endless = behaviour.exit === undefined && behaviour.stopMs === Infinity
  const policy = pod.spec['restartPolicy'] === 'Never' ? 'Never' : 'OnFailure'
  const once: Pod = { ...pod, spec: { ...pod.spec, restartPolicy: policy } }
  const at = containerAt(once, container, endless ? behaviour : { ...behaviour, exit }, start, now)
  return at.state === 'terminated' && at.exitCode === 0 ? { ...at, ready: true } : { ...at, ready: false }
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
