import { ipOrUndefined } from '../engine/base/ip.ts'
import type { IcmpMessage } from '../engine/index.ts'
import type { MachineOptions, ProgramWorld } from './resolveMachine.ts'
import type { Echo, PingIo } from './ping.ts'

/** ping's words for the ICMP errors. Source: iputils 20221126, ping_common.c. */
const WORDS: Readonly<Partial<Record<IcmpMessage['kind'], string>>> = {
  'port-unreachable': 'Destination Port Unreachable',
  'host-unreachable': 'Destination Host Unreachable',
  'net-unreachable': 'Destination Net Unreachable',
  'proto-unreachable': 'Destination Protocol Unreachable',
  'net-prohibited': 'Destination Net Prohibited',
  'host-prohibited': 'Destination Host Prohibited',
  'admin-prohibited': 'Packet filtered',
  'time-exceeded': 'Time to live exceeded',
}

/** ping's view of a simulated machine: its echo requests walk the simulated network. */
export function createPingIo(world: ProgramWorld, options: MachineOptions, lookUp: PingIo['lookUp']): PingIo {
  const pass = options.advance ?? ((): void => undefined)
  return {
    lookUp,
    pass,
    echo: (address, limitMs) => {
      const echo = echoOnce(world, options, address, limitMs)
      pass(echo.type === 'reply' ? echo.elapsedMs : echo.type === 'silence' ? limitMs : 0)
      return echo
    },
  }
}

function echoOnce(world: ProgramWorld, { from, now }: MachineOptions, address: string, limitMs: number): Echo {
  const ip = ipOrUndefined(address)
  if (ip === undefined) return { type: 'noRoute' }
  const attempt = world.fleet.dataplane().attempt(
    { from, protocol: 'ICMP', destination: { ip, port: 0 } },
    // Nothing about a ping is left to chance: no rule of kube-proxy balances ICMP.
    {
      chance: { roll: () => ({ roll: 0, won: true }), pick: () => 0, port: (low) => low },
      now: now(),
      timeoutMs: limitMs,
      trace: true,
    },
  )
  const { outcome } = attempt ?? {}
  if (!attempt || outcome?.errno === 'ENETUNREACH') return { type: 'noRoute' }
  // The last packet that anybody took is what came back to the client.
  const last = attempt.events.findLast((event) => event.type === 'delivered')
  const packet = last?.type === 'delivered' ? last.packet : undefined
  const words = packet?.icmp === undefined ? undefined : WORDS[packet.icmp.kind]
  if (outcome?.outcome === 'connected' && packet?.icmp?.kind === 'echo-reply') {
    return { type: 'reply', from: packet.source.ip, ttl: packet.ttl, elapsedMs: attempt.endedAt - attempt.startedAt }
  }
  return packet && words !== undefined ? { type: 'error', from: packet.source.ip, words } : { type: 'silence' }
}
