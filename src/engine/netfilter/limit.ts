import type { SimTime } from '../base/time.ts'
import type { Match } from './rule.ts'

const PERIODS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Packets per millisecond of `3/hour`, `5/min`, `10/sec`; 0 where it cannot be read. */
function packetsPerMs(rate: string): number {
  const [count, period = 's'] = rate.split('/')
  return Number(count) / (PERIODS[period[0] ?? 's'] ?? 1000) || 0
}

/** A token bucket: `burst` packets at once, refilled at the rate. Source: iptables-extensions(8), limit. */
export function takesLimitCredit(
  match: Extract<Match, { type: 'limit' }>,
  limits: Map<Match, { credit: number; at: SimTime }>,
  now: SimTime,
): boolean {
  const known = limits.get(match) ?? { credit: match.burst, at: now }
  const credit = Math.min(match.burst, known.credit + (now - known.at) * packetsPerMs(match.rate))
  const allowed = credit >= 1
  limits.set(match, { credit: allowed ? credit - 1 : credit, at: now })
  return allowed
}
