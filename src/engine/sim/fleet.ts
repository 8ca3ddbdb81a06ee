import { nthAddress } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import { buildNetwork } from '../cni/network.ts'
import { createDataplane } from '../dataplane/createDataplane.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import { parseProxyConfig } from '../proxy/config.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import { proxyNode } from '../proxy/nodeFacts.ts'
import type { ProxyConfig, ProxyMode, ProxyNode } from '../proxy/types.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { createNodeAgent } from './nodeAgent.ts'
import type { NodeAgent } from './nodeAgent.ts'

/** The cluster's machines: every node's kernel and kube-proxy, and the wires between them. */
export interface Fleet {
  /** The kernels as they are now, every sync carried out. */
  readonly dataplane: () => Dataplane
  readonly agent: (node: string) => NodeAgent | undefined
  /** By name. */
  readonly agents: () => readonly NodeAgent[]
  /** Has the machines follow the Nodes and Pods: call it after changes of either. */
  readonly refresh: (now: SimTime) => void
  /** kube-proxy of `node` writes what the objects say now. */
  readonly sync: (node: string, now: SimTime) => void
  readonly mode: () => ProxyMode
  /** Every kube-proxy restarts in `mode`; nothing is synced yet. */
  readonly setMode: (mode: ProxyMode, now: SimTime) => void
}

export interface FleetOptions {
  readonly mode: ProxyMode
  /** KubeProxyConfiguration of all nodes. */
  readonly config?: RawProxyConfig
  readonly now: SimTime
}

/** kubeadm's configuration of kube-proxy in the lab. */
export const labProxyConfig: RawProxyConfig = { clusterCIDR: '10.244.0.0/16' }

export function createFleet(
  snapshot: Snapshot,
  { mode: firstMode, config = labProxyConfig, now }: FleetOptions,
): Fleet {
  let mode = firstMode
  const configOf = (node: string): ProxyConfig => parseProxyConfig(config, { mode, nodeName: node })
  const network = (): Parameters<Dataplane['setNetwork']>[0] => {
    const { localhostNodePorts } = configOf('')
    return buildNetwork(snapshot, { routeLocalnet: mode === 'iptables' && localhostNodePorts })
  }
  // Made when it is first asked for: a large dump is loaded long before anybody sends a packet.
  let dataplane: Dataplane | undefined
  const agents = new Map<string, { readonly agent: NodeAgent; facts: string }>()

  const factsOf = (name: string): ProxyNode | undefined => {
    const node = snapshot.get('Node', name)
    if (!node) return undefined
    const bare = proxyNode(node)
    return proxyNode(
      node,
      bare.podCidrs.map((cidr): { interface: string; ip: Ip } => ({ interface: 'cni0', ip: nthAddress(cidr, 1) })),
    )
  }

  const followNodes = (time: SimTime): void => {
    for (const name of agents.keys()) if (!snapshot.get('Node', name)) agents.delete(name)
    for (const node of snapshot.list('Node')) {
      const { name } = node.metadata
      const facts = factsOf(name)
      if (!facts) continue
      const text = JSON.stringify(facts)
      const known = agents.get(name)
      if (!known) {
        const agent = createNodeAgent(name, () => dataplane?.node(name), configOf(name), facts, time)
        agents.set(name, { agent, facts: text })
      } else if (known.facts !== text) {
        known.facts = text
        known.agent.restart(configOf(name), facts, time)
      }
    }
  }
  followNodes(now)

  return {
    dataplane: () => {
      dataplane ??= createDataplane(network())
      for (const { agent } of agents.values()) agent.flush()
      return dataplane
    },
    agent: (node) => agents.get(node)?.agent,
    agents: () => [...agents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { agent }]) => agent),
    refresh: (time) => {
      dataplane?.setNetwork(network())
      followNodes(time)
    },
    sync: (node, time) => {
      agents.get(node)?.agent.sync([...snapshot.list('Service')], [...snapshot.list('EndpointSlice')], time)
    },
    mode: () => mode,
    setMode: (next, time) => {
      mode = next
      dataplane?.setNetwork(network())
      for (const [name, { agent }] of agents) {
        const facts = factsOf(name)
        if (facts) agent.restart(configOf(name), facts, time)
      }
    },
  }
}
