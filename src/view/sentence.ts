import type { Packet, SocketAddress, TraceEvent } from '../engine/index.ts'
import type { Choice } from './choice.ts'
import { count, formatAddress, formatChance, formatMark } from './format.ts'
import { DROP_REASONS, say } from './messages.ts'
import { nodeNameOf, shortNameOf } from './places.ts'
import { shortPodName } from './podName.ts'

/** What addresses are called. */
export type Names = ReadonlyMap<string, string>

type EventOf<T extends TraceEvent['type']> = Extract<TraceEvent, { type: T }>

/** Why a stop did what it did, in one or two sentences: the most telling of its events speaks. */
export function sentenceOf(
  present: readonly TraceEvent[],
  tried: number,
  choice: Choice | undefined,
  names: Names,
): string {
  const find = <T extends TraceEvent['type']>(type: T): EventOf<T> | undefined =>
    present.findLast((event): event is EventOf<T> => event.type === type)
  const end = find('rejected') ?? find('dropped') ?? find('timedOut') ?? find('ipvsRefused') ?? find('proxyFailed')
  if (end) return endSentence(end)
  const changes = present.filter((event): event is EventOf<'translated'> => event.type === 'translated')
  const marked = find('markSet')
  const parts = changes.map((event) => translationSentence(event, choice, present, names))
  if (marked && marked.to !== 0) parts.push(say('why.mark', { mark: formatMark(marked.to) }))
  const scheduled = find('ipvsScheduled')
  if (scheduled) return [scheduledSentence(scheduled, names), ...parts].join(' ')
  const balanced = find('balanced')
  if (balanced) return balancedSentence(balanced, names)
  const picked = find('proxyPicked')
  if (picked) return pickedSentence(picked, names)
  const copied = find('proxyCopied')
  if (copied) return say('why.copied', { bytes: count(copied.bytes, 'byte') })
  if (parts.length > 0) return parts.join(' ')
  return quietSentence(present, find, tried, names)
}

function quietSentence(
  present: readonly TraceEvent[],
  find: <T extends TraceEvent['type']>(type: T) => EventOf<T> | undefined,
  tried: number,
  names: Names,
): string {
  const delivered = find('delivered')
  if (delivered) {
    const who = ownerName(delivered.socket, delivered.at)
    const { packet } = delivered
    return say('why.received', { who, what: packetWord(packet), ...party('from', packet.source, names) })
  }
  const sent = find('sent')
  if (sent && !find('hookEntered')) return sentSentence(sent, names)
  const routed = find('routed')
  const hook = find('hookEntered')
  if (routed && !hook && nodeNameOf(routed.at) !== undefined) return routedSentence(routed, names)
  if (!hook) return routed ? routedSentence(routed, names) : crossedSentence(find('linkCrossed'), names)
  const known = present.some((event) => event.type === 'conntrack' && event.action === 'found')
  const accepted = present.findLast((event) => event.type === 'ruleMatched' && event.verdict === 'ACCEPT')
  if (accepted?.type === 'ruleMatched') {
    const { chain, index } = accepted.rule
    return say('why.accepted', { rules: count(tried, 'rule'), chain, n: index + 1 })
  }
  const quiet = tried === 0 ? say('why.hookEmpty') : say('why.hookQuiet', { rules: count(tried, 'rule') })
  return known ? `${say('why.hookKnown')} ${tried === 0 ? '' : quiet}`.trim() : quiet
}

function crossedSentence(crossed: EventOf<'linkCrossed'> | undefined, names: Names): string {
  if (!crossed) return ''
  const { packet, toInterface } = crossed
  return say('why.arrives', { what: packetWord(packet), in: toInterface, ...party('to', packet.destination, names) })
}

function sentSentence(sent: EventOf<'sent'>, names: Names): string {
  const { packet } = sent
  const params = {
    who: ownerName(sent.by, sent.at),
    what: sentWord(sent),
    from: formatAddress(packet.source),
    ...party('to', packet.destination, names),
  }
  if (sent.by === 'kernel') return say('why.kernelSends', { ...params, who: shortNameOf(sent.at) })
  const question = questionOf(packet)
  if (question) return say('why.asks', { ...params, ...question })
  if (isDnsReply(packet)) {
    const { what } = params
    if (what === 'NXDOMAIN') return say('why.answersNoName', params)
    return say(what.startsWith('no ') ? 'why.answersNoRecord' : 'why.answers', params)
  }
  if (packet.flags === 'SYN') return say(sent.by.startsWith('kube-proxy') ? 'why.proxyDials' : 'why.opens', params)
  return say('why.sends', params)
}

