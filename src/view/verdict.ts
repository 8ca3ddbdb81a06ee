import type { Outcome, TraceEvent } from '../engine/index.ts'
import { DROP_REASONS, say } from './messages.ts'
import type { MessageKey } from './messages.ts'
import { shortNameOf } from './places.ts'
import type { Names } from './sentence.ts'
import type { Verdict } from './step.ts'

type Culprit = Extract<TraceEvent, { type: 'rejected' | 'dropped' | 'ipvsRefused' | 'proxyFailed' }>

/** Why the request ended as it did. `stepOf` gives the step of an event. */
export function verdictOf(
  events: readonly TraceEvent[],
  outcome: Outcome,
  names: Names,
  stepOf: (event: number) => number,
): Verdict {
  const ok = outcome.outcome === 'connected'
  const at = culpritIndex(events)
  const culprit = events[at] as Culprit | undefined
  const refusedAt = outcome.outcome === 'refused' ? culprit?.at : undefined
  const word =
    refusedAt === undefined
      ? say(verdictWord(outcome, culprit))
      : say('verdict.refusedBy', { place: `${refusedAt.startsWith('pod/') ? 'pod ' : ''}${shortNameOf(refusedAt)}` })
  const base = { outcome, ok, word, ...(outcome.answer !== undefined && { answer: outcome.answer }) }
  if (ok) return { ...base, cause: connectedCause(outcome, names) }
  if (outcome.nameError !== undefined) return { ...base, ...explainName(outcome, events) }
  if (!culprit) return { ...base, cause: say('cause.silence') }
  return { ...base, evidence: stepOf(at), ...explain(culprit, events, at) }
}

/** The end in a word. A packet that nobody found a way for, and an answer that its client did not know, have their own. */
export function verdictWord(outcome: Outcome, culprit?: Culprit): MessageKey {
  if (outcome.nameError !== undefined)
    return outcome.nameError === 'EAI_NONAME' ? 'verdict.noName' : 'verdict.noNameServer'
  if (outcome.outcome === 'timeout' && culprit?.type === 'dropped') {
    if (culprit.reason === 'unknownSource') return 'verdict.replyLost'
    if (culprit.reason === 'noRoute' || culprit.reason === 'blackhole') return 'verdict.noRoute'
  }
  if (outcome.errno === 'ENETUNREACH' || outcome.errno === 'EHOSTUNREACH') return 'verdict.noRoute'
  return `verdict.${outcome.outcome}`
}

function explainName(
  { nameError, answer = '' }: Outcome,
  events: readonly TraceEvent[],
): Pick<Verdict, 'cause' | 'fix'> {
  const host = answer.slice(answer.lastIndexOf(' ') + 1)
  const place = shortNameOf(events[0]?.at ?? '')
  if (nameError === 'EAI_NONAME') return { cause: say('cause.noName', { host }), fix: say('fix.noName') }
  return { cause: say('cause.noNameServer', { host, place }), fix: say('fix.noNameServer') }
}

function connectedCause({ server = '', pod, sourceSeen }: Outcome, names: Names): string {
  const ip = server.startsWith('[') ? server.slice(1, server.indexOf(']')) : (server.split(':')[0] ?? '')
  const name = pod ?? names.get(ip)
  const who = name === undefined ? server : `${name} (${server})`
  if (sourceSeen === undefined) return say('cause.connectedPlain', { server: who })
  const seen = names.get(sourceSeen)
  return say('cause.connected', { server: who, seen: seen === undefined ? sourceSeen : `${sourceSeen} (${seen})` })
}

/**
 * The event that decided. kube-proxy's failure outweighs what its own dials met; else the last end of a packet, for
 * a retry ends as the first attempt did.
 */
function culpritIndex(events: readonly TraceEvent[]): number {
  const proxy = events.findLastIndex(({ type }) => type === 'proxyFailed')
  if (proxy >= 0) return proxy
  return events.findLastIndex(({ type }) => type === 'rejected' || type === 'dropped' || type === 'ipvsRefused')
}

function explain(culprit: Culprit, events: readonly TraceEvent[], at: number): Pick<Verdict, 'cause' | 'fix'> {
  const place = shortNameOf(culprit.at)
  const both = (
    cause: MessageKey,
    fix: MessageKey,
    params: Readonly<Record<string, string | number>> = {},
  ): Pick<Verdict, 'cause' | 'fix'> => ({ cause: say(cause, { place, node: place, ...params }), fix: say(fix) })
  switch (culprit.type) {
    case 'ipvsRefused':
      return both('cause.ipvsNoServer', 'fix.noEndpoints')
    case 'proxyFailed':
      return both('cause.proxyNobody', 'fix.proxyNobody', { reason: culprit.reason })
    case 'rejected':
      switch (culprit.by) {
        case 'ipvs':
          return both('cause.ipvsNoServer', 'fix.noEndpoints')
        case 'noListener':
          return both('cause.noListener', 'fix.noListener', { port: portAt(events, at) })
        case 'noRoute':
          return both('cause.noRoute', 'fix.noRoute')
        case 'noNeighbour':
          return both('cause.noNeighbour', 'fix.noNeighbour')
        case 'rule':
          return culprit.rule && /no endpoints/.test(culprit.rule.text)
            ? both('cause.noEndpoints', 'fix.noEndpoints')
            : both('cause.ruleRefused', 'fix.rule', { with: culprit.with })
      }
      break
    case 'dropped': {
      const reason = DROP_REASONS[culprit.reason]
      if (culprit.reason === 'firewall') return both('cause.firewall', 'fix.firewall', { detail: culprit.detail ?? '' })
      if (culprit.reason === 'noHealthyNode')
        return both('cause.noHealthyNode', 'fix.noHealthyNode', { detail: culprit.detail ?? '' })
      if (culprit.reason === 'unknownSource')
        return both('cause.replyLost', 'fix.replyLost', { detail: culprit.detail ?? '' })
      if (culprit.reason === 'noRoute' || culprit.reason === 'blackhole') return both('cause.noRoute', 'fix.noRoute')
      if (culprit.reason === 'noNeighbour') return both('cause.noNeighbour', 'fix.noNeighbour')
      const local = culprit.rule && /no local endpoints/.test(culprit.rule.text)
      return both('cause.dropped', local ? 'fix.local' : culprit.rule ? 'fix.rule' : 'fix.dropped', { reason })
    }
  }
}

/** The port that the packet of event `at` was for, when it arrived. */
function portAt(events: readonly TraceEvent[], at: number): number | string {
  const { packetId } = events[at] ?? {}
  for (let i = at; i >= 0; i -= 1) {
    const event = events[i]
    if (event?.packetId === packetId && event && 'packet' in event) return event.packet.destination.port
  }
  return '?'
}
