import { compareIps, familyOf } from '../base/ip.ts'
import { familyOfCidr, prefixOf } from '../base/cidr.ts'
import { printRoute } from './routingTable.ts'
import type { Interface } from './interface.ts'
import type { RoutingTable } from './routingTable.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily } from '../base/ip.ts'

function addressPart(cidr: Cidr): Ip {
  return cidr.slice(0, cidr.indexOf('/')) as Ip
}

/** What `ip route` (or `ip -6 route`) prints: default first, then by destination. Lines end with a blank, as there. */
export function printRoutes(table: RoutingTable, family: IpFamily): string {
  return table.routes
    .filter((route) => familyOfCidr(route.destination) === family)
    .sort(
      (a, b) =>
        compareIps(addressPart(a.destination), addressPart(b.destination)) ||
        prefixOf(a.destination).bits - prefixOf(b.destination).bits,
    )
    .map(printRoute)
    .join('\n')
}

const FLAGS: Readonly<Record<Interface['kind'], string>> = {
  loopback: '<LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
  ethernet: '<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000',
  bridge: '<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000',
  bridgePort: '<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cni0 state UP group default qlen 1000',
  dummy: '<BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
}

/** What `ip addr` prints. */
export function printAddresses(interfaces: readonly Interface[]): string {
  return interfaces.flatMap(printInterface).join('\n')
}

function printInterface({ index, name, kind, addresses }: Interface): readonly string[] {
  const link = kind === 'loopback' ? 'loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00' : `ether ${macOf(index, name)}`
  const lines = [
    `${index}: ${name}: ${FLAGS[kind]}`,
    `    link/${link}${kind === 'loopback' ? '' : ' brd ff:ff:ff:ff:ff:ff'}`,
  ]
  for (const { ip, bits, scope } of addresses) {
    const word = familyOf(ip) === 'IPv4' ? 'inet' : 'inet6'
    lines.push(`    ${word} ${ip}/${bits} scope ${scope} ${name}`, '       valid_lft forever preferred_lft forever')
  }
  return lines
}

/** A locally administered address made from the interface's name: the same on every run. */
function macOf(index: number, name: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  const bytes = [0x0a, index & 255, hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
