import { row } from './inspection.ts'
import type { Inspection, InspectionRow } from './inspection.ts'
import { FIREWALL, INTERNET, LAPTOP, LOAD_BALANCER, NAME_SERVER } from './places.ts'
import type { Topology } from './topology.ts'

const KIND = 'Outside the cluster'

/** A machine outside, by its namespace id, `host/172.16.210.100`. */
export function inspectOutside(at: string, topology: Topology): Inspection {
  const address = at.slice(at.indexOf('/') + 1)
  const present = (rows: readonly InspectionRow[]): readonly InspectionRow[] =>
    rows.filter(({ values }) => values.length > 0)
  const { closedPorts, loadBalancer } = topology.outside
  switch (at) {
    case LAPTOP.id:
      return {
        kind: KIND,
        name: LAPTOP.name,
        about:
          'A machine on the nodes’ LAN. It knows no pod and no Service: it reaches node ports and what the LAN leads to.',
        rows: present([row('address', address), row('firewall', closedPorts ?? 'closes nothing')]),
        setting: 'firewall',
      }
    case FIREWALL.id:
      return {
        kind: KIND,
        name: FIREWALL.name,
        about:
          'Drops what comes from outside for these ports before any node sees it: the caller waits until it gives up.',
        rows: present([row('closed', closedPorts)]),
        setting: 'firewall',
      }
    case LOAD_BALANCER.id:
      return {
        kind: KIND,
        name: LOAD_BALANCER.name,
        about: loadBalancer
          ? 'A cloud’s balancer: gives each Service of type LoadBalancer an address and passes connections on to healthy nodes.'
          : 'No cloud is there: a Service of type LoadBalancer waits with EXTERNAL-IP <pending>; its node port works.',
        rows: present([
          row('address', loadBalancer ? address : undefined),
          row(
            'holds',
            ...topology.services.flatMap(({ name, type, balancedIps }) =>
              type === 'LoadBalancer' ? balancedIps.map((ip) => `${ip} ${name}`) : [],
            ),
          ),
          row(
            'waiting',
            ...topology.services
              .filter(({ type, balancedIps }) => type === 'LoadBalancer' && balancedIps.length === 0)
              .map(({ name }) => name),
          ),
        ]),
        setting: 'load-balancer',
      }
    case NAME_SERVER.id:
      return {
        kind: KIND,
        name: NAME_SERVER.name,
        about: 'Knows the names of the world outside. CoreDNS forwards to it what is not a name of the cluster.',
        rows: present([row('address', `${address}:53`)]),
        setting: 'names',
      }
    case INTERNET.id:
      return {
        kind: KIND,
        name: INTERNET.name,
        about:
          'Sites beyond the LAN’s router, reached by name: www.baidu.com as in the tutorial, and names of your own.',
        rows: [],
        setting: 'names',
      }
    default:
      return {
        kind: KIND,
        name: address,
        about: 'A site on the internet. It answers for its own host names only: the Host header decides.',
        rows: [row('address', address)],
        setting: 'names',
      }
  }
}