function routedSentence(routed: EventOf<'routed'>, names: Names): string {
  const name = names.get(routed.destination)
  const params = {
    to: routed.destination,
    name: name === undefined ? '' : ` (${name})`,
    out: routed.outInterface ?? 'no interface',
    via: routed.via === undefined ? '' : ` by way of ${routed.via}`,
    interface: routed.outInterface === undefined || routed.outInterface === 'lo' ? '' : ` (on ${routed.outInterface})`,
  }
  if (routed.result === 'unreachable') return say('why.routedNowhere', params)
  return say(routed.result === 'local' ? 'why.routedLocal' : 'why.routedForward', params)
}

function translationSentence(
  event: EventOf<'translated'>,
  choice: Choice | undefined,
  present: readonly TraceEvent[],
  names: Names,
): string {
  const params = { from: formatAddress(event.from), ...party('to', event.to, names) }
  if (event.undo) return say(event.kind === 'DNAT' ? 'why.unDnat' : 'why.unSnat', params)
  if (event.kind === 'SNAT') return say('why.snat', params)
  if (present.some((one) => one.type === 'ruleMatched' && one.verdict === 'REDIRECT'))
    return say('why.redirect', params)
  const lead = choice && choice.by !== 'ipvs' ? diceLead(choice) : ''
  if (lead !== '') return lead + say('why.dnat', params)
  if (present.some((one) => one.type === 'affinityChecked' && one.hit))
    return say('why.affinity') + say('why.dnat', params)
  const only = present.some((one) => one.type === 'ruleMatched' && one.rule.chain.startsWith('KUBE-SEP-'))
  return only ? say('why.onlyEndpoint') + say('why.dnat', params) : say('why.dnatPlain', params)
}

const ORDINALS = ['no rule', 'The first rule', 'The first two rules', 'The first three rules', 'The first four rules']

function diceLead({ by, rolls, candidates, chosen }: Choice): string {
  const last = rolls.at(-1)
  if (!last) return ''
  if (by === 'nftables') {
    return say('why.diceNft', { n: candidates.length, index: chosen ?? 0, roll: last.roll.toFixed(3) })
  }
  const losses = rolls.filter(({ won }) => !won)
  const lost = ORDINALS[losses.length] ?? `The first ${losses.length} rules`
  const chance = formatChance(last.probability)
  const lostRolls = losses.map(
    ({ roll, probability }) => `${roll.toFixed(3)} is not below ${formatChance(probability)}`,
  )
  const told =
    losses.length > 2 ? 'their rolls' : `${losses.length === 1 ? 'its roll' : 'their rolls'} (${lostRolls.join(', ')})`
  if (!last.won) return say('why.diceLast', { lost, rolls: told })
  if (losses.length === 0) return say('why.diceFirst', { chance, roll: last.roll.toFixed(3) })
  return say('why.diceMiddle', { lost, rolls: told, chance })
}

function scheduledSentence(event: EventOf<'ipvsScheduled'>, names: Names): string {
  const chosen = event.candidates[event.chosen]
  const params = {
    to: event.virtual,
    scheduler: event.scheduler,
    ...(chosen?.address ? party('chosen', chosen.address, names) : { chosen: chosen?.label ?? '?', name: '' }),
  }
  if (event.because === 'connection') return say('why.ipvsKnown', params)
  return say(event.because === 'persistence' ? 'why.ipvsPersistent' : 'why.ipvs', params)
}

function balancedSentence({ candidates, chosen, because, check }: EventOf<'balanced'>, names: Names): string {
  const address = candidates[chosen]?.address
  const params = {
    n: count(candidates.length, 'node'),
    check,
    ...(address && { chosen: address.ip, name: party('chosen', address, names)['name'] ?? '' }),
  }
  return say(because === 'connection' ? 'why.balancedKnown' : 'why.balanced', params)
}

