import { describe, expect, it } from 'vitest'
import { iptablesCommand } from '../netfilter/iptablesCommand.ts'
import { aRequest, ends, lab } from '../testing/lab.ts'
import { exploreOutcomes } from './everyOutcome.ts'
import type { Dataplane } from './createDataplane.ts'

const CLIENT = 'pod/dev/client'
const VIP = '10.96.0.50'

/** The lab, a Service with the endpoint dev/c on node03, and rules that somebody typed on every node. */
function labWith(...commands: readonly string[]): Dataplane {
  const dataplane = lab([{ name: 'web', clusterIP: VIP, endpoints: ['10.244.2.2 node03'] }])
  for (const name of dataplane.nodeNames()) {
    const tables = dataplane.node(name)?.tables.IPv4 ?? expect.fail()
    for (const command of commands) expect(iptablesCommand(tables, command.split(' '))).toMatchObject({ exitCode: 0 })
  }
  return dataplane
}

// Each kind was sent through Linux 6.18 with kube-proxy's rules and the same additions: same ends, same counters.
describe('rules that somebody adds take part', () => {
  const connected = '1 connected dev/c 10.244.1.20'
  const refused = '1 refused ECONNREFUSED'
  it.each([
    ['-t nat -I PREROUTING -d 10.96.0.50 -j DNAT --to-destination 10.244.1.2-10.244.1.3', refused],
    [
      '-t nat -I PREROUTING -p tcp -d 10.96.0.50 -j DNAT --to-destination 10.244.1.2:8080',
      '1 connected dev/a 10.244.1.20',
    ],
    ['-t nat -I PREROUTING -p tcp -d 10.96.0.50 -j DNAT --to-destination 10.244.2.2:8080-8090', connected],
    ['-t nat -I PREROUTING -p tcp -d 10.96.0.50 -j DNAT --to-destination 10.244.2.2:8000-8099/0', connected],
    ['-t nat -I PREROUTING -p tcp -j REDIRECT', refused],
    ['-t nat -I POSTROUTING -p tcp -o eth0 -j MASQUERADE --to-ports 40000-40010', '1 connected dev/c 172.16.210.12'],
    [
      '-t nat -I POSTROUTING -p tcp -o eth0 -j SNAT --to-source 172.16.210.12:5000-6000',
      '1 connected dev/c 172.16.210.12',
    ],
    ['-I FORWARD -m iprange --src-range 10.244.1.1-10.244.1.30 -j REJECT', refused],
    ['-I FORWARD -m iprange ! --dst-range 10.244.2.1-10.244.2.9 -j DROP', '1 timeout'],
    ['-I FORWARD -m conntrack --ctorigdst 10.96.0.50 --ctorigdstport 80 --ctdir ORIGINAL -j REJECT', refused],
    ['-I FORWARD -m conntrack --ctreplsrc 10.244.2.0/24 --ctproto udp -j DROP', connected],
    ['-I FORWARD -m conntrack --ctstatus SEEN_REPLY -j DROP', '1 timeout'],
    ['-I FORWARD -m conntrack --ctdir REPLY -j DROP', '1 timeout'],
  ])('%s', (command, want) => {
    expect(ends(labWith(command), CLIENT, `tcp ${VIP}:80`)).toEqual([want])
  })

  it('SNAT leaves a source alone that its range holds', () => {
    const dataplane = labWith('-t nat -I POSTROUTING -j SNAT --to-source 172.16.210.12-172.16.210.19')
    expect(ends(dataplane, 'node/node02', 'tcp 10.244.2.2:8080')).toEqual(['1 connected dev/c 172.16.210.12'])
  })

  it('a random port of a range leads to many ends', () => {
    const found = ends(
      labWith('-t nat -I PREROUTING -p tcp -d 10.96.0.50 -j DNAT --to-destination 10.244.2.2:8079-8080 --random'),
      CLIENT,
      `tcp ${VIP}:80`,
    )
    expect(found).toEqual(['1/2 connected dev/c 10.244.1.20', '1/2 refused ECONNREFUSED'])
  })
})

it('nobody at an endpoint on the own bridge: the bridge asks no rule of FORWARD before it knows the neighbour', () => {
  const dataplane = lab([{ name: 'web', clusterIP: VIP, endpoints: ['10.244.1.99 node02'] }])
  const [end] = exploreOutcomes(dataplane, aRequest(CLIENT, `tcp ${VIP}:80`), { now: 0 }) ?? []
  expect(end).toMatchObject({ outcome: 'unreachable', errno: 'EHOSTUNREACH' })
  expect(end?.matched['node02']?.filter((rule) => /POSTROUTING|FORWARD/.test(rule))).toEqual([])
})
