import type { Container, Node, Pod } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import type { Snapshot } from '../../store/snapshot.ts'

/** How the program in a container behaves over time; what it answers on the network is `cni`'s to know. */
export interface ContainerBehaviour {
  /** `ErrImagePull` and `InvalidImageName` keep the container waiting. */
  readonly image: 'present' | 'ErrImagePull' | 'InvalidImageName'
  /** The program ends by itself, this long after its start. */
  readonly exit?: { readonly code: number; readonly afterMs: number }
  /** Where every run is different: how the run that starts at `startedAt` ends. Asked at that time first; the answer stays. */
  readonly exitOf?: (startedAt: SimTime) => ContainerBehaviour['exit'] | undefined
  /** From SIGTERM to the end; the grace period cuts it short. */
  readonly stopMs: number
  /** From start until `probe` first succeeds; undefined: never. */
  readonly passesAfterMs: (probe: Probe) => number | undefined
  /** What a probe that does not pass is told by a server that listens; undefined: nobody answers. */
  readonly refusalOf?: (probe: Probe) => string | undefined
}

/** A readiness, liveness or startup probe. Source: core/v1 Probe. */
export interface Probe {
  readonly httpGet?: { readonly path?: string; readonly port?: number | string }
  readonly tcpSocket?: { readonly port?: number | string }
  readonly exec?: { readonly command?: readonly string[] }
  readonly grpc?: { readonly port?: number }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly timeoutSeconds?: number
  readonly successThreshold?: number
  readonly failureThreshold?: number
}

/** What the kubelet asks of the machine that it runs on. */
export interface PodRuntime {
  /** Addresses for a new pod on `node`, one per family that the node has; the error is the CNI plugin's. */
  readonly allocateIps: (
    snapshot: Snapshot,
    node: Node,
    pod: Pod,
  ) => { readonly ips: readonly string[] } | { readonly error: string }
  readonly behaviourOf: (pod: Pod, container: Container) => ContainerBehaviour
  /** Whether the node's kubelet is alive. */
  readonly isUp: (node: string) => boolean
}
