import type { Trace } from '../engine/index.ts'

/** Who a trace needs on the canvas, as a layout pins it: namespaces with sockets, and nodes on the way. */
export interface Pinned {
  /** Namespaces that send or receive: `pod/…` and `host/…`; `node/…` where a process of the node's own does. */
  readonly ends: ReadonlySet<string>
  /** Names of nodes that a packet passes. */
  readonly nodes: ReadonlySet<string>
}

export const NOTHING_PINNED: Pinned = { ends: new Set(), nodes: new Set() }

export function pinnedBy(trace: Trace | undefined): Pinned {
  if (!trace) return NOTHING_PINNED
  const ends = new Set<string>()
  const nodes = new Set<string>()
  for (const event of trace.events) {
    const { at } = event
    if (at.startsWith('node/')) nodes.add(at.slice('node/'.length))
    else ends.add(at)
    const socket = event.type === 'sent' ? event.by : event.type === 'delivered' ? event.socket : undefined
    if (socket === undefined || !at.startsWith('node/')) continue
    const owner = socketOwner(socket)
    if (owner.type === 'process') ends.add(at)
    else if (owner.type === 'pod') ends.add(owner.id)
  }
  return { ends, nodes }
}

export type SocketOwner =
  { readonly type: 'kubeProxy' | 'kernel' | 'process' } | { readonly type: 'pod'; readonly id: string }

/** Whose a node's socket is: `by` and `socket` of the trace begin with `kube-proxy`, `kernel`, or a pod's `namespace/name`. */
export function socketOwner(text: string): SocketOwner {
  const [first = ''] = text.split(' ')
  if (first.startsWith('kube-proxy')) return { type: 'kubeProxy' }
  if (first === 'kernel') return { type: 'kernel' }
  if (first.includes('/') && !first.startsWith('node/') && !first.startsWith('host/')) {
    return { type: 'pod', id: `pod/${first.replace(/^pod\//, '')}` }
  }
  return { type: 'process' }
}
