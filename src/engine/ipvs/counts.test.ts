import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createClients } from '../testing/director.ts'
import { socketAddress } from '../testing/hookContext.ts'
import { createIpvs } from './ipvs.ts'
import { printIpvsConnections, printIpvsadm } from './printIpvsadm.ts'
import type { Ipvs } from './ipvs.ts'

const VIP = '10.98.98.98:80'
const SERVERS = ['10.244.1.10:8080', '10.244.1.11:8080', '10.244.2.12:8080', '10.244.2.13:8080']
const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', 'mh', 'fo', 'ovf']

type Step =
  | { readonly type: 'open'; readonly client: number }
  | { readonly type: 'close'; readonly which: number }
  | { readonly type: 'wait'; readonly seconds: number }
  /** Which of the servers kube-proxy wants now; none: the virtual server goes. */
  | { readonly type: 'sync'; readonly wanted: readonly boolean[]; readonly exists: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('open' as const), client: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('close' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), seconds: fc.nat(400) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('sync' as const),
      wanted: fc.array(fc.boolean(), { minLength: SERVERS.length, maxLength: SERVERS.length }),
      exists: fc.constantFrom(true, true, true, false),
    }),
  },
)

function sync(
  ipvs: Ipvs,
  wanted: readonly boolean[],
  options: { scheduler: string; persistence: number },
  now: number,
) {
  const realServers = SERVERS.filter((_, i) => wanted[i]).map((text) => ({ address: socketAddress(text), weight: 1 }))
  ipvs.applyVirtualServers([{ protocol: 'TCP', address: socketAddress(VIP), realServers, ...options }], now)
}

/** What each server counts must be what the connection table holds. */
function expectCounts(ipvs: Ipvs): void {
  const connections = ipvs.connections()
  for (const { key, servers } of ipvs.virtualServers()) {
    for (const server of servers) {
      const mine = connections.filter((one) => one.virtualKey === key && one.serverKey === server.key)
      expect([server.active, server.inactive, server.persistent]).toEqual([
        mine.filter((one) => !one.template && one.active).length,
        mine.filter((one) => !one.template && !one.active).length,
        mine.filter((one) => one.template).length,
      ])
    }
  }
  for (const template of connections.filter((one) => one.template)) {
    expect(template.controlled).toBe(connections.filter((one) => one.control === template.key).length)
  }
}

it('counts agree with the connection table whatever happens, and a checkpoint brings all of it back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SCHEDULERS),
      fc.constantFrom(0, 180),
      fc.array(step, { maxLength: 40 }),
      fc.nat(40),
      (scheduler, persistence, steps, checkpointAt) => {
        const ipvs = createIpvs()
        const options = { scheduler, persistence }
        sync(ipvs, [true, true, true, false], options, 0)
        const clients = createClients(ipvs, VIP)
        const show = (now: number): string =>
          printIpvsadm(ipvs, now, 'stats') +
          printIpvsadm(ipvs, now, 'persistent-conn') +
          printIpvsConnections(ipvs, now)
        let saved: { restore: () => void; text: string; now: number } | undefined
        steps.forEach((one, i) => {
          if (i === checkpointAt) saved = { text: show(clients.now()), restore: ipvs.checkpoint(), now: clients.now() }
          if (one.type === 'open') clients.open(`c${i}`, `10.244.1.${20 + one.client}`)
          else if (one.type === 'close') clients.close(clients.names()[one.which] ?? '')
          else if (one.type === 'wait') clients.wait(one.seconds)
          else if (one.exists) sync(ipvs, one.wanted, options, clients.now())
          else ipvs.applyVirtualServers([], clients.now())
          ipvs.advance(clients.now())
          expectCounts(ipvs)
        })
        if (!saved) return
        saved.restore()
        expect(show(saved.now)).toBe(saved.text)
        expectCounts(ipvs)
      },
    ),
    { numRuns: 300 },
  )
})
