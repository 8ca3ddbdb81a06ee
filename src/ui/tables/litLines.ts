import type { SocketAddress, TableLine, TableView, Trace, TraceEvent } from '../../engine/index.ts'
import { hopAt, hopsOf } from '../../view/hops.ts'

/** `now`: matched in the step on show; `before`: in an earlier one; `tried`: asked in this step without a match. */
export type Lit = 'now' | 'before' | 'tried'

/** By index into `view.lines`: what the trace up to event `cursor` did to that line on `node`. */
export function litLines(view: TableView, node: string, trace: Trace, cursor: number): ReadonlyMap<number, Lit> {
  const lit = new Map<number, Lit>()
  const find = createFinder(view)
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

function createFinder(view: TableView): Finder {
  const { lines } = view
  switch (view.id) {
    case 'iptables':
    case 'nft': {
      const { byText, byChain } = ruleIndex(lines)
      return {
        matched: (event) => (hasRule(event) ? one(byText.get(`${event.rule.table} ${event.rule.text.trim()}`)) : NONE),
        tried: (event) => {
          if (event.type !== 'rulesMissed') return NONE
          return (byChain.get(`${event.table} ${event.chain}`) ?? NONE).slice(event.from, event.to + 1)
        },
      }
    }
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
    case 'userspace':
      return {
        matched: (event) => {
          if (event.type !== 'proxyPicked') return NONE
          return matching(lines, (text) => text.includes(event.service))
        },
        tried: () => NONE,
      }
    default:
      return { matched: () => NONE, tried: () => NONE }
  }
}

type WithRule = Extract<TraceEvent, { rule?: unknown }> & {
  readonly rule: { readonly table: string; readonly text: string }
}

function hasRule(event: TraceEvent): event is WithRule {
  return (
    (event.type === 'ruleMatched' || event.type === 'rejected' || event.type === 'dropped') && event.rule !== undefined
  )
}

/** Rule lines by `table text`, and the lines of each chain in order by `table chain`. */
function ruleIndex(lines: readonly TableLine[]) {
  const byText = new Map<string, number>()
  const byChain = new Map<string, number[]>()
  let nftChain = ''
  lines.forEach(({ text, table }, i) => {
    const opened = /^\s*chain (\S+) \{/.exec(text)?.[1]
    if (opened !== undefined) nftChain = opened
    if (table === undefined) return
    byText.set(`${table} ${text.trim()}`, i)
    const chain = /^-A (\S+)/.exec(text)?.[1] ?? nftChain
    const key = `${table} ${chain}`
    const rules = byChain.get(key) ?? []
    rules.push(i)
    byChain.set(key, rules)
  })
  return { byText, byChain }
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

function one(index: number | undefined): readonly number[] {
  return index === undefined ? NONE : [index]
}
