import type { NamespaceId, SocketAddress, Trace, TraceEvent } from '../engine/index.ts'
import { choiceOf } from './choice.ts'
import { count } from './format.ts'
import { applyEvents, headerRows, translationWord } from './header.ts'
import type { Header } from './header.ts'
import { hopsOf } from './hops.ts'
import type { Hop } from './hops.ts'
import { say } from './messages.ts'
import { shortNameOf } from './places.ts'
import { ruleLines, rulesTriedIn } from './ruleLines.ts'
import { isDnsReply, ownerName, packetWord, questionOf, sentWord, sentenceOf } from './sentence.ts'
import type { Names } from './sentence.ts'
import type { Step, Tag, Title } from './step.ts'
import { verdictOf } from './verdict.ts'
import { visitsOf } from './visits.ts'

/** What the steps before leave behind. */
interface Carry {
  readonly headers: Map<number, Header>
  readonly directions: ReadonlyMap<number, 'request' | 'reply'>
  tried: number
  target?: SocketAddress
}

/** The trace as steps: hop by hop, later packets whole, the verdict last. */
export function buildSteps(trace: Trace, names: Names): readonly Step[] {
  const hops = hopsOf(trace)
  const carry: Carry = { headers: new Map(), directions: directionsOf(trace.events), tried: 0 }
  const stepOf = (event: number): number => hops.findIndex(({ to }) => to >= event)
  return hops.map((hop, index) => buildStep(trace, hop, index, carry, names, stepOf))
}

