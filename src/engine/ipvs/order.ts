import { compareIps, familyOf, ipv4Number } from '../base/ip.ts'
import type { SocketAddress } from '../packet/packet.ts'

const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 }

/**
 * `ipvsadm` compares IPv4 addresses by a subtraction that it reads as a signed number, so 172.x stands before 10.x.
 * That is no order over the whole space: the result depends on the sort, which is glibc's merge sort.
 */
export function compareAddresses(a: SocketAddress, b: SocketAddress): number {
  if (familyOf(a.ip) !== familyOf(b.ip)) return familyOf(a.ip) === 'IPv4' ? -1 : 1
  const ips = familyOf(a.ip) === 'IPv4' ? (ipv4Number(a.ip) - ipv4Number(b.ip)) | 0 : compareIps(a.ip, b.ip)
  return ips || a.port - b.port
}

/** Virtual servers: by address family, protocol, address, port. */
export function compareVirtual(
  a: { readonly protocol: string; readonly address: SocketAddress },
  b: { readonly protocol: string; readonly address: SocketAddress },
): number {
  if (familyOf(a.address.ip) !== familyOf(b.address.ip)) return compareAddresses(a.address, b.address)
  return (PROTOCOLS[a.protocol] ?? 0) - (PROTOCOLS[b.protocol] ?? 0) || compareAddresses(a.address, b.address)
}

/** Top-down merge sort, as glibc's `qsort`; the same in every browser even where `compare` is not transitive. */
export function mergeSort<T>(items: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (items.length < 2) return items
  const middle = items.length >> 1
  const left = mergeSort(items.slice(0, middle), compare)
  const right = mergeSort(items.slice(middle), compare)
  const merged: T[] = []
  let [i, j] = [0, 0]
  for (;;) {
    const [a, b] = [left[i], right[j]]
    if (a === undefined) return [...merged, ...right.slice(j)]
    if (b === undefined) return [...merged, ...left.slice(i)]
    if (compare(a, b) <= 0) {
      merged.push(a)
      i++
    } else {
      merged.push(b)
      j++
    }
  }
}
