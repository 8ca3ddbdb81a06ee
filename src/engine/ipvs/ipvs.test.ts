import { describe, expect, it } from 'vitest'
import { createClients } from '../testing/director.ts'
import { aHookContext, aPacket, socketAddress } from '../testing/hookContext.ts'
import { createIpvs } from './ipvs.ts'
import { printIpvsConnections, printIpvsadm } from './printIpvsadm.ts'
import type { TraceEvent } from '../trace/event.ts'
import type { IpvsProtocol, VirtualServerSpec } from './model.ts'

const VIP = '10.98.98.98:80'
const [A, B, C] = ['10.244.1.10:8080', '10.244.1.11:8080', '10.244.2.12:8080'] as const

function spec(servers: readonly string[], change: Partial<VirtualServerSpec> = {}): VirtualServerSpec {
  const realServers = servers.map((text) => ({ address: socketAddress(text), weight: 1 }))
  return { protocol: 'TCP', address: socketAddress(VIP), scheduler: 'rr', persistence: 0, realServers, ...change }
}

function lab(servers: readonly string[], change: Partial<VirtualServerSpec> = {}) {
  const ipvs = createIpvs()
  const sync = (wanted: readonly string[], now: number): void => {
    ipvs.applyVirtualServers([spec(wanted, change)], now)
  }
  sync(servers, 0)
  const clients = createClients(ipvs, VIP, change.protocol)
  /** `ADDRESS weight active inactive` of each server, in kernel order. */
  const servers_ = (): string[] => {
    ipvs.advance(clients.now())
    return (ipvs.virtualServers()[0]?.servers ?? []).map((s) => `${s.key} ${s.weight} ${s.active} ${s.inactive}`)
  }
  return { ipvs, sync, clients, servers: servers_ }
}

