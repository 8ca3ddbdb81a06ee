import { buildNetwork, routingVia } from './buildMachines.ts'
import { checkpointMatchState, emptyJournal, undoCounters } from '../netfilter/matchState.ts'
import { runAttempt } from './attempt.ts'
import type { AttemptOptions, RunResult } from './attempt.ts'
import type { AttemptRequest } from './request.ts'
import type { Node, NodeKernel } from './machine.ts'
import type { NetworkSpec } from './network.ts'
import type { JournalEntry } from '../netfilter/matchState.ts'
import type { RoutingTable } from '../routing/routingTable.ts'

/** What a traced or untraced attempt led to, with the rules that it matched. */
export interface Attempt extends Omit<RunResult, 'touched'> {
  /** Per node name: `table rule-text` of every iptables rule whose packet counter rose, sorted. Untouched nodes are left out. */
  readonly matched: Readonly<Record<string, readonly string[]>>
  /** Likewise for nft rules; only where a node has them. */
  readonly matchedOnPath?: Readonly<Record<string, readonly string[]>>
  readonly rulesTried: number
}

/** All kernels and wires of the cluster. */
export interface Dataplane {
  /** The kernel of a node; undefined: no such node. */
  readonly node: (name: string) => NodeKernel | undefined
  readonly routing: (node: string) => RoutingTable | undefined
  readonly nodeNames: () => readonly string[]
  /** Takes the machines and wires as they are now; nodes that stay keep what their kernels hold. */
  readonly setNetwork: (spec: NetworkSpec) => void
  /** Undefined: `request.from` or `request.via` is not there. */
  readonly attempt: (request: AttemptRequest, options: AttemptOptions) => Attempt | undefined
  /** Runs `trial`, which may bring the kernels' present state back (counters included) as often as it likes; so does its end. */
  readonly withoutEffect: <T>(trial: (restore: () => void) => T) => T
}

export function createDataplane(spec: NetworkSpec): Dataplane {
  let network = buildNetwork(spec, undefined)
  const nodeOf = (name: string): Node | undefined => network.nodes.find((node) => node.name === name)

  return {
    node: (name) => nodeOf(name)?.kernel,
    routing: (name) => nodeOf(name)?.routing,
    nodeNames: () => network.nodes.map(({ name }) => name),
    setNetwork: (next) => {
      network = buildNetwork(next, network)
    },
    attempt: (request, options) => {
      const machine = network.machines.get(request.from)
      const via = request.via === undefined ? undefined : nodeOf(request.via)
      if (!machine || (request.via !== undefined && !via)) return undefined
      const usual = machine.routing
      if (via && machine.kind === 'host') machine.routing = routingVia(machine, via)
      const { touched, ...result } = runAttempt(network, machine, request, options)
      machine.routing = usual
      // Not spread: that would ask for `matched`.
      return Object.defineProperties(result, Object.getOwnPropertyDescriptors(countedOn(touched))) as Attempt
    },
    withoutEffect: (trial) => {
      const { nodes } = network
      const restores = nodes.map(({ kernel }) => checkpointKernel(kernel))
      const restore = (): void => {
        for (const one of restores) one()
      }
      const outer = nodes.map(({ kernel }) => kernel.matchState.journal.kept)
      for (const { kernel } of nodes) {
        emptyJournal(kernel.matchState.journal)
        kernel.matchState.journal.kept = []
      }
      const result = trial(restore)
      restore()
      nodes.forEach(({ kernel }, i) => (kernel.matchState.journal.kept = outer[i]))
      return result
    },
  }
}

function countedOn(nodes: ReadonlySet<Node>): Pick<Attempt, 'matched' | 'matchedOnPath' | 'rulesTried'> {
  const journals: { readonly name: string; readonly entries: readonly JournalEntry[] }[] = []
  const matchedOnPath: Record<string, readonly string[]> = {}
  let rulesTried = 0
  let hasNft = false
  for (const { name, kernel } of nodes) {
    const { journal } = kernel.matchState
    rulesTried += journal.tried
    journals.push({ name, entries: journal.entries })
    hasNft ||= kernel.nft !== undefined
    const nft = kernel.nft?.matched() ?? []
    if (nft.length > 0) matchedOnPath[name] = nft
  }
  let matched: Attempt['matched'] | undefined
  return {
    // Made when somebody asks: most do not.
    get matched() {
      return (matched ??= Object.fromEntries(
        journals.flatMap(({ name, entries }) => {
          const texts = matchedRules(entries)
          return texts.length > 0 ? [[name, texts]] : []
        }),
      ))
    },
    rulesTried,
    ...(hasNft && { matchedOnPath }),
  }
}

/** `table rule-text` of every rule in the journal, sorted, each once. */
export function matchedRules(entries: readonly JournalEntry[]): readonly string[] {
  const texts = new Set<string>()
  for (const { rule, table } of entries) {
    // iptables-save writes two blanks in one place; as a name of the rule one is enough.
    if (rule) texts.add(`${table} ${rule.text.replace('--nfacct-name  ', '--nfacct-name ')}`)
  }
  return [...texts].sort()
}

function checkpointKernel({ conntrack, matchState, userspace, nft, ipvs }: NodeKernel): () => void {
  const restores = [conntrack, userspace, nft, ipvs].map((part) => part?.checkpoint())
  const match = checkpointMatchState(matchState)
  return () => {
    for (const restore of restores) restore?.()
    match()
    undoCounters(matchState.journal)
  }
}
