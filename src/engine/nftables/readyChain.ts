import { compileTest } from './match.ts'
import type { NftTest } from './match.ts'
import type { Packet } from '../packet/packet.ts'
import type { NftChain, NftMap, NftRule, NftStatement, NftVerdict } from './table.ts'

/** A chain made ready when a packet first comes to it: tests compiled, targets found by reference. */
export interface ReadyChain {
  readonly chain: NftChain
  readonly rules: readonly ReadyRule[]
}

export interface ReadyRule {
  readonly rule: NftRule
  readonly tests: readonly NftTest[]
  /** The statement that gives the verdict, where there is one. */
  readonly deciding: Deciding | undefined
  /** What it can give, by what numgen draws. Of a verdict map: nothing, its rule leads anywhere. */
  readonly decisions: readonly Decision[]
  /** The others, in order. */
  readonly actions: readonly Exclude<NftStatement, Deciding>[]
}

export type Deciding = Extract<NftStatement, { readonly type: 'verdict' | 'vmap' | 'numgen' }>

/** A verdict and, once a packet went there, the chain that it names. */
export interface Decision {
  readonly verdict: NftVerdict
  target: ReadyChain | undefined
}

/** The decision that a verdict map has for an address and port; undefined: none. */
export type MapLookup = (
  statement: Extract<Deciding, { readonly type: 'vmap' }>,
  packet: Packet,
) => Decision | undefined

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp', ICMP: 'icmp' } as const
const NUMBERS = { TCP: 0, UDP: 1, SCTP: 2, ICMP: 3 } as const

/** Finds elements of `maps`. What was found is found again by numbers: the key's text is long. */
export function createMapLookup(maps: ReadonlyMap<string, NftMap>): MapLookup {
  const found = new Map<string, Map<string, Map<number, Decision>>>()
  return ({ map: name, key }, { protocol, destination: { ip, port } }) => {
    const address = key === 'proto.dport' ? '' : ip
    const number = port * 4 + NUMBERS[protocol]
    let byAddress = found.get(name)
    const known = byAddress?.get(address)?.get(number)
    if (known) return known
    const text = `${address === '' ? '' : `${address} . `}${PROTOCOLS[protocol]} . ${port}`
    const verdict = maps.get(name)?.elements.get(text)?.verdict
    if (!verdict) return undefined
    const decision: Decision = { verdict, target: undefined }
    if (!byAddress) found.set(name, (byAddress = new Map<string, Map<number, Decision>>()))
    const byPort = byAddress.get(address)
    if (byPort) byPort.set(number, decision)
    else byAddress.set(address, new Map([[number, decision]]))
    return decision
  }
}

/** The chain `name`, ready to run; undefined when there is none. */
export type ChainFinder = (name: string) => ReadyChain | undefined

export function createChainFinder(chains: ReadonlyMap<string, NftChain>): ChainFinder {
  const ready = new Map<string, ReadyChain>()
  return (name) => {
    const known = ready.get(name)
    if (known) return known
    const chain = chains.get(name)
    if (!chain) return undefined
    const made = { chain, rules: chain.rules.map(readyRule) }
    ready.set(name, made)
    return made
  }
}

function readyRule(rule: NftRule): ReadyRule {
  let deciding: ReadyRule['deciding']
  const actions: ReadyRule['actions'][number][] = []
  for (const statement of rule.statements) {
    if (statement.type === 'verdict' || statement.type === 'vmap' || statement.type === 'numgen') deciding = statement
    else actions.push(statement)
  }
  const verdicts =
    deciding?.type === 'verdict' ? [deciding.verdict] : deciding?.type === 'numgen' ? deciding.verdicts : []
  const decisions = verdicts.map((verdict): Decision => ({ verdict, target: undefined }))
  return { rule, tests: rule.expressions.map(compileTest), deciding, decisions, actions }
}
