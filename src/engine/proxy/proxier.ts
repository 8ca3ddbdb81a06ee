import type { EndpointSlice, Service } from '../api/types.ts'
import type { NodeTopology } from './topology.ts'
import type { SyncOutput } from './types.ts'

export interface SyncOptions {
  /** Seconds on the node's clock; decides about hourly full syncs and delayed cleanups. 0 when absent. */
  readonly now?: number
  /** Names of the family's nat chains in the kernel: a full sync deletes per-service chains that an earlier kube-proxy left. */
  readonly natChains?: () => Iterable<string>
}

/** kube-proxy's part for one IP family. */
export interface Proxier {
  /** Whole state in, what to do to the kernel out. Unchanged objects should be the same objects as last time. */
  readonly sync: (services: readonly Service[], slices: readonly EndpointSlice[], options: SyncOptions) => SyncOutput
  /** The node's topology labels changed: the next sync is full. */
  readonly setTopology: (topology: NodeTopology) => void
  /** After a failed restore, or when somebody flushed the rules (canary). */
  readonly forceFullSync: () => void
}
