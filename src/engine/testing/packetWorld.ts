import { buildNetwork } from '../cni/network.ts'
import { createDataplane } from '../dataplane/createDataplane.ts'
import { createIpsets } from '../ipvs/ipset.ts'
import { createIpvs } from '../ipvs/ipvs.ts'
import { createKubeProxy } from '../proxy/kubeProxy.ts'
import { createNftables } from '../nftables/nftables.ts'
import { ensureJump } from '../netfilter/ensureJump.ts'
import { parseProxyConfig } from '../proxy/config.ts'
import { proxyNode } from '../proxy/nodeFacts.ts'
import { restore } from '../netfilter/restore.ts'
import { invariant } from '../base/invariant.ts'
import type { EndpointSlice, KubeObject, Node, Service } from '../api/types.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import type { NodeKernel } from '../dataplane/machine.ts'
import type { NetworkSpec } from '../dataplane/network.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import type { ProxyMode, SyncOutput } from '../proxy/types.ts'
import type { Snapshot } from '../store/snapshot.ts'

/** A cluster of stored objects whose kube-proxies have synced once. `change`: what is special about its network. */
export function packetWorld(
  objects: readonly KubeObject[],
  config: RawProxyConfig,
  mode: ProxyMode,
  change: (spec: NetworkSpec) => NetworkSpec = (spec) => spec,
): Dataplane {
  const list = (kind: string): readonly KubeObject[] => objects.filter((object) => object.kind === kind)
  const localhost = (config['iptables'] as { localhostNodePorts?: boolean } | undefined)?.localhostNodePorts ?? true
  const routeLocalnet = (mode === 'iptables' && localhost) || mode === 'userspace'
  const dataplane = createDataplane(
    change(buildNetwork({ list } as unknown as Snapshot, { routeLocalnet: () => routeLocalnet })),
  )
  for (const node of list('Node') as readonly Node[]) {
    const kernel = dataplane.node(node.metadata.name)
    invariant(kernel, node.metadata.name)
    const addresses = dataplane.routing(node.metadata.name)?.interfaces.find(({ name }) => name === 'cni0')?.addresses
    const facts = proxyNode(
      node,
      addresses?.map(({ ip }) => ({ interface: 'cni0', ip })),
    )
    const proxy = createKubeProxy(parseProxyConfig(config, { mode, nodeName: node.metadata.name }), facts)
    const services = list('Service') as readonly Service[]
    for (const output of proxy.sync(services, list('EndpointSlice') as readonly EndpointSlice[])) load(kernel, output)
  }
  return dataplane
}

/** Puts what a sync wrote into the kernel. */
function load(kernel: NodeKernel, output: SyncOutput): void {
  const tables = kernel.tables[output.family]
  for (const jump of output.ensure) ensureJump(tables, jump)
  if (output.restore !== undefined) {
    const done = restore(tables, output.restore, { noflush: true, counters: true })
    invariant(done.ok, done.ok ? '' : done.error.message)
  }
  if (output.nft) {
    const nft = (kernel.nft as ReturnType<typeof createNftables> | undefined) ?? createNftables()
    kernel.nft = nft
    nft.load(output.nft)
  }
  if (output.ipvs) {
    const ipvs = (kernel.ipvs as ReturnType<typeof createIpvs> | undefined) ?? createIpvs()
    kernel.ipvs = ipvs
    ipvs.applyVirtualServers(output.ipvs.virtualServers, 0, { family: output.family })
    kernel.setKubeIpvs0(output.ipvs.kubeIpvs0)
    const sets = createIpsets()
    sets.apply(output.ipvs.ipsets)
    kernel.sets = sets
  }
  if (output.userspace) kernel.userspace.apply(output.userspace.portals)
}