function buildStep(
  trace: Trace,
  hop: Hop,
  index: number,
  carry: Carry,
  names: Names,
  stepOf: (event: number) => number,
): Step {
  const { events } = trace
  const { from, to, packetId } = hop
  // Packets may travel side by side: a step is about its own, the others ride along.
  const indices = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter(
    (i) => events[i]?.packetId === packetId,
  )
  const present = indices.flatMap((i) => events[i] ?? [])
  const [first] = present
  const stops = hop.stops && hop.stops.length > 1 ? stopsOfWalk(trace, hop.stops, index, carry, names) : undefined
  const concluded = present.find((event) => event.type === 'concluded')
  const sent = present.find((event) => event.type === 'sent')
  const direction = carry.directions.get(packetId) ?? 'request'
  if (sent && direction === 'request') carry.target = sent.packet.destination
  const { before, after } = headersOf(present, carry.headers.get(packetId))
  if (after) carry.headers.set(packetId, after)
  const choice = choiceOf(events, indices)
  const rulesTried = rulesTriedIn(events, from, to)
  // The stops of a walk have counted already.
  if (!stops) carry.tried += rulesTried
  const failed = failureOf(present)
  const verdict = concluded && verdictOf(events, concluded.outcome, names, stepOf)
  const at = placeOf(present)
  const packet = after?.packet
  return {
    index,
    from,
    to,
    packetId,
    kind: concluded ? 'end' : stops ? 'walk' : 'hop',
    direction,
    elapsed: (present.at(-1)?.time ?? 0) - trace.startedAt,
    at,
    title: verdict
      ? { place: verdict.word, action: '' }
      : stops
        ? walkTitle(events.slice(from, to + 1))
        : titleOf(present, first, at),
    sentence: verdict
      ? verdict.cause
      : stops
        ? say('why.walk', { what: walkWords(events.slice(from, to + 1)) })
        : sentenceOf(present, rulesTried, choice, names),
    tags: tagsOf(present, stops !== undefined),
    visits: visitsOf(present),
    ...(packet && { packet }),
    ...(before && { before }),
    header: concluded ? [] : headerRows(before, after, stops ? [] : present),
    lines: ruleLines(events, indices),
    ...(choice && { choice }),
    rulesTried,
    rulesTriedSoFar: carry.tried,
    ...(carry.target && { target: carry.target }),
    ...(failed !== undefined && { failed }),
    ...(verdict && { verdict }),
    ...(stops && { stops }),
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** `step` as it stands when event `cursor`, inside it, has just happened: what comes later is not shown yet. */
export function stepUntil(step: Step, trace: Trace, cursor: number, names: Names): Step {
  if (cursor >= step.to || step.kind === 'end') return step
  const { events } = trace
  const indices: number[] = []
  for (let i = step.from; i <= cursor; i += 1) if (events[i]?.packetId === step.packetId) indices.push(i)
  const present = indices.flatMap((i) => events[i] ?? [])
  const { before, after } = headersOf(present, step.before)
  const choice = choiceOf(events, indices)
  const failed = failureOf(present)
  const tried = rulesTriedIn(events, step.from, cursor)
  const whole: Mutable<Step> = { ...step }
  delete whole.choice
  delete whole.failed
  return {
    ...whole,
    sentence: step.kind === 'walk' ? step.sentence : sentenceOf(present, tried, choice, names),
    tags: tagsOf(present, step.kind === 'walk'),
    visits: visitsOf(present),
    header: headerRows(before, after, step.kind === 'walk' ? [] : present),
    ...(after && { packet: after.packet }),
    ...(choice && { choice }),
    ...(failed !== undefined && { failed }),
    rulesTried: tried,
    rulesTriedSoFar: step.rulesTriedSoFar - step.rulesTried + tried,
  }
}

function stopsOfWalk(trace: Trace, stops: readonly Hop[], index: number, carry: Carry, names: Names): readonly Step[] {
  const kept = new Map(carry.headers)
  const steps = stops.map((stop) => buildStep(trace, stop, index, carry, names, () => index))
  // The walk as a whole begins where its packet began.
  carry.headers.clear()
  for (const [id, header] of kept) carry.headers.set(id, header)
  return steps
}

/** In = as it came to this place; Out = as it leaves. A packet that is born here has no In. */
function headersOf(
  present: readonly TraceEvent[],
  carried: Header | undefined,
): { readonly before?: Header; readonly after?: Header } {
  const [first, ...rest] = present
  if (!first) return {}
  if (first.type === 'sent') {
    const after = applyEvents({ packet: first.packet }, rest)
    return { ...(after && { after }) }
  }
  const arrived = first.type === 'linkCrossed' || (first.type === 'hookEntered' && !carried)
  const before = arrived ? { packet: first.packet } : carried
  const after = applyEvents(before, arrived ? rest : present)
  return { ...(before && { before }), ...(after && { after }) }
}

/** Where the stop is: where its packet got to. */
function placeOf(present: readonly TraceEvent[]): NamespaceId {
  const last = present.at(-1)
  if (!last) return 'lan'
  return last.type === 'linkCrossed' ? last.to : last.at
}

function titleOf(present: readonly TraceEvent[], first: TraceEvent | undefined, at: NamespaceId): Title {
  const place = shortNameOf(at)
  const sent = first?.type === 'sent' ? first : undefined
  if (sent) {
    const word = sentWord(sent)
    if (sent.by === 'kernel') return { place: shortNameOf(sent.at), action: say('title.kernelSends', { what: word }) }
    const who = ownerName(sent.by, sent.at)
    const question = questionOf(sent.packet)
    if (question) return { place: who, action: say('title.asks', { what: `${question.type} ${question.what}` }) }
    if (isDnsReply(sent.packet)) return { place: who, action: say('title.answers', { what: word }) }
    if (sent.packet.flags === 'SYN') return { place: who, action: say('title.opens') }
    return { place: who, action: say('title.sends', { what: word }) }
  }
  const copied = present.find((event) => event.type === 'proxyCopied')
  if (copied) return { place: 'kube-proxy', action: say('title.copies', { bytes: count(copied.bytes, 'byte') }) }
  if (present.some(({ type }) => type === 'proxyPicked')) return { place: 'kube-proxy', action: say('title.picks') }
  if (present.some(({ type }) => type === 'proxyFailed')) {
    return { place: 'kube-proxy', action: say('title.findsNobody') }
  }
  const delivered = present.find((event) => event.type === 'delivered')
  if (delivered) {
    const who = ownerName(delivered.socket, delivered.at)
    return { place: who, action: say('title.receives', { what: packetWord(delivered.packet) }) }
  }
  if (present.some(({ type }) => type === 'ipvsScheduled' || type === 'ipvsRefused')) {
    return { place: `${place} IPVS`, action: '' }
  }
  const balanced = present.find((event) => event.type === 'balanced')
  if (balanced)
    return { place, action: say('title.balances', { node: balanced.candidates[balanced.chosen]?.label ?? '' }) }
  const refused = present.find((event) => event.type === 'rejected' || event.type === 'dropped')
  if (refused && !at.startsWith('node/')) {
    const link = present.find((event) => event.type === 'linkCrossed')
    const what = link ? packetWord(link.packet) : ''
    return { place, action: say(refused.type === 'rejected' ? 'title.refuses' : 'title.drops', { what }) }
  }
  const hook = present.findLast((event) => event.type === 'hookEntered')
  if (hook) return { place: `${place} ${hook.hook}`, action: '' }
  if (present.some(({ type }) => type === 'routed')) return { place, action: say('title.routes') }
  if (present.some(({ type }) => type === 'timedOut')) return { place, action: say('title.waits') }
  const crossed = present.find((event) => event.type === 'linkCrossed')
  return { place, action: crossed ? say('title.arrives', { what: packetWord(crossed.packet) }) : '' }
}

/** `client`, `ACK, GET / → pc-…-nwdpb`. */
function walkTitle(present: readonly TraceEvent[]): Title {
  const sent = present.find((event) => event.type === 'sent')
  const place = sent ? (sent.by === 'kernel' ? shortNameOf(sent.at) : ownerName(sent.by, sent.at)) : ''
  const delivered = present.findLast((event) => event.type === 'delivered')
  const to = delivered ? ownerName(delivered.socket, delivered.at) : shortNameOf(placeOf(present))
  return { place, action: say('title.walk', { what: walkWords(present), to }) }
}

function walkWords(present: readonly TraceEvent[]): string {
  return present.flatMap((event) => (event.type === 'sent' ? [sentWord(event)] : [])).join(', ')
}

function tagsOf(present: readonly TraceEvent[], walk: boolean): readonly Tag[] {
  const tags = new Map<string, Tag['tone']>()
  for (const event of present) {
    if (event.type === 'translated') {
      if (!walk) tags.set(translationWord(event), 'changed')
    } else if (event.type === 'markSet') {
      if (event.to !== 0 && !walk) tags.set('MARK', 'changed')
    } else if (event.type === 'rejected') tags.set(event.by === 'rule' ? 'REJECT' : 'REFUSED', 'bad')
    else if (event.type === 'ipvsRefused') tags.set('REFUSED', 'bad')
    else if (event.type === 'dropped') tags.set('DROP', 'bad')
    else if (event.type === 'proxyFailed') tags.set('CLOSED', 'bad')
    else if (event.type === 'timedOut') tags.set('TIMEOUT', 'bad')
  }
  return [...tags].map(([text, tone]) => ({ text, tone }))
}

function failureOf(present: readonly TraceEvent[]): string | undefined {
  for (const { type } of present) {
    if (type === 'rejected' || type === 'ipvsRefused') return 'refused'
    if (type === 'dropped') return 'dropped'
    if (type === 'proxyFailed') return 'closed'
    if (type === 'timedOut') return 'timed out'
  }
  return undefined
}

/** Which way each packet goes, seen from whoever opened its connection. */
function directionsOf(events: readonly TraceEvent[]): ReadonlyMap<number, 'request' | 'reply'> {
  const directions = new Map<number, 'request' | 'reply'>()
  const openers: SocketAddress[] = []
  for (const event of events) {
    if (event.type === 'conntrack' && !directions.has(event.packetId)) {
      directions.set(event.packetId, event.direction === 'reply' ? 'reply' : 'request')
    }
    if (event.type !== 'sent') continue
    const { packet } = event
    const error = packet.icmp !== undefined && packet.icmp.kind !== 'echo-request'
    const back = openers.some(({ ip, port }) => ip === packet.destination.ip && port === packet.destination.port)
    if (error || packet.flags === 'SYN,ACK' || (back && packet.flags !== 'SYN')) {
      directions.set(event.packetId, 'reply')
    } else if (packet.flags === 'SYN' || packet.flags === undefined) {
      openers.push(packet.source)
      directions.set(event.packetId, 'request')
    }
  }
  return directions
}
