import { assertNever } from '../base/assertNever.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { Packet } from '../packet/packet.ts'
import type { Candidate, ConnectionUse, FlowSnapshot, Outcome, Trace, TraceEvent } from './event.ts'

/** A line of a printed trace; `event` is the index of the event that it tells, absent for headings. */
export interface TraceLine {
  readonly text: string
  readonly event?: number
}

/** The trace in words: one line per rule and hop, for terminals and golden files. Ends without a newline. */
export function printTrace(trace: Trace): string {
  return printTraceLines(trace)
    .map(({ text }) => text)
    .join('\n')
}

/** The same, line by line. */
export function printTraceLines(trace: Trace): readonly TraceLine[] {
  const lines: TraceLine[] = [{ text: `${trace.request.from} -> ${trace.request.to}  (kube-proxy ${trace.mode})` }]
  if (trace.connection) lines.push({ text: printConnection(trace.connection, trace.startedAt) })
  const heading = (text: string): void => {
    lines.push({ text: '' }, { text })
  }
  let packetId = 0
  trace.events.forEach((event, index) => {
    if (event.packetId !== packetId && event.type !== 'concluded') {
      packetId = event.packetId
      heading(packetId === 0 ? 'in user space' : `packet ${packetId}`)
    }
    const text = `${formatTime(event.time - trace.startedAt)}  ${event.at.padEnd(16)} ${describeEvent(event)}`
    lines.push({ text, event: index })
  })
  heading(printOutcome(trace.outcome))
  lines.push({ text: `${trace.rulesTried} rules tried` })
  return lines
}

/** `connection c1 reused, open for 12 s: 10.244.1.9:41822 > 10.98.98.98:80, request 2; it stays open`. */
function printConnection(connection: ConnectionUse, now: number): string {
  const { name, use, lostBy, local, remote, openedAt, requests, open } = connection
  const age = use === 'reused' ? `, open for ${Math.floor((now - openedAt) / 1000)} s` : ''
  const loss = lostBy === 'server' ? ' (the server had closed it)' : lostBy === 'reset' ? ' (it had been reset)' : ''
  const ends = `${formatSocketAddress(local)} > ${formatSocketAddress(remote)}`
  const answered = `${requests} answered over it`
  return `connection ${name} ${use}${loss}${age}: ${ends}, ${answered}; it ${open ? 'stays open' : 'is closed now'}`
}

function formatTime(ms: number): string {
  return `${ms.toFixed(3)} ms`.padStart(14)
}

/** `connected to 10.244.1.5:80 (dev/web-1), which saw 10.244.1.1`. */
export function printOutcome(outcome: Outcome): string {
  const server = outcome.server === undefined ? '' : ` to ${outcome.server}`
  const pod = outcome.pod === undefined ? '' : ` (${outcome.pod})`
  const seen = outcome.sourceSeen === undefined ? '' : `, which saw ${outcome.sourceSeen}`
  const error = outcome.errno ?? outcome.nameError
  const errno = error === undefined ? '' : ` ${error}`
  return `${outcome.outcome}${errno}${server}${pod}${seen}`
}

/** `10.244.1.9:41822 > 10.98.98.98:80 TCP SYN mark 0x4000`. */
export function printPacket(packet: Packet): string {
  const kind = packet.icmp ? `ICMP ${packet.icmp.kind}` : [packet.protocol, packet.flags].filter(Boolean).join(' ')
  const addresses = packet.icmp
    ? `${packet.source.ip} > ${packet.destination.ip}`
    : `${formatSocketAddress(packet.source)} > ${formatSocketAddress(packet.destination)}`
  return `${addresses} ${kind}${packet.mark === 0 ? '' : ` mark 0x${packet.mark.toString(16)}`}`
}

function printFlow({ original, reply }: FlowSnapshot): string {
  const tuple = (t: FlowSnapshot['original']): string =>
    `${formatSocketAddress(t.source)} > ${formatSocketAddress(t.destination)}`
  return `${tuple(original)} | reply ${tuple(reply)}`
}

function printCandidates(candidates: readonly Candidate[], chosen: number | undefined): string {
  return candidates.map(({ label }, i) => (i === chosen ? `[${label}]` : label)).join(' ')
}

