import { createRecentLists } from './recent.ts'
import type { RecentLists } from './recent.ts'
import type { SimTime } from '../base/time.ts'
import type { Chain, Match, Rule } from './rule.ts'

/** What the matches and counters of one network namespace remember between packets. */
export interface MatchState {
  readonly recent: RecentLists
  /** `statistic --mode nth`: packets seen so far, per match. */
  readonly nth: Map<Match, number>
  /** `limit`: credit left (packets) and when it was reckoned. */
  readonly limits: Map<Match, { credit: number; at: SimTime }>
  readonly journal: RuleJournal
  /** Set when a match asked or changed this memory: the same packet may then meet another answer. */
  usedMemory: boolean
}

export interface JournalEntry {
  readonly chain: Chain
  readonly index: number
  /** Undefined: the chain's policy. */
  readonly rule: Rule | undefined
  readonly table: string
  readonly bytes: number
}

/** Which rule counters rose since the journal was emptied: what an attempt matched, and what an exploration takes back. */
export interface RuleJournal {
  /** Only while true are entries written. */
  recording: boolean
  /** Replaced, not emptied, so that who took it keeps it. */
  entries: JournalEntry[]
  /** Where entries go when the journal is emptied, while somebody may still want to take them back. */
  kept: JournalEntry[] | undefined
  /** Rules looked at, matched or not, since `tried` was set to 0. */
  tried: number
}

export function createMatchState(): MatchState {
  return {
    recent: createRecentLists(),
    nth: new Map(),
    limits: new Map(),
    journal: { recording: false, entries: [], kept: undefined, tried: 0 },
    usedMemory: false,
  }
}

/** Empties the journal: what rises from now on is another attempt's. */
export function emptyJournal(journal: RuleJournal): void {
  journal.kept?.push(...journal.entries)
  journal.entries = []
  journal.tried = 0
}

/** Takes back every counter that rose since `kept` was begun, and empties both lists. */
export function undoCounters(journal: RuleJournal): void {
  for (const list of [journal.kept ?? [], journal.entries]) {
    for (const { chain, index, rule, bytes } of list) {
      if (!rule) {
        chain.policyPackets--
        chain.policyBytes -= bytes
      } else {
        chain.packets[index] = (chain.packets[index] ?? 1) - 1
        chain.bytes[index] = (chain.bytes[index] ?? bytes) - bytes
      }
    }
  }
  journal.entries = []
  if (journal.kept) journal.kept = []
}

/** Remembers lists, nth counters and credits; the function brings them back. Rule counters: see `undoCounters`. */
export function checkpointMatchState(state: MatchState): () => void {
  const recent = state.recent.checkpoint()
  const nth = [...state.nth]
  const limits = [...state.limits].map(([match, credit]) => [match, { ...credit }] as const)
  return () => {
    recent()
    state.nth.clear()
    for (const [match, count] of nth) state.nth.set(match, count)
    state.limits.clear()
    for (const [match, credit] of limits) state.limits.set(match, { ...credit })
  }
}
