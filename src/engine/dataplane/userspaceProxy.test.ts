import { describe, expect, it } from 'vitest'
import { createUserspaceProxy } from './userspaceProxy.ts'
import { socketAddress } from '../testing/hookContext.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { Portal, UserspaceProxy } from './userspaceProxy.ts'

// kube-proxy v1.25, pkg/proxy/userspace/roundrobin.go and proxysocket.go.
const CLIENT = '10.244.1.20' as never
const portalOf = (endpoints: readonly string[], change: Partial<Portal> = {}): Portal => ({
  service: 'dev/web:http',
  protocol: 'TCP',
  proxyPort: 40041,
  endpoints: endpoints.map((name) => socketAddress(`10.244.1.${name.charCodeAt(0) - 55}:80`)),
  affinitySeconds: 0,
  ...change,
})
const lastDrawn: Chance = { roll: () => ({ roll: 0, won: false }), pick: (n) => n - 1, port: (from) => from }

/** Which endpoint is next, by its letter; `draws` notes how many it was drawn from. */
function picker(proxy: UserspaceProxy, draws: number[] = []) {
  const chance: Chance = {
    ...lastDrawn,
    pick: (n) => {
      draws.push(n)
      return n - 1
    },
  }
  return (portal: Portal, { now = 0, anew = false, client = CLIENT } = {}): string => {
    const pick = proxy.next(portal, client, now, chance, anew)
    const ip = pick?.endpoints[pick.chosen]?.ip
    return ip === undefined ? '-' : String.fromCharCode(Number(ip.split('.')[3]) + 55)
  }
}
const times = (n: number, pick: () => string): string => Array.from({ length: n }, pick).join('')

describe('the round', () => {
  it('is a shuffled list, drawn place by place, then the same again', () => {
    const proxy = createUserspaceProxy()
    const portal = portalOf(['A', 'B', 'C'])
    proxy.apply([portal])
    const draws: number[] = []
    const next = picker(proxy, draws)
    expect(times(7, () => next(portal))).toBe('CBACBAC')
    expect(draws).toEqual([3, 2])
  })

  it('tells the chance of each endpoint', () => {
    const proxy = createUserspaceProxy()
    const portal = portalOf(['A', 'B', 'C'], { affinitySeconds: 60 })
    proxy.apply([portal])
    const chances = (client: string) => proxy.next(portal, client as never, 0, lastDrawn, false)?.chances
    expect([chances('1.1.1.1'), chances('1.1.1.2'), chances('1.1.1.3'), chances('1.1.1.1')]).toEqual([
      [1 / 3, 1 / 3, 1 / 3],
      [1 / 2, 1 / 2, 0],
      [1, 0, 0],
      [0, 0, 1],
    ])
  })

  it.each<[string, readonly string[], string]>([
    ['goes on where it was with the same set in another order', ['C', 'A', 'B'], 'BACB'],
    ['begins anew with another set', ['A', 'B', 'C', 'D'], 'DCBA'],
    ['begins anew with a smaller set', ['A', 'B'], 'BABA'],
    ['is empty without endpoints', [], '----'],
  ])('%s', (_, endpoints, want) => {
    const proxy = createUserspaceProxy()
    const before = portalOf(['A', 'B', 'C'])
    proxy.apply([before])
    const next = picker(proxy)
    expect(next(before)).toBe('C')
    const after = portalOf(endpoints)
    proxy.apply([after])
    expect(times(4, () => next(after))).toBe(want)
  })

  it('is forgotten with its service port', () => {
    const proxy = createUserspaceProxy()
    const portal = portalOf(['A', 'B'])
    const draws: number[] = []
    const next = picker(proxy, draws)
    proxy.apply([portal])
    next(portal)
    proxy.apply([])
    proxy.apply([portal])
    next(portal)
    expect(draws).toEqual([2, 2])
  })
})

