import { nthAddress } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'
import type { SimTime } from '../base/time.ts'
import { buildNetwork } from '../cni/network.ts'
import type { NetworkOptions } from '../cni/network.ts'
import { createDataplane } from '../dataplane/createDataplane.ts'
import type { Dataplane } from '../dataplane/createDataplane.ts'
import { parseProxyConfig } from '../proxy/config.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import { proxyNode } from '../proxy/nodeFacts.ts'
import type { ProxyConfig, ProxyMode, ProxyNode } from '../proxy/types.ts'
import type { EndpointSlice, Pod, Service } from '../api/types.ts'
import type { Listener } from '../dataplane/network.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { createNodeAgent } from './nodeAgent.ts'
import type { NodeAgent } from './nodeAgent.ts'
import type { ProxyRun } from './proxyProcesses.ts'

/** The cluster's machines: every node's kernel and kube-proxy, and the wires between them. */
export interface Fleet {
  /** The kernels as they are now, every sync carried out. */
  readonly dataplane: () => Dataplane
  readonly agent: (node: string) => NodeAgent | undefined
  /** The node that `node/NAME` is, or that `pod/NAMESPACE/NAME` runs on. */
  readonly nodeOf: (from: string) => string | undefined
  /** By name. */
  readonly agents: () => readonly NodeAgent[]
  /** Has the machines follow the Nodes and Pods: call it after changes of either. */
  readonly refresh: (now: SimTime) => void
  /** kube-proxy of `node` writes what the objects say now. */
  readonly sync: (node: string, now: SimTime) => void
  /** What the first node's kube-proxy runs in, or ran in last. */
  readonly mode: () => ProxyMode
  /** kube-proxy of `node` has begun `run`; nothing is synced yet. */
  readonly startProxy: (node: string, run: ProxyRun, now: SimTime) => void
  /** kube-proxy of `node` is no more. `lastWords`: why, if it never got to work. */
  readonly stopProxy: (node: string, lastWords?: readonly string[]) => void
}

export interface FleetOptions {
  /** What stands outside now; absent: one machine on the LAN. */
  readonly outside?: () => Partial<NetworkOptions>
  readonly mode: ProxyMode
  /** KubeProxyConfiguration of all nodes. */
  readonly config?: RawProxyConfig
  readonly now: SimTime
  /** What kube-proxy of a node runs with at first; undefined: it does not run. Without this it runs everywhere, with `config`. */
  readonly runOf?: (node: string) => ProxyRun | undefined
  readonly moreListeners?: (pod: Pod) => readonly Listener[]
}

/** kubeadm's configuration of kube-proxy in the lab. */
export const labProxyConfig: RawProxyConfig = { clusterCIDR: '10.244.0.0/16' }

export function createFleet(snapshot: Snapshot, options: FleetOptions): Fleet {
  const { mode, config = labProxyConfig, now, runOf, moreListeners, outside } = options
  /** What each node's kube-proxy was started with last. */
  const configs = new Map<string, ProxyConfig>()
  const configOf = (node: string): ProxyConfig =>
    configs.get(node) ?? runOf?.(node)?.config ?? parseProxyConfig(config, { mode, nodeName: node })
  const routeLocalnet = (node: string): boolean => {
    const agent = agents.get(node)?.agent
    if (agent) return agent.routeLocalnet()
    const { mode: own, localhostNodePorts } = configOf(node)
    return own === 'iptables' && localhostNodePorts
  }
  const network = (): Parameters<Dataplane['setNetwork']>[0] =>
    buildNetwork(snapshot, { ...outside?.(), routeLocalnet, ...(moreListeners ? { moreListeners } : {}) })
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

  /** What all kube-proxies see of one state of the cluster. */
  let lists: { revision: number; services: readonly Service[]; slices: readonly EndpointSlice[] } | undefined
  let firstNode = ''
  const followNodes = (time: SimTime): void => {
    for (const name of agents.keys()) if (!snapshot.get('Node', name)) agents.delete(name)
    for (const node of snapshot.list('Node')) {
      const { name } = node.metadata
      const facts = factsOf(name)
      if (!facts) continue
      const text = JSON.stringify(facts)
      const known = agents.get(name)
      if (!known) {
        const agent = createNodeAgent(name, () => dataplane?.kernelOf(name), configOf(name), facts, time)
        if (runOf && !runOf(name)?.config) agent.stop(runOf(name)?.log)
        agents.set(name, { agent, facts: text })
      } else if (known.facts !== text) {
        known.facts = text
        if (known.agent.isRunning() || !runOf) known.agent.restart(configOf(name), facts, time)
      }
    }
    firstNode = [...agents.keys()].reduce((a, b) => (a === '' || b < a ? b : a), '')
  }
  followNodes(now)

  const current = (): Dataplane => {
    dataplane ??= createDataplane(network())
    for (const { agent } of agents.values()) agent.prepare()
    return dataplane
  }

  return {
    dataplane: current,
    agent: (node) => agents.get(node)?.agent,
    nodeOf: (from) =>
      from.startsWith('pod/')
        ? snapshot.get('Pod', from.slice('pod/'.length))?.spec.nodeName
        : from.startsWith('node/')
          ? from.slice('node/'.length)
          : undefined,
    agents: () => [...agents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { agent }]) => agent),
    refresh: (time) => {
      dataplane?.setNetwork(network(), time)
      followNodes(time)
    },
    sync: (node, time) => {
      if (lists?.revision !== snapshot.revision) {
        const [services, slices] = [[...snapshot.list('Service')], [...snapshot.list('EndpointSlice')]]
        lists = { revision: snapshot.revision, services, slices }
      }
      agents.get(node)?.agent.sync(lists.services, lists.slices, time)
    },
    mode: () => agents.get(firstNode)?.agent.mode() ?? mode,
    startProxy: (node, { config: next }, time) => {
      const agent = agents.get(node)?.agent
      const facts = factsOf(node)
      if (!agent || !facts || !next) return
      // From here on it matters what the kube-proxies before have written.
      current()
      configs.set(node, next)
      agent.restart(next, facts, time)
      dataplane?.setNetwork(network(), time)
    },
    stopProxy: (node, lastWords) => {
      current()
      agents.get(node)?.agent.stop(lastWords)
    },
  }
}
