import { familyOf } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'

/** The link that holds the Services' addresses: a dummy that is never set up. */
export const KUBE_IPVS0 = 'kube-ipvs0'

/**
 * `ip addr show kube-ipvs0`. `addresses` in the order in which they were bound; `index` is the interface's number.
 * The blank after `default` is printed because the link has no queue length.
 */
export function printKubeIpvs0(addresses: readonly Ip[], node: string, index: number): string {
  const lines = [
    `${index}: ${KUBE_IPVS0}: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default `,
    `    link/ether ${macAddress(node)} brd ff:ff:ff:ff:ff:ff`,
  ]
  for (const ip of addresses) {
    const isIpv4 = familyOf(ip) === 'IPv4'
    lines.push(`    inet${isIpv4 ? '' : '6'} ${ip}/${isIpv4 ? 32 : 128} scope global ${isIpv4 ? KUBE_IPVS0 : ''}`)
    lines.push('       valid_lft forever preferred_lft forever')
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** The kernel draws a random, locally administered address; here it follows from the node's name. */
function macAddress(node: string): string {
  let hash = 0x811c9dc5
  const bytes = [0, 1, 2, 3, 4, 5].map((i) => {
    for (const character of `${node}/${i}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
    return (hash >>> 16) & 255
  })
  bytes[0] = ((bytes[0] ?? 0) & 0xfc) | 2
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