describe('affinity', () => {
  const portal = portalOf(['A', 'B', 'C'], { affinitySeconds: 60 })
  const lab = () => {
    const proxy = createUserspaceProxy()
    proxy.apply([portal])
    return { proxy, next: picker(proxy) }
  }

  it('is renewed by each use, counts whole seconds and does not move the round', () => {
    const { next } = lab()
    const at = [0, 59_000, 118_999, 178_998]
    expect(at.map((now) => next(portal, { now })).join('')).toBe('CCCC')
    // 60 whole seconds after the last use.
    expect(next(portal, { now: 238_998 })).toBe('B')
    expect(next(portal, { now: 238_998, client: '10.244.1.21' as never })).toBe('A')
  })

  it('is passed over and overwritten from the second dial on', () => {
    const { next } = lab()
    expect([next(portal), next(portal, { anew: true }), next(portal)]).toEqual(['C', 'B', 'B'])
  })

  it('stays with an endpoint that stays, and goes with one that goes', () => {
    const { proxy, next } = lab()
    expect([next(portal), next(portal, { client: '10.244.1.21' as never })]).toEqual(['C', 'B'])
    const without = portalOf(['A', 'C'], { affinitySeconds: 60 })
    proxy.apply([without])
    expect(proxy.affinity().map(({ client, endpoint }) => [client, endpoint.ip])).toEqual([[CLIENT, '10.244.1.12']])
    expect(next(without)).toBe('C')
    proxy.apply([portalOf([], { affinitySeconds: 60 })])
    expect(proxy.affinity()).toEqual([])
  })

  it('keeps the timeout with which the service port was first seen', () => {
    const { proxy, next } = lab()
    const longer = portalOf(['A', 'B', 'C'], { affinitySeconds: 10_800 })
    expect(next(portal)).toBe('C')
    proxy.apply([longer])
    expect(next(longer, { now: 60_000 })).toBe('B')
    // Without affinity at first: then 10800 s, whatever it says later.
    const other = createUserspaceProxy()
    other.apply([portalOf(['A', 'B', 'C'])])
    other.apply([portal])
    const [first, second] = [picker(other)(portal), picker(other)(portal, { now: 10_000_000 })]
    expect(second).toBe(first)
  })
})

describe('UDP sessions', () => {
  const portal = portalOf(['A', 'B'], { protocol: 'UDP' })
  const client = socketAddress('10.244.1.20:40000')
  const session = { endpoint: socketAddress('10.244.1.10:53'), local: socketAddress('10.244.1.1:50000') }

  it('live 250 ms after the last datagram', () => {
    const proxy = createUserspaceProxy()
    proxy.apply([portal])
    const lives = (now: number): boolean => proxy.session(portal, client, now) !== undefined
    expect(lives(0)).toBe(false)
    proxy.keepSession(portal, client, session, 0)
    expect([lives(249), lives(250)]).toEqual([true, false])
    proxy.keepSession(portal, client, session, 200)
    expect([lives(449), lives(450)]).toEqual([true, false])
    expect(proxy.session(portal, socketAddress('10.244.1.20:40001'), 201)).toBeUndefined()
  })

  it.each<[string, (proxy: UserspaceProxy) => void, boolean]>([
    [
      'end with an ICMP error',
      (proxy) => {
        proxy.endSession(portal, client)
      },
      false,
    ],
    [
      'end when the proxy port is closed',
      (proxy) => {
        proxy.apply([])
      },
      false,
    ],
    [
      'outlive their endpoint',
      (proxy) => {
        proxy.apply([portalOf(['B'], { protocol: 'UDP' })])
      },
      true,
    ],
  ])('%s', (_, act, want) => {
    const proxy = createUserspaceProxy()
    proxy.apply([portal])
    proxy.keepSession(portal, client, session, 0)
    act(proxy)
    expect(proxy.session(portal, client, 1) !== undefined).toBe(want)
  })
})

it('goes back to a checkpoint', () => {
  const proxy = createUserspaceProxy()
  const portal = portalOf(['A', 'B', 'C'])
  proxy.apply([portal])
  const next = picker(proxy)
  next(portal)
  const restore = proxy.checkpoint()
  for (let i = 0; i < 2; i++) {
    expect(times(3, () => next(portal))).toBe('BAC')
    restore()
  }
})
