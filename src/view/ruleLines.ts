import type { TraceEvent } from '../engine/index.ts'
import { count, formatAddress, formatChance, formatMark } from './format.ts'
import { translationWord } from './header.ts'

/** One line of a step's list of what the kernel did, in order. */
export interface RuleLine {
  /** Index of its event in the trace. */
  readonly event: number
  readonly kind: 'chain' | 'missed' | 'matched' | 'dice' | 'change' | 'policy' | 'end' | 'note'
  readonly text: string
  /** What it led to: the verdict, the result of the roll. */
  readonly result?: string
}

/** The lines of the events at `indices`. Events that a step shows elsewhere (its place, its header) give none. */
export function ruleLines(events: readonly TraceEvent[], indices: readonly number[]): readonly RuleLine[] {
  const lines: RuleLine[] = []
  for (const i of indices) {
    const event = events[i]
    const line = event && lineOf(event)
    if (line) lines.push({ event: i, ...line })
  }
  return lines
}

function lineOf(event: TraceEvent): Omit<RuleLine, 'event'> | undefined {
  switch (event.type) {
    case 'chainEntered':
      return { kind: 'chain', text: `${event.table} ${event.chain}` }
    case 'rulesMissed': {
      const n = event.to - event.from + 1
      const which = n === 1 ? `rule ${event.from + 1}` : `rules ${event.from + 1}–${event.to + 1}`
      return { kind: 'missed', text: `${event.chain} ${which}`, result: n === 1 ? 'no match' : `${n} tried, no match` }
    }
    case 'ruleMatched':
      return { kind: 'matched', text: event.rule.text, result: event.verdict }
    case 'policyApplied':
      return { kind: 'policy', text: `${event.table} ${event.chain}, end of chain`, result: `policy ${event.policy}` }
    case 'diceRolled':
      return {
        kind: 'dice',
        text: `rolled ${event.roll.toFixed(3)} against ${formatChance(event.probability)}`,
        result: event.won ? 'won' : 'lost',
      }
    case 'affinityChecked':
      return {
        kind: 'dice',
        text: `is ${event.source} in list ${event.list}?`,
        result: event.hit ? `yes, ${event.ageSeconds ?? 0} s ago` : 'no',
      }
    case 'markSet':
      return { kind: 'change', text: `mark ${formatMark(event.from)} → ${formatMark(event.to)}`, result: 'mark' }
    case 'translated':
      return {
        kind: 'change',
        text: `${formatAddress(event.from)} → ${formatAddress(event.to)}`,
        result: translationWord(event),
      }
    case 'conntrack':
      return {
        kind: 'note',
        text: `conntrack: ${formatAddress(event.flow.original.source)} → ${formatAddress(event.flow.original.destination)}`,
        result: event.action === 'found' ? `${event.state}, ${event.direction}` : event.action,
      }
    case 'routed':
      return {
        kind: 'note',
        text: `route to ${event.destination}${event.route === undefined ? '' : `: ${event.route}`}`,
        result: event.outInterface ?? event.result,
      }
    case 'ipvsScheduled':
      return { kind: 'dice', text: `${event.virtual} ${event.scheduler}`, result: event.because }
    case 'ipvsRefused':
      return { kind: 'end', text: event.virtual, result: 'no real server' }
    case 'proxyPicked':
      return {
        kind: 'dice',
        text: `${event.service}: ${count(event.candidates.length, 'endpoint')}`,
        result: event.because,
      }
    case 'rejected':
      return { kind: 'end', text: event.rule?.text ?? 'rejected', result: event.with }
    case 'dropped':
      return { kind: 'end', text: event.rule?.text ?? event.detail ?? event.reason, result: 'dropped' }
    case 'balanced':
    case 'sent':
    case 'hookEntered':
    case 'chainReturned':
    case 'linkCrossed':
    case 'delivered':
    case 'proxyFailed':
    case 'proxyCopied':
    case 'timedOut':
    case 'concluded':
      return undefined
  }
}

/** How many rules the kernel asked in events `from`..`to`. */
export function rulesTriedIn(events: readonly TraceEvent[], from: number, to: number): number {
  let n = 0
  for (let i = from; i <= to; i += 1) {
    const event = events[i]
    if (event?.type === 'ruleMatched') n += 1
    else if (event?.type === 'rulesMissed') n += event.to - event.from + 1
  }
  return n
}
