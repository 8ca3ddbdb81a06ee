import type { Container, Node, Pod } from '../api/types.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Listener } from '../dataplane/network.ts'
import { createIpam } from './ipam.ts'
import { listenersOf, programOf } from './workload.ts'

/** How long a program needs from its start until it answers. */
const bootMs = 0

/** A probe, as far as it matters here. */
interface ProbeTarget {
  readonly httpGet?: { readonly path?: string; readonly port?: number | string }
  readonly tcpSocket?: { readonly port?: number | string }
  readonly grpc?: { readonly port?: number }
  readonly exec?: { readonly command?: readonly string[] }
}

/** The behaviour of one container, as the kubelet asks for it (`PodRuntime` of the controllers). */
export interface Behaviour {
  readonly image: 'present' | 'ErrImagePull' | 'InvalidImageName'
  readonly exit?: { readonly code: number; readonly afterMs: number }
  readonly stopMs: number
  readonly passesAfterMs: (probe: ProbeTarget) => number | undefined
  readonly refusalOf: (probe: ProbeTarget) => string | undefined
}

export interface Runtime {
  readonly allocateIps: (
    snapshot: Snapshot,
    node: Node,
    pod: Pod,
  ) => { readonly ips: readonly string[] } | { readonly error: string }
  readonly behaviourOf: (pod: Pod, container: Container) => Behaviour
}

/** Addresses from each node's pod CIDRs, and programs from the catalogue. */
export function createRuntime(): Runtime {
  const ipam = createIpam()
  // Pods of one template share their container objects; nothing here depends on more than the template.
  const behaviours = new WeakMap<Container, Behaviour>()
  const byNode = new Map<string, Holders>()
  return {
    allocateIps: (snapshot, node, pod) => {
      if (pod.spec.hostNetwork === true) {
        const addresses = node.status?.addresses ?? []
        return { ips: addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address) }
      }
      const holders = byNode.get(node.metadata.name) ?? holdersOn(snapshot, node)
      byNode.set(node.metadata.name, holders)
      const ranges = node.spec.podCIDRs ?? (node.spec.podCIDR === undefined ? [] : [node.spec.podCIDR])
      const ips: string[] = []
      for (const range of ranges) {
        const allocated = ipam.allocate(range, (ip) => isHeld(snapshot, holders, ip))
        if (!allocated.ok) return { error: allocated.error }
        ips.push(allocated.value)
        holders.set(allocated.value, holderOf(pod))
      }
      return { ips }
    },
    behaviourOf: (pod, container) => {
      const known = behaviours.get(container)
      if (known) return known
      const program = programOf(pod, container)
      const behaviour: Behaviour = {
        image: imageState(container.image ?? ''),
        ...(program.exit ? { exit: program.exit } : {}),
        stopMs: program.stopMs,
        passesAfterMs: (probe) => (passes(pod, container, probe) ? bootMs : undefined),
        refusalOf: (probe) => refusalOf(pod, container, probe),
      }
      behaviours.set(container, behaviour)
      return behaviour
    },
  }
}

/** Who holds an address of a node: the pod's key and uid. */
type Holders = Map<string, { readonly key: string; readonly uid: string }>

function holdersOn(snapshot: Snapshot, node: Node): Holders {
  const holders: Holders = new Map()
  for (const pod of snapshot.indexed('Pod', 'node', node.metadata.name)) {
    for (const { ip } of pod.status?.podIPs ?? []) holders.set(ip, holderOf(pod))
  }
  return holders
}

function holderOf(pod: Pod): { readonly key: string; readonly uid: string } {
  return { key: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, uid: pod.metadata.uid ?? '' }
}

/** An address is free again once its pod is gone. */
function isHeld(snapshot: Snapshot, holders: Holders, ip: string): boolean {
  const holder = holders.get(ip)
  if (!holder) return false
  if (snapshot.get('Pod', holder.key)?.metadata.uid === holder.uid) return true
  holders.delete(ip)
  return false
}

function imageState(image: string): Behaviour['image'] {
  if (/[A-Z\s]/.test(image.split(':')[0] ?? '') || /:{2,}/.test(image)) return 'InvalidImageName'
  return /(^|[/:-])(doesnotexist|does-not-exist|nonexistent|no-such-tag|notfound)\b/.test(image)
    ? 'ErrImagePull'
    : 'present'
}

/** Whether the program in the pod answers `probe`. */
function passes(pod: Pod, container: Container, probe: ProbeTarget): boolean {
  if (probe.exec) {
    const words = (probe.exec.command ?? []).join(' ')
    return !/\bfalse$|\bexit [1-9]/.test(words) && !/\b(cat|ls|test -[ef]) \/(tmp|var|ready|healthy)/.test(words)
  }
  const listener = listenerOf(pod, container, probe)
  if (!listener) return false
  if (probe.grpc) return listener.app.type === 'grpc'
  if (!probe.httpGet) return true
  const path = (probe.httpGet.path ?? '/').split('?')[0] ?? '/'
  switch (listener.app.type) {
    case 'http':
      return (path === '' ? '/' : path) in listener.app.files
    case 'netexec':
      return true
    case 'echo':
      return true
    case 'pages':
      return (listener.app.pages[path] ?? listener.app.other)?.status === 200
    case 'tcp':
    case 'dns':
    case 'grpc':
    case 'site':
      return false
  }
}

function listenerOf(pod: Pod, container: Container, probe: ProbeTarget): Listener | undefined {
  const target = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port
  const port =
    typeof target === 'string' && !/^[0-9]+$/.test(target)
      ? container.ports?.find(({ name }) => name === target)?.containerPort
      : Number(target)
  // The kubelet connects to the pod's address: a server on loopback does not hear it.
  return listenersOf(pod).find((one) => one.protocol === 'TCP' && one.port === port && one.address === 'any')
}

/** What the prober says of a server that answers, but not as it should. Source: kubernetes pkg/probe/http. */
function refusalOf(pod: Pod, container: Container, probe: ProbeTarget): string | undefined {
  if (!probe.httpGet) return undefined
  const app = listenerOf(pod, container, probe)?.app
  if (app?.type !== 'http' && app?.type !== 'pages') return undefined
  const path = (probe.httpGet.path ?? '/').split('?')[0] ?? '/'
  const status = app.type === 'http' ? 404 : ((app.pages[path] ?? app.other)?.status ?? 404)
  return `HTTP probe failed with statuscode: ${status}`
}
