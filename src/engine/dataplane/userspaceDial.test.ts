import { describe, expect, it } from 'vitest'
import { aRequest, ends, lab } from '../testing/lab.ts'
import { createChance } from './chance.ts'
import { createRandom } from '../base/random.ts'
import type { Chance } from '../conntrack/hookContext.ts'
import type { LabService } from '../testing/lab.ts'

// kube-proxy v1.25 in userspace mode: pkg/proxy/userspace/proxysocket.go.
const VIP = '10.96.0.50'
const A = '10.244.1.2 node02'
const C = '10.244.2.2 node03'
/** Nobody has these addresses: a dial there only ends with its time limit. */
const SILENT = ['10.244.2.91 node03', '10.244.2.92 node03', '10.244.2.93 node03', '10.244.2.94 node03']
/** A pod that does not listen: it refuses at once. */
const CLOSED = '10.244.1.20 node02'

const inMode = (service: Partial<LabService>) =>
  lab([{ name: 'web', clusterIP: VIP, endpoints: [], ...service }], { mode: 'userspace' })

/** Dials: which endpoint, and how long after the first one; then how the client saw it end. */
function dials(
  endpoints: readonly string[],
  pick: Chance['pick'] = (n) => n - 1,
): { picked: readonly string[]; outcome: string; endedAt: number } {
  const chance: Chance = { ...createChance(createRandom(1)), pick }
  const made = inMode({ endpoints }).attempt(aRequest('pod/dev/client', `tcp ${VIP}:80`), {
    chance,
    now: 0,
    trace: true,
  })
  const picks = made?.events.filter((event) => event.type === 'proxyPicked') ?? []
  const start = picks[0]?.time ?? 0
  return {
    picked: picks.map((pick) => `${pick.candidates[pick.chosen]?.label} +${Math.round(pick.time - start)}`),
    outcome: made?.outcome.outcome ?? '',
    endedAt: Math.round(made?.endedAt ?? 0),
  }
}

describe('dial attempts', () => {
  it('wait 250, 500, 1000 and 2000 ms, then give up, though a fifth endpoint lives', () => {
    const { picked, outcome, endedAt } = dials([...SILENT, A])
    expect(picked).toEqual([
      '10.244.2.94:8080 +0',
      '10.244.2.93:8080 +250',
      '10.244.2.92:8080 +750',
      '10.244.2.91:8080 +1750',
    ])
    expect([outcome, endedAt]).toEqual(['closed', 3750])
  })

  it('go round: of two endpoints each is tried twice', () => {
    const { picked } = dials(SILENT.slice(0, 2))
    expect(picked.map((text) => text.split(':')[0])).toEqual([
      '10.244.2.92',
      '10.244.2.91',
      '10.244.2.92',
      '10.244.2.91',
    ])
  })

  it('go on at once after a refusal', () => {
    const { picked, outcome } = dials([CLOSED, A, SILENT[0] ?? ''], () => 0)
    expect([picked, outcome]).toEqual([['10.244.1.20:8080 +0', '10.244.1.2:8080 +0'], 'connected'])
  })

  it('every outcome: the shuffled list makes the living ones equal, wherever the dead one stands', () => {
    for (const endpoints of [
      [CLOSED, A, C],
      [A, CLOSED, C],
      [A, C, CLOSED],
    ]) {
      expect(ends(inMode({ endpoints }), 'node/node01', `tcp ${VIP}:80`)).toEqual([
        '1/2 connected dev/a 172.16.210.11',
        '1/2 connected dev/c 172.16.210.11',
      ])
    }
  })
})

describe('UDP', () => {
  it("a node's own cni0 address as NodePort: the answer comes from another address, unless the CNI masquerades", () => {
    const services = [{ name: 'web', clusterIP: VIP, endpoints: [A], nodePort: 30080, protocol: 'UDP' as const }]
    const bare = lab(services, { mode: 'userspace', node: (spec) => ({ ...spec, cniMasquerade: false }) })
    const udp = inMode({ endpoints: [A], nodePort: 30080, protocol: 'UDP' })
    const tcp = inMode({ endpoints: [A], nodePort: 30080 })
    // Linux 6.18: with the one rule of flannel that matches the server sees 172.16.210.12 and its answer is known.
    expect(ends(udp, 'node/node02', 'udp 10.244.1.1:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(bare, 'node/node02', 'udp 10.244.1.1:30080')).toEqual(['1 timeout'])
    expect(ends(udp, 'node/node02', 'udp 172.16.210.12:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(tcp, 'node/node02', 'tcp 10.244.1.1:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
    expect(ends(udp, 'pod/dev/client', 'udp 10.244.1.1:30080')).toEqual(['1 connected dev/a 10.244.1.1'])
  })

  it('an endpoint that refuses is dialled, and the datagram is lost', () => {
    const udp = inMode({ endpoints: [CLOSED, A], protocol: 'UDP' })
    expect(ends(udp, 'pod/dev/a', `udp ${VIP}:80`)).toEqual(['1/2 connected dev/a 10.244.1.1', '1/2 timeout'])
  })
})

it('never refuses a captured Service, only what nobody captured', () => {
  const web = inMode({ endpoints: [CLOSED], nodePort: 30080 })
  for (const to of [`tcp ${VIP}:80`, 'tcp 172.16.210.12:30080']) {
    expect(ends(web, 'node/node02', to)).toEqual(['1 closed ECONNRESET'])
  }
  expect(ends(web, 'node/node02', 'tcp 172.16.210.12:30081')).toEqual(['1 refused ECONNREFUSED'])
  expect(ends(web, 'pod/dev/a', `tcp ${VIP}:81`)).toEqual(['1 timeout'])
})