describe('connections', () => {
  it.each<[string, (clients: ReturnType<typeof createClients>) => void, string, string]>([
    ['open', (clients) => void clients.open('a', '10.244.1.20:47000'), `${A} 1 1 0`, 'TCP 15:00  ESTABLISHED'],
    [
      'closed',
      (clients) => {
        clients.open('a', '10.244.1.20:47000')
        clients.close('a')
      },
      `${A} 1 0 1`,
      'TCP 01:59  TIME_WAIT  ',
    ],
    [
      'reset by the client',
      (clients) => {
        clients.open('a', '10.244.1.20:47000')
        clients.send('a', 'RST')
      },
      `${A} 1 0 1`,
      'TCP 00:10  CLOSE      ',
    ],
  ])('one that is %s', (_, act, server, line) => {
    const { ipvs, clients, servers } = lab([A])
    act(clients)
    expect(servers()).toEqual([server])
    expect(printIpvsConnections(ipvs, clients.now())).toBe(
      `IPVS connection entries\npro expire state       source             virtual            destination\n${line} 10.244.1.20:47000  ${VIP}     ${A}\n`,
    )
  })

  it.each<[IpvsProtocol, number, string]>([
    ['TCP', 899, `${A} 1 1 0`],
    ['TCP', 900, `${A} 1 0 0`],
    ['UDP', 299, `${A} 1 0 1`],
    ['UDP', 300, `${A} 1 0 0`],
  ])('%s after %d idle seconds: %s', (protocol, seconds, want) => {
    const { clients, servers } = lab([A], { protocol })
    clients.open('a', '10.244.1.20')
    clients.wait(seconds)
    expect(servers()).toEqual([want])
  })

  it('lets a stray segment pass to the local stack', () => {
    const { ipvs } = lab([A])
    expect(ipvs.incoming(aHookContext({ packet: aPacket({ flags: 'ACK' }) })).type).toBe('pass')
    expect(ipvs.incoming(aHookContext({ packet: aPacket({ flags: 'SYN' }) })).type).toBe('toServer')
  })

  it.each([
    ['10.98.98.98:80', 'TCP', 'refuse'],
    ['10.98.98.98:81', 'TCP', 'pass'],
    ['10.98.98.98:80', 'UDP', 'pass'],
  ] as const)('without servers: %s/%s %s', (destination, protocol, want) => {
    const { ipvs } = lab([])
    const events: TraceEvent[] = []
    const packet = aPacket({ protocol, destination: socketAddress(destination) })
    expect(ipvs.incoming(aHookContext({ packet, trace: (event) => events.push(event) })).type).toBe(want)
    expect(events.map((event) => event.type)).toEqual(want === 'refuse' ? ['ipvsRefused'] : [])
  })

  it('answers come from the virtual address, errors about a connection too', () => {
    const { ipvs, clients } = lab([A])
    clients.open('a', '10.244.1.20:47000')
    const [client, server] = [socketAddress('10.244.1.20:47000'), socketAddress(A)]
    const outgoing = (packet: ReturnType<typeof aPacket>) => ipvs.outgoing(aHookContext({ packet, hook: 'FORWARD' }))
    const want = {
      type: 'toClient',
      source: socketAddress(VIP),
      virtual: { protocol: 6, address: '10.98.98.98', port: 80 },
    }
    expect(outgoing(aPacket({ source: server, destination: client, flags: 'ACK' }))).toEqual(want)
    const inner = { protocol: 'TCP' as const, source: client, destination: server }
    const error = aPacket({
      protocol: 'ICMP',
      source: socketAddress('10.244.1.10:0'),
      destination: socketAddress('10.244.1.20:0'),
    })
    expect(outgoing({ ...error, icmp: { kind: 'port-unreachable', inner } })).toEqual(want)
    expect(outgoing(aPacket({ source: server, destination: socketAddress('10.244.1.20:1') })).type).toBe('pass')
  })

  it('an unknown start is one equal draw, before the first connection only, and told with its chances', () => {
    const { ipvs } = lab([A, B, C])
    const asked: [number, string][] = []
    const events: TraceEvent[] = []
    const go = (port: number) => {
      const verdict = ipvs.incoming(
        aHookContext({
          packet: aPacket({ source: socketAddress(`10.244.1.20:${port}`) }),
          trace: (event) => events.push(event),
          chance: {
            roll: () => ({ roll: 0, won: false }),
            pick: (n, why) => {
              asked.push([n, why])
              return 1
            },
            port: (from) => from,
          },
        }),
      )
      return verdict.type === 'toServer' ? `${verdict.server.ip}:${verdict.server.port}` : verdict.type
    }
    // The list is C, B, A: the second in it comes first.
    expect([1, 2, 3, 4].map(go)).toEqual([B, A, C, B])
    expect(asked).toEqual([[3, 'rr start']])
    expect(events[0]).toMatchObject({
      type: 'ipvsScheduled',
      because: 'scheduler',
      chosen: 0,
      candidates: [{ label: B, probability: 1 / 3 }, { probability: 1 / 3 }, { probability: 1 / 3 }],
    })
    expect(events[1]).toMatchObject({ chosen: 1, candidates: [{ probability: 0 }, { label: A, probability: 1 }, {}] })
  })
})

