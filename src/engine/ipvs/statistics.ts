import type { SimTime } from '../base/time.ts'
import type { Packet } from '../packet/packet.ts'

/** What `ipvsadm --stats` shows, and the estimator behind `--rate`. */
export interface Counters {
  connections: number
  inPackets: number
  outPackets: number
  inBytes: number
  outBytes: number
  /** Averages in the kernel's fixed point: connections and packets x 1024, bytes x 32; and the counts at the last tick. */
  rates: Rates | undefined
}

interface Rates {
  tick: number
  last: readonly [number, number, number, number, number]
  average: readonly [number, number, number, number, number]
}

/** Per second, rounded up as the kernel does. */
export interface ShownRates {
  readonly connections: number
  readonly inPackets: number
  readonly outPackets: number
  readonly inBytes: number
  readonly outBytes: number
}

export function newCounters(): Counters {
  return { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0, rates: undefined }
}

/** `rates` is replaced, never changed, so it may be shared. */
export function copyCounters(counters: Counters): Counters {
  return { ...counters }
}

/** Length of the IP packet in bytes. A SYN carries 20 bytes of TCP options, the other segments 12 (timestamps). */
export function packetLength(packet: Packet): number {
  const payload = packet.payload?.length ?? 0
  const header = packet.source.ip.includes(':') ? 40 : 20
  switch (packet.protocol) {
    case 'TCP':
      return header + (packet.flags?.startsWith('SYN') ? 40 : packet.flags?.startsWith('RST') ? 20 : 32) + payload
    case 'UDP':
      return header + 8 + payload
    case 'SCTP':
      return header + 12 + 16 + payload
    case 'ICMP':
      return header + 8 + (packet.icmp?.inner ? 28 : 56)
  }
}

const TICK = 2000

/** Brings the averages up to `now`: every 2 s each moves a quarter of the way to what happened since. Source: ip_vs_est.c. */
export function tickRates(counters: Counters, now: SimTime): void {
  const tick = Math.floor(now / TICK)
  if (counters.rates?.tick === tick) return
  const old = counters.rates ?? { tick, last: counts(counters), average: [0, 0, 0, 0, 0] }
  let { last } = old
  let average = old.average
  const current = counts(counters)
  // After some hundred quiet ticks every average is 0.
  for (let i = Math.max(old.tick, tick - 400); i < tick; i++) {
    const step = (k: 0 | 1 | 2 | 3 | 4, shift: number): number =>
      average[k] + Math.floor(((current[k] - last[k]) * shift - average[k]) / 4)
    average = [step(0, 512), step(1, 512), step(2, 512), step(3, 16), step(4, 16)]
    last = current
  }
  counters.rates = { tick, last, average }
}

function counts(c: Counters): Rates['last'] {
  return [c.connections, c.inPackets, c.outPackets, c.inBytes, c.outBytes]
}

export function shownRates(counters: Counters, now: SimTime): ShownRates {
  const copy = copyCounters(counters)
  tickRates(copy, now)
  const [cps, inPps, outPps, inBps, outBps] = copy.rates?.average ?? [0, 0, 0, 0, 0]
  const perSecond = (value: number): number => Math.floor((value + 511) / 1024)
  return {
    connections: perSecond(cps),
    inPackets: perSecond(inPps),
    outPackets: perSecond(outPps),
    inBytes: Math.floor((inBps + 15) / 32),
    outBytes: Math.floor((outBps + 15) / 32),
  }
}
