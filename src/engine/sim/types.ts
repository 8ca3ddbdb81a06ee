import type { SimTime } from '../base/time.ts'
import type { KubeObject } from '../api/types.ts'
import type { ProxyMode } from '../proxy/types.ts'
import type { Outcome } from '../trace/event.ts'

/** One line of a table as the tool on the node prints it. */
export interface TableLine {
  readonly text: string
  /** Packets that the rule counted, where the line is a rule. */
  readonly packets?: number
  /** The table the line belongs to (`nat`, `filter`, `ip kube-proxy`), where it is a rule: with `text` it finds the line of a trace event. */
  readonly table?: string
}

/** What one tool shows on one node. */
export interface TableView {
  /** `iptables`, `ipvs`, `ipvs-connections`, `ipset`, `nft`, `conntrack`, `routes`, `addresses`, `userspace`, `log` */
  readonly id: string
  /** The command that prints it: `iptables-save`, `ipvsadm -Ln`, ... */
  readonly command: string
  readonly lines: readonly TableLine[]
  /** When `lines` is empty: what would fill it. */
  readonly empty: string
}

export interface NodeTables {
  readonly node: string
  readonly mode: ProxyMode
  readonly views: readonly TableView[]
}

/** One possible end of a request with its exact chance. */
export interface WeightedOutcome extends Outcome {
  readonly probability: number
  readonly matched: Readonly<Record<string, readonly string[]>>
  readonly matchedOnPath?: Readonly<Record<string, readonly string[]>>
}

/** What a write to the API led to, in kubectl's words: `service/web created`, or the error text as it goes to stderr. */
export interface ApplyResult {
  /** Index of the document in the list that was applied. */
  readonly document: number
  readonly ok: boolean
  readonly message: string
  /** Where validation names fields: one entry a fault, path as in the API server's message (`spec.ports[0].port`). */
  readonly causes: readonly { readonly field: string; readonly message: string }[]
}

/** What changed since the last look: objects by reference, so that the interface redraws little. */
export interface ObjectChanges {
  readonly changed: readonly KubeObject[]
  /** `Kind/namespace/name` or `Kind/name`. */
  readonly deleted: readonly string[]
  readonly now: SimTime
}