describe('persistence', () => {
  it.each<[IpvsProtocol, string]>([
    ['TCP', 'ASSURED'],
    ['UDP', 'ASSURED'],
  ])('a template is assured once its server answered: %s', (protocol, want) => {
    const { ipvs, clients } = lab([A], { protocol, persistence: 180 })
    clients.open('a', '10.244.1.20')
    expect(ipvs.connections().find((one) => one.template)?.state).toBe(want)
  })

  // Linux 6.1: a SYN that meets TIME_WAIT is balanced afresh, but not where a template holds the connection.
  it.each([
    [0, A],
    [180, B],
  ])('a port that is used again, persistence %d', (persistence, want) => {
    const { clients } = lab([A, B], { persistence })
    expect(clients.open('a', '10.244.1.20:47000')).toBe(B)
    clients.close('a')
    expect(clients.open('a', '10.244.1.20:47000')).toBe(want)
  })

  it('keeps a client at its server until the template ends', () => {
    const { ipvs, clients } = lab([A, B], { persistence: 180 })
    expect(clients.request('10.244.1.20')).toBe(B)
    expect(clients.request('10.244.1.20')).toBe(B)
    expect(clients.request('10.244.1.21')).toBe(A)
    expect(printIpvsConnections(ipvs, clients.now())).toContain(
      `TCP 02:59  ASSURED     10.244.1.20:0      ${VIP}     ${B}\n`,
    )
    // The connections end 120 s after they closed, the template 180 s after its last new connection.
    clients.wait(179)
    expect(clients.request('10.244.1.20')).toBe(B)
    clients.wait(180)
    ipvs.advance(clients.now())
    expect(ipvs.connections()).toEqual([])
    expect(clients.request('10.244.1.21')).toBe(B)
  })

  it('a template outlives its timeout while a connection needs it, a minute at a time', () => {
    const { ipvs, clients } = lab([A, B], { persistence: 30 })
    clients.open('a', '10.244.1.20')
    clients.wait(899)
    ipvs.advance(clients.now())
    expect(ipvs.connections().map((one) => one.template)).toEqual([true, false])
    clients.wait(60)
    ipvs.advance(clients.now())
    expect(ipvs.connections()).toEqual([])
  })

  it('a client whose server is on its way out gets a new one and a new template', () => {
    const { ipvs, sync, clients } = lab([A, B], { persistence: 600 })
    expect(clients.open('a', '10.244.1.20')).toBe(B)
    sync([A], clients.now())
    expect(clients.request('10.244.1.20')).toBe(A)
    expect(clients.send('a')).toBe('toServer')
    const templates = ipvs.connections().filter((one) => one.template)
    expect(templates.map((one) => [one.client.port, one.virtual.port, one.server.port, one.controlled])).toEqual([
      [0, 65535, 65535, 1],
      [0, 80, 8080, 1],
    ])
  })
})

