import type { Candidate, TraceEvent } from '../engine/index.ts'

/** One choice of a backend, however the mode makes it. */
export interface Choice {
  readonly by: 'iptables' | 'nftables' | 'ipvs' | 'userspace' | 'balancer'
  readonly candidates: readonly Candidate[]
  /** Index into `candidates`; absent while the dice still roll. */
  readonly chosen?: number
  /** iptables: one a rule that was asked. nftables: the one draw. Empty where nothing is left to chance. */
  readonly rolls: readonly Roll[]
  /** ipvs: the scheduler; userspace: roundRobin. */
  readonly method: string
  readonly because: 'dice' | 'only' | 'scheduler' | 'persistence' | 'connection' | 'roundRobin' | 'affinity' | 'hash'
  /** The event that decided. */
  readonly event: number
}

export interface Roll {
  readonly event: number
  readonly roll: number
  readonly probability: number
  readonly won: boolean
}

/** The last choice that the events at `indices` made; undefined when they made none. */
export function choiceOf(events: readonly TraceEvent[], indices: readonly number[]): Choice | undefined {
  let choice: Choice | undefined
  for (const i of indices) {
    const event = events[i]
    if (event) choice = afterEvent(choice, event, i)
  }
  return choice
}

function afterEvent(choice: Choice | undefined, event: TraceEvent, index: number): Choice | undefined {
  switch (event.type) {
    case 'diceRolled': {
      const roll: Roll = { event: index, roll: event.roll, probability: event.probability, won: event.won }
      if (!event.rule.table.includes('kube-proxy') && event.rule.table.split(' ').length === 1) {
        return afterIptablesRoll(choice, event, roll)
      }
      return {
        by: 'nftables',
        candidates: event.candidates,
        ...(event.chosen !== undefined && { chosen: event.chosen }),
        rolls: [roll],
        method: 'numgen random',
        because: 'dice',
        event: index,
      }
    }
    case 'ruleMatched': {
      // The last rule of the chain asks no dice: it takes what the others left.
      if (choice?.by !== 'iptables' || choice.chosen !== undefined) return choice
      const at = choice.candidates.findIndex(({ label }) => label === event.verdict)
      return at < 0 ? choice : { ...choice, chosen: at, event: index }
    }
    case 'ipvsScheduled':
      return {
        by: 'ipvs',
        candidates: event.candidates,
        chosen: event.chosen,
        rolls: [],
        method: event.scheduler,
        because: event.because,
        event: index,
      }
    case 'proxyPicked':
      return {
        by: 'userspace',
        candidates: event.candidates,
        chosen: event.chosen,
        rolls: [],
        method: 'roundRobin',
        because: event.because,
        event: index,
      }
    case 'balanced':
      return {
        by: 'balancer',
        candidates: event.candidates,
        chosen: event.chosen,
        rolls: [],
        method: 'hash',
        because: event.because,
        event: index,
      }
    case 'sent':
    case 'hookEntered':
    case 'chainEntered':
    case 'rulesMissed':
    case 'chainReturned':
    case 'policyApplied':
    case 'affinityChecked':
    case 'markSet':
    case 'translated':
    case 'conntrack':
    case 'routed':
    case 'ipvsRefused':
    case 'linkCrossed':
    case 'delivered':
    case 'proxyFailed':
    case 'proxyCopied':
    case 'rejected':
    case 'dropped':
    case 'timedOut':
    case 'concluded':
      return choice
  }
}

function afterIptablesRoll(
  choice: Choice | undefined,
  event: Extract<TraceEvent, { type: 'diceRolled' }>,
  roll: Roll,
): Choice {
  const going = choice?.by === 'iptables' && choice.chosen === undefined ? choice : undefined
  const rolls = [...(going?.rolls ?? []), roll]
  return {
    by: 'iptables',
    // The first roll of a chain lists every candidate, the later ones none.
    candidates: going?.candidates ?? event.candidates,
    ...(event.won && { chosen: rolls.length - 1 }),
    rolls,
    method: 'statistic',
    because: 'dice',
    event: roll.event,
  }
}