function describeEvent(event: TraceEvent): string {
  switch (event.type) {
    case 'sent':
      return `${event.by} sends ${event.why}: ${printPacket(event.packet)}`
    case 'hookEntered': {
      const ports = [event.inInterface && `in ${event.inInterface}`, event.outInterface && `out ${event.outInterface}`]
      return [`${event.hook}:`, printPacket(event.packet), ...ports, event.state].filter(Boolean).join(' ')
    }
    case 'chainEntered':
      return `  ${event.hook} ${event.table} ${event.chain}`
    case 'rulesMissed':
      return event.from === event.to
        ? `  ${event.table} ${event.chain} rule ${event.from + 1}: no match`
        : `  ${event.table} ${event.chain} rules ${event.from + 1}-${event.to + 1}: no match`
    case 'ruleMatched':
      return `  ${event.rule.table} ${event.rule.chain} rule ${event.rule.index + 1}: ${event.rule.text}  => ${event.verdict}`
    case 'chainReturned':
      return `  ${event.table} ${event.chain} returns${event.to === undefined ? '' : ` to ${event.to}`}`
    case 'policyApplied':
      return `  ${event.table} ${event.chain} policy ${event.policy}`
    case 'diceRolled': {
      const choice = event.candidates.length > 1 ? ` of ${printCandidates(event.candidates, event.chosen)}` : ''
      return `  dice: ${event.roll.toFixed(6)} against ${event.probability.toFixed(6)}: ${event.won ? 'won' : 'lost'}${choice}`
    }
    case 'affinityChecked': {
      const age = event.ageSeconds === undefined ? '' : `, seen ${event.ageSeconds} s ago`
      return `  affinity ${event.list}: ${event.source} ${event.hit ? `is listed${age}` : 'is not listed'}`
    }
    case 'markSet':
      return `  mark 0x${event.from.toString(16)} -> 0x${event.to.toString(16)}`
    case 'translated':
      return `  ${event.undo ? 'un-' : ''}${event.kind} by ${event.by}: ${formatSocketAddress(event.from)} -> ${formatSocketAddress(event.to)}`
    case 'conntrack':
      return `  conntrack ${event.action} ${event.state} (${event.direction}): ${printFlow(event.flow)}`
    case 'routed': {
      const via = event.via === undefined ? '' : ` via ${event.via}`
      const out = event.outInterface === undefined ? '' : ` dev ${event.outInterface}`
      return `route${event.again ? ' again' : ''} ${event.destination}: ${event.result}${via}${out}`
    }
    case 'ipvsScheduled':
      return `  ipvs ${event.virtual} ${event.scheduler} (${event.because}): ${printCandidates(event.candidates, event.chosen)}`
    case 'ipvsRefused':
      return `  ipvs ${event.virtual}: no server`
    case 'balanced':
      return `load balancer ${event.service} (${event.because}): ${printCandidates(event.candidates, event.chosen)}`
    case 'linkCrossed':
      return `${event.interface} -> ${event.to} ${event.toInterface}${event.bridge === undefined ? '' : ` (bridge ${event.bridge})`}`
    case 'delivered':
      return `delivered to ${event.socket}: ${printPacket(event.packet)}`
    case 'proxyPicked':
      return `kube-proxy ${event.service} (${event.because}, attempt ${event.attempt}): ${printCandidates(event.candidates, event.chosen)}`
    case 'proxyFailed':
      return `kube-proxy ${event.service}: ${event.reason}`
    case 'proxyCopied':
      return `kube-proxy copies ${event.bytes} bytes ${event.from} -> ${event.to}`
    case 'rejected':
      return `${event.by === 'rule' ? `${event.hook ?? ''} REJECT` : `answered by the stack (${event.by})`}: ${event.with}`
    case 'dropped':
      return `dropped: ${event.reason}${event.detail === undefined ? '' : ` (${event.detail})`}`
    case 'timedOut':
      return `nothing came back in ${event.afterMs} ms`
    case 'concluded':
      return printOutcome(event.outcome)
    default:
      return assertNever(event)
  }
}
