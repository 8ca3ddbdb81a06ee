import type { SimTime } from '../base/time.ts'
import type { NodeKernel } from '../dataplane/machine.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { TableLine } from './types.ts'

/**
 * Who stays with which backend: in iptables mode the lists of `-m recent` (as /proc/net/xt_recent keeps them), in
 * userspace mode kube-proxy's own map. IPVS has templates among its connections, nftables sets within its table.
 */
export function affinityLines({ matchState, userspace }: NodeKernel, now: SimTime): readonly TableLine[] {
  const recent = matchState.recent.entries().map(({ list, source, seen }): TableLine => {
    return { text: `${list}: ${source} last seen ${((now - seen) / 1000).toFixed(1)} s ago` }
  })
  const kept = userspace.affinity().map(({ service, client, endpoint }): TableLine => {
    return { text: `${service}: ${client} -> ${formatSocketAddress(endpoint)}` }
  })
  return [...recent, ...kept]
}