function pickedSentence(event: EventOf<'proxyPicked'>, names: Names): string {
  const chosen = event.candidates[event.chosen]
  const params = {
    attempt: event.attempt,
    ...(chosen?.address ? party('chosen', chosen.address, names) : { chosen: chosen?.label ?? '?', name: '' }),
  }
  if (event.attempt > 1) return say('why.pickedAgain', params)
  return say(event.because === 'affinity' ? 'why.pickedAffinity' : 'why.picked', params)
}

function endSentence(
  event:
    EventOf<'rejected'> | EventOf<'dropped'> | EventOf<'timedOut'> | EventOf<'ipvsRefused'> | EventOf<'proxyFailed'>,
): string {
  switch (event.type) {
    case 'rejected': {
      const params = { with: event.with, chain: event.rule?.chain ?? '', place: shortNameOf(event.at) }
      if (event.by === 'rule') {
        return say(/no endpoints/.test(event.rule?.text ?? '') ? 'why.rejectedEmpty' : 'why.rejectedRule', params)
      }
      if (event.by === 'noListener') return say('why.rejectedPort', params)
      return say(event.by === 'noNeighbour' ? 'why.rejectedNeighbour' : 'why.rejectedRoute', params)
    }
    case 'dropped': {
      const detail = event.detail === undefined || event.detail === '' ? '' : ` (${event.detail})`
      return say('why.dropped', { reason: `${DROP_REASONS[event.reason]}${detail}` })
    }
    case 'timedOut':
      return say('why.timedOut', { seconds: Math.round(event.afterMs / 100) / 10 })
    case 'ipvsRefused':
      return say('why.ipvsRefused', { virtual: event.virtual })
    case 'proxyFailed':
      return say('why.proxyFailed', { reason: event.reason })
  }
}

/** `{to: '10.244.2.33:80', name: ' (pc-…-nwdpb)'}`. */
function party(key: string, address: SocketAddress, names: Names): Record<string, string> {
  const name = names.get(address.ip)
  return { [key]: formatAddress(address), name: name === undefined ? '' : ` (${name})` }
}

/** `client` of `dev/client`, `nginx` process owners of `dev/web-1 nginx`, `kube-proxy`. */
export function ownerName(owner: string, at: string): string {
  const [first = ''] = owner.split(' ')
  if (first.startsWith('kube-proxy')) return 'kube-proxy'
  // Anything but a pod's `namespace/name` is a process of the machine itself.
  if (!first.includes('/') || !at.startsWith('node/')) return shortNameOf(at)
  return shortPodName(first.slice(first.lastIndexOf('/') + 1))
}

/** What was sent, in the sender's word for it. */
export function sentWord({ why, packet }: EventOf<'sent'>): string {
  return why === '' ? packetWord(packet) : why.replace(/^HTTP\/[\d.]+ /, '')
}

const QUESTION = /^([A-Z]+)\? (\S+)$/

/** What a DNS query asks, without the trailing dot; undefined for other packets. */
export function questionOf({ payload = '', destination }: Packet): { type: string; what: string } | undefined {
  const match = destination.port === 53 ? QUESTION.exec(payload) : null
  return match ? { type: match[1] ?? '', what: (match[2] ?? '').replace(/\.$/, '') } : undefined
}

export function isDnsReply({ payload = '', source, destination }: Packet): boolean {
  return source.port === 53 && destination.port !== 53 && payload !== ''
}

/** What a packet is, in a word or two: `SYN`, `GET /`, `a datagram`, `port-unreachable`. */
export function packetWord(packet: Packet): string {
  if (packet.icmp) return `ICMP ${packet.icmp.kind}`
  const [line] = (packet.payload ?? '').split(/\r?\n/)
  if (line !== undefined && line !== '') {
    const http = /^([A-Z]+ \S+) HTTP\//.exec(line)?.[1] ?? /^HTTP\/[\d.]+ (.+)$/.exec(line)?.[1]
    return http ?? (line.length > 32 ? `${line.slice(0, 31)}…` : line)
  }
  return packet.flags ?? 'a datagram'
}