describe('what a sync of kube-proxy does', () => {
  it('keeps a server with connections at weight 0 and takes it away at the minute after the last one ended', () => {
    const { sync, clients, servers } = lab([A, B])
    clients.open('a', '10.244.1.20')
    expect(servers()).toEqual([`${B} 1 1 0`, `${A} 1 0 0`])
    clients.wait(10)
    sync([A], clients.now())
    expect(servers()).toEqual([`${B} 0 1 0`, `${A} 1 0 0`])
    expect(clients.request('10.244.1.21')).toBe(A)
    expect(clients.send('a')).toBe('toServer')
    clients.close('a')
    // TIME_WAIT ends at about 130 s, the next look is at 180 s.
    clients.wait(165)
    expect(servers()[0]).toBe(`${B} 0 0 0`)
    clients.wait(5)
    expect(servers()).toEqual([`${A} 1 0 0`])
  })

  it.each<[IpvsProtocol, boolean, readonly string[]]>([
    ['TCP', false, [`${A} 1 0 0`]],
    ['UDP', true, [`${A} 1 0 0`]],
  ])('deletes a server at once: %s, in use: %s', (protocol, used, want) => {
    const { sync, clients, servers } = lab([A, B], { protocol })
    if (used) clients.open('a', '10.244.1.20')
    sync([A], 0)
    expect(servers()).toEqual(want)
  })

  it('puts a server that comes back at the head of the list, with the connections it still has', () => {
    const { sync, clients, servers } = lab([A, B])
    clients.open('b', '10.244.1.20')
    clients.open('a', '10.244.1.20')
    sync([B], 0)
    expect(servers()).toEqual([`${B} 1 1 0`, `${A} 0 1 0`])
    sync([A, B], 0)
    expect(servers()).toEqual([`${A} 1 1 0`, `${B} 1 1 0`])
    expect(clients.send('a')).toBe('toServer')
  })

  // Linux 6.1 with expire_nodest_conn=1: `ipvsadm -d`, and a moment later `ipvsadm -Lnc`.
  it('connections, templates and conntrack entries end with their server', () => {
    const dropped: string[] = []
    const ipvs = createIpvs(0, ({ client }) => dropped.push(`${client.ip}:${client.port}`))
    ipvs.applyVirtualServers([spec([A, B], { persistence: 600 })], 0)
    const clients = createClients(ipvs, VIP)
    expect([clients.open('b', '10.244.1.20:47000'), clients.open('a', '10.244.1.21:47001')]).toEqual([B, A])
    ipvs.deleteRealServer(`TCP ${VIP}`, B)
    expect(ipvs.connections().map(({ client, server }) => `${client.port} ${server.ip}`)).toEqual([
      '0 10.244.1.10',
      '47001 10.244.1.10',
    ])
    expect(dropped).toEqual(['10.244.1.20:47000'])
    expect([clients.send('b'), clients.send('a')]).toEqual(['pass', 'toServer'])
    ipvs.deleteVirtualServer('TCP', socketAddress(VIP))
    expect([ipvs.connections(), dropped]).toEqual([[], ['10.244.1.20:47000', '10.244.1.21:47001']])
  })

  it.each([
    [179, 1],
    [180, 0],
  ])('a server that comes back after %d s still has %d of its connections in its statistics', (seconds, want) => {
    const { ipvs, clients } = lab([A])
    clients.request('10.244.1.20')
    ipvs.deleteRealServer(`TCP ${VIP}`, A)
    ipvs.advance(clients.now() + seconds * 1000)
    ipvs.addRealServer(`TCP ${VIP}`, socketAddress(A), 1)
    expect(ipvs.virtualServers()[0]?.servers.map((one) => one.counters.connections)).toEqual([want])
  })

  it('deletes what is not wanted, but not of another family or in an excluded network', () => {
    const ipvs = createIpvs()
    const at = (text: string): VirtualServerSpec => spec([], { address: socketAddress(text) })
    ipvs.applyVirtualServers([at('10.96.0.1:443'), at('[fd00::1]:443'), at('192.0.2.1:80')], 0)
    ipvs.applyVirtualServers([at('10.96.0.2:443')], 1, { family: 'IPv4', excludeCidrs: ['192.0.2.0/24' as never] })
    expect(ipvs.virtualServers().map((one) => one.key)).toEqual([
      'TCP [fd00::1]:443',
      'TCP 192.0.2.1:80',
      'TCP 10.96.0.2:443',
    ])
  })

  it('edits scheduler and affinity in place: connections stay', () => {
    const { ipvs, clients, servers } = lab([A])
    clients.open('a', '10.244.1.20')
    ipvs.applyVirtualServers([spec([A], { scheduler: 'mh', persistence: 10800 })], 1)
    expect(servers()).toEqual([`${A} 1 1 0`])
    expect(printIpvsadm(ipvs, 1)).toContain(`TCP  ${VIP} mh (mh-port) persistent 10800\n`)
    expect(clients.send('a')).toBe('toServer')
  })

  it('skips a virtual server whose scheduler the kernel does not know', () => {
    const ipvs = createIpvs()
    ipvs.applyVirtualServers([spec([A], { scheduler: 'twos' })], 0)
    expect(ipvs.virtualServers()).toEqual([])
  })
})

it('goes back to a checkpoint as often as asked, also past later ones', () => {
  const { ipvs, sync, clients } = lab([A, B, C], { persistence: 180 })
  clients.open('a', '10.244.1.20')
  const before = printIpvsadm(ipvs, 0, 'stats') + printIpvsConnections(ipvs, 0)
  const restore = ipvs.checkpoint()
  for (const round of [1, 2]) {
    const inner = ipvs.checkpoint()
    expect(createClients(ipvs, VIP).request(`10.244.1.${30 + round}`)).toBe(B)
    clients.send('a')
    sync([A], 60_000)
    inner()
    ipvs.advance(10_000_000)
    expect(ipvs.connections()).toEqual([])
    restore()
    expect(printIpvsadm(ipvs, 0, 'stats') + printIpvsConnections(ipvs, 0)).toBe(before)
  }
  expect(clients.send('a')).toBe('toServer')
})
