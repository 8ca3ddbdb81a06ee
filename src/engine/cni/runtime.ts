import type { Container, Node, Pod } from '../api/types.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { createIpam } from './ipam.ts'
import { programOf } from './workload.ts'

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
  const given = new Map<string, Map<string, string>>()
  return {
    allocateIps: (snapshot, node, pod) => {
      if (pod.spec.hostNetwork === true) {
        const addresses = node.status?.addresses ?? []
        return { ips: addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address) }
      }
      const reserved = given.get(node.metadata.name) ?? new Map<string, string>()
      given.set(node.metadata.name, reserved)
      const used = usedIps(snapshot, node, reserved)
      const ranges = node.spec.podCIDRs ?? (node.spec.podCIDR === undefined ? [] : [node.spec.podCIDR])
      const ips: string[] = []
      for (const range of ranges) {
        const allocated = ipam.allocate(range, (ip) => used.has(ip))
        if (!allocated.ok) return { error: allocated.error }
        ips.push(allocated.value)
        reserved.set(allocated.value, pod.metadata.uid ?? '')
      }
      return { ips }
    },
    behaviourOf: (pod, container) => {
      const program = programOf(pod, container)
      return {
        image: imageState(container.image ?? ''),
        ...(program.exit ? { exit: program.exit } : {}),
        stopMs: program.stopMs,
        passesAfterMs: (probe) => (passes(pod, container, probe) ? bootMs : undefined),
      }
    },
  }
}

/** Addresses of the node's pods, and those given out a moment ago whose pods do not show them yet. */
function usedIps(snapshot: Snapshot, node: Node, reserved: Map<string, string>): ReadonlySet<string> {
  const used = new Set<string>()
  const living = new Set<string>()
  for (const pod of snapshot.indexed('Pod', 'node', node.metadata.name)) {
    living.add(pod.metadata.uid ?? '')
    for (const { ip } of pod.status?.podIPs ?? []) used.add(ip)
  }
  for (const [ip, uid] of reserved) {
    if (living.has(uid)) used.add(ip)
    else reserved.delete(ip)
  }
  return used
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
  const target = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port
  const port =
    typeof target === 'string' && !/^[0-9]+$/.test(target)
      ? container.ports?.find(({ name }) => name === target)?.containerPort
      : Number(target)
  const listener = pod.spec.containers
    .flatMap((one) => programOf(pod, one).listeners)
    // The kubelet connects to the pod's address: a server on loopback does not hear it.
    .find((one) => one.protocol === 'TCP' && one.port === port && one.address === 'any')
  if (!listener) return false
  if (!probe.httpGet) return true
  const path = (probe.httpGet.path ?? '/').split('?')[0] ?? '/'
  switch (listener.app.type) {
    case 'http':
      return (path === '' ? '/' : path) in listener.app.files
    case 'netexec':
      return true
    case 'echo':
      return true
    case 'tcp':
    case 'dns':
      return false
  }
}
