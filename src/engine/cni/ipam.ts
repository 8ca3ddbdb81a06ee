import { cidrOrUndefined, nthAddress, prefixOf } from '../base/cidr.ts'
import type { Cidr } from '../base/cidr.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'

/** The CNI plugin host-local of all nodes: it remembers, per range, the address that it gave last. */
export interface Ipam {
  /** The next free address of the pod CIDR `range`; `inUse` tells which are taken. */
  readonly allocate: (range: string, inUse: (ip: string) => boolean) => Result<string, string>
}

/**
 * Round robin: the search starts after the address given last and wraps, so a freed address comes back late. The first
 * address is the bridge's. Source: containernetworking/plugins ipam/host-local.
 */
export function createIpam(): Ipam {
  const last = new Map<Cidr, number>()
  return {
    allocate: (range, inUse) => {
      const cidr = cidrOrUndefined(range)
      if (cidr === undefined) return err(`invalid pod CIDR ${range}`)
      const size = hostsOf(cidr)
      const start = last.get(cidr) ?? 1
      for (let i = 1; i <= size; i++) {
        // Offsets 2 .. size + 1: 0 is the network, 1 the gateway.
        const offset = 2 + ((start - 2 + i + size) % size)
        const ip = nthAddress(cidr, offset)
        if (inUse(ip)) continue
        last.set(cidr, offset)
        return ok(ip)
      }
      return err(
        `failed to allocate for range 0: no IP addresses available in range set: ${nthAddress(cidr, 1)}-${nthAddress(cidr, size + 1)}`,
      )
    },
  }
}

/** Addresses for pods: all but network, gateway and, in IPv4, broadcast. Of a large range the first million is enough. */
function hostsOf(cidr: Cidr): number {
  const { family, bits } = prefixOf(cidr)
  const free = (family === 'IPv4' ? 32 : 128) - bits
  return free >= 20 ? 2 ** 20 : Math.max(0, 2 ** free - (family === 'IPv4' ? 3 : 2))
}
