import type { RuleRef, SocketAddress, TableLine, TableView, Trace, TraceEvent } from '../../engine/index.ts'
import { hopAt, hopsOf } from '../../view/hops.ts'

/** `now`: matched in the step on show; `before`: in an earlier one; `tried`: asked in this step without a match. */
export type Lit = 'now' | 'before' | 'tried'

/** By index into `view.lines`: what the trace up to event `cursor` did to that line on `node`. */
export function litLines(view: TableView, node: string, trace: Trace, cursor: number): ReadonlyMap<number, Lit> {
  const lit = new Map<number, Lit>()
  const find = finders.get(view) ?? createFinder(view)
  finders.set(view, find)
  const hops = hopsOf(trace)
  const hop = hops[hopAt(hops, cursor)]
  const at = `node/${node}`
  const end = Math.min(cursor, trace.events.length - 1)
  for (let i = 0; i <= end; i += 1) {
    const event = trace.events[i]
    if (event?.at !== at) continue
    const now = hop !== undefined && i >= hop.from
    for (const line of find.matched(event)) lit.set(line, now ? 'now' : 'before')
    if (now) for (const line of find.tried(event)) if (!lit.has(line)) lit.set(line, 'tried')
  }
  return lit
}

interface Finder {
  readonly matched: (event: TraceEvent) => readonly number[]
  readonly tried: (event: TraceEvent) => readonly number[]
}

const NONE: readonly number[] = []
/** One per answer of a node: the index over thousands of rules is built once, not at every step. */
const finders = new WeakMap<TableView, Finder>()

function createFinder(view: TableView): Finder {
  const { lines } = view
  switch (view.id) {
    case 'iptables':
    case 'ip6tables':
    case 'nft':
      return ruleFinder(lines)
    case 'ipvs':
      return {
        matched: (event) => (event.type === 'ipvsScheduled' ? ipvsLines(lines, event) : NONE),
        tried: () => NONE,
      }
    case 'conntrack':
      return {
        matched: (event) => {
          if (event.type !== 'conntrack') return NONE
          const { source, destination } = event.flow.original
          return matching(lines, (text) => hasTuple(text, source, destination))
        },
        tried: () => NONE,
      }
    case 'routes':
      return {
        matched: (event) => {
          if (event.type !== 'routed' || event.route === undefined) return NONE
          const { route } = event
          return matching(lines, (text) => text.trim() === route.trim())
        },
        tried: () => NONE,
      }
    case 'addresses':
      return {
        matched: (event) => {
          if (event.type !== 'routed' || event.result !== 'local') return NONE
          // The address that makes the node keep the packet: in ipvs mode one of kube-ipvs0.
          return matching(lines, (text) => /^\s*inet6? (\S+)\//.exec(text)?.[1] === event.destination)
        },
        tried: () => NONE,
      }
    case 'userspace':
      return {
        matched: (event) => {
          if (event.type !== 'proxyPicked') return NONE
          return matching(lines, (text) => text.split(' ')[0] === event.service)
        },
        tried: () => NONE,
      }
    default:
      return { matched: () => NONE, tried: () => NONE }
  }
}

type WithRule = Extract<TraceEvent, { rule?: unknown }> & { readonly rule: RuleRef }

function hasRule(event: TraceEvent): event is WithRule {
  return (
    (event.type === 'ruleMatched' || event.type === 'rejected' || event.type === 'dropped') && event.rule !== undefined
  )
}

/** Rules are found by their place in the chain, and checked by their text: the tables may have changed since. */
function ruleFinder(lines: readonly TableLine[]): Finder {
  const { byChain, byText, byVerdict } = ruleIndex(lines)
  return {
    matched: (event) => {
      if (!hasRule(event)) return NONE
      const { table, chain, index, text } = event.rule
      const there = byChain.get(`${table} ${chain}`)?.[index]
      const line =
        there !== undefined && lines[there]?.text.trim() === text.trim()
          ? there
          : byText.get(`${table} ${chain} ${text.trim()}`)
      if (line === undefined) return NONE
      const element =
        event.type === 'ruleMatched' && / vmap @/.test(text) ? byVerdict.get(`${table} ${event.verdict}`) : undefined
      return element === undefined ? [line] : [line, element]
    },
    tried: (event) => {
      if (event.type !== 'rulesMissed') return NONE
      return (byChain.get(`${event.table} ${event.chain}`) ?? NONE).slice(event.from, event.to + 1)
    },
  }
}

/** Inside an nft chain these lines are no rules. */
const NO_RULE = /^(type \S+ hook |comment "|\}?$)/

/** The rule lines of each chain in order, by `table chain`; by `table chain text`; elements of nft verdict maps by `table verdict`. */
function ruleIndex(lines: readonly TableLine[]) {
  const byText = new Map<string, number>()
  const byChain = new Map<string, number[]>()
  const byVerdict = new Map<string, number | undefined>()
  let nftChain: string | undefined
  lines.forEach(({ text, table }, i) => {
    if (table === undefined) return
    const trimmed = text.trim()
    if (/^(table|chain|map|set) .*\{$/.test(trimmed)) {
      nftChain = /^chain (.*) \{$/.exec(trimmed)?.[1]
      return
    }
    const verdict = nftChain === undefined ? /: (\S+ \S+?),?(?: \})?$/.exec(trimmed)?.[1] : undefined
    if (verdict !== undefined) {
      const key = `${table} ${verdict}`
      // An element that shares its verdict with another is not told apart by it.
      byVerdict.set(key, byVerdict.has(key) ? undefined : i)
    }
    const chain = /^-A (\S+)/.exec(text)?.[1] ?? nftChain
    if (chain === undefined || NO_RULE.test(trimmed)) return
    byText.set(`${table} ${chain} ${trimmed}`, i)
    const rules = byChain.get(`${table} ${chain}`) ?? []
    rules.push(i)
    byChain.set(`${table} ${chain}`, rules)
  })
  return { byText, byChain, byVerdict }
}

/** The virtual server's line and, under it, the line of the real server that was chosen. */
function ipvsLines(
  lines: readonly TableLine[],
  event: Extract<TraceEvent, { type: 'ipvsScheduled' }>,
): readonly number[] {
  const words = event.virtual.split(/\s+/)
  const head = lines.findIndex(({ text }) => {
    const own = text.trim().split(/\s+/)
    return !text.trimStart().startsWith('->') && words.every((word) => own.includes(word))
  })
  if (head < 0) return NONE
  const server = event.candidates[event.chosen]
  const label = server?.address ? formatAddress(server.address) : server?.label
  for (let i = head + 1; i < lines.length; i += 1) {
    const words = lines[i]?.text.trim().split(/\s+/) ?? []
    if (words[0] !== '->') break
    if (label !== undefined && words[1] === label) return [head, i]
  }
  return [head]
}

function hasTuple(text: string, source: SocketAddress, destination: SocketAddress): boolean {
  const words = ` ${text} `
  return (
    words.includes(` src=${source.ip} dst=${destination.ip} `) &&
    (source.port === 0 || words.includes(` sport=${source.port} dport=${destination.port} `))
  )
}

function formatAddress({ ip, port }: SocketAddress): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function matching(lines: readonly TableLine[], test: (text: string) => boolean): readonly number[] {
  return lines.flatMap(({ text }, i) => (test(text) ? [i] : []))
}
