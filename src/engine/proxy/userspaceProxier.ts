import { SERVICE_NAME_LABEL, serviceEndpoints } from './endpoints.ts'
import { compareText, servicePorts } from './servicePort.ts'
import { isIgnored } from './tracker.ts'
import { portalRules, USERSPACE_JUMPS } from './userspaceRules.ts'
import type { EndpointSlice } from '../api/types.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { EndpointInfo } from './endpoints.ts'
import type { Proxier } from './proxier.ts'
import type { ServicePortInfo } from './servicePort.ts'
import type { ProxyConfig, ProxyNode, UserspacePortal } from './types.ts'

interface Portal {
  /** What, when it changes, makes kube-proxy close the socket and open a new one. */
  readonly identity: string
  readonly proxyPort: number
  readonly info: ServicePortInfo
}

/** Linux's range of ports for sockets that did not ask for one. */
const EPHEMERAL = { from: 32768, to: 60999 }

/**
 * userspace mode: portal rules and the sockets behind them. kube-proxy makes the rules one by one (`-C`, then `-A`); here
 * they come as one restore text with the same result, in order of their making. Source: pkg/proxy/userspace (v1.25).
 */
export function createUserspaceProxier(config: ProxyConfig, node: ProxyNode, family: IpFamily): Proxier {
  const portals = new Map<string, Portal>()
  const hostIp = node.nodeIps[family]

  return {
    forceFullSync: () => undefined,
    setTopology: () => undefined,
    sync: (services, slices) => {
      const wanted = new Map<string, ServicePortInfo>()
      for (const info of services.flatMap((service) =>
        isIgnored(service) ? [] : servicePorts(service, family, false),
      )) {
        // "SCTP is not supported for user space proxy"
        if (info.protocol !== 'SCTP')
          wanted.set(`${info.namespace}\n${info.service}\n${info.portName}\n${info.protocol}`, info)
      }
      // Of a UDP service that is gone kube-proxy deletes what conntrack holds for its ClusterIP.
      const gone = new Map<Ip, ReadonlySet<Ip>>()
      for (const [key, { identity, info: old }] of portals) {
        const info = wanted.get(key)
        if (!info && old.protocol === 'UDP') gone.set(old.clusterIP, new Set())
        if (!info || identityOf(info) !== identity) portals.delete(key)
      }
      const used = new Set([...portals.values()].map(({ proxyPort }) => proxyPort))
      for (const info of wanted.values()) if (info.nodePort !== 0) used.add(info.nodePort)
      for (const [key, info] of [...wanted].sort(([a], [b]) => compareText(a, b))) {
        const known = portals.get(key)
        if (known) portals.set(key, { ...known, info })
        else portals.set(key, { identity: identityOf(info), proxyPort: choosePort(key, used), info })
      }
      const rules = hostIp
        ? [...portals.values()].map(({ info, proxyPort }) => portalRules(info, proxyPort, hostIp, undefined))
        : []
      const endpointsOf = readyEndpoints(slices, family, config.nodeName)
      return {
        mode: 'userspace',
        family,
        full: true,
        ensure: USERSPACE_JUMPS,
        restore: restoreText(
          rules.flatMap(({ filter }) => filter),
          rules.flatMap(({ nat }) => nat),
        ),
        userspace: {
          portals: [...portals.values()].map(({ info, proxyPort }): UserspacePortal => ({
            service: info.name,
            protocol: info.protocol === 'UDP' ? 'UDP' : 'TCP',
            proxyPort,
            endpoints: endpointsOf(info).map(({ ip, port }) => ({ ip, port })),
            affinitySeconds: info.affinitySeconds,
          })),
        },
        staleUdp: [],
        ...(gone.size > 0 && { udpCleanup: { addresses: gone, nodePorts: new Map() } }),
      }
    },
  }
}

function restoreText(filter: readonly string[], nat: readonly string[]): string {
  return [
    '*filter',
    ':KUBE-NODEPORT-NON-LOCAL - [0:0]',
    ...filter,
    'COMMIT',
    '*nat',
    ':KUBE-PORTALS-CONTAINER - [0:0]',
    ':KUBE-PORTALS-HOST - [0:0]',
    ':KUBE-NODEPORT-CONTAINER - [0:0]',
    ':KUBE-NODEPORT-HOST - [0:0]',
    ...nat,
    'COMMIT',
    '',
  ].join('\n')
}

function identityOf(info: ServicePortInfo): string {
  const { protocol, port, nodePort, clusterIP, externalIPs, loadBalancerVIPs, affinitySeconds } = info
  return JSON.stringify([protocol, port, nodePort, clusterIP, externalIPs, loadBalancerVIPs, affinitySeconds > 0])
}

/** A free port that depends on the service port only, so that runs repeat. */
function choosePort(key: string, used: Set<number>): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  const size = EPHEMERAL.to - EPHEMERAL.from + 1
  let offset = (hash >>> 0) % size
  while (used.has(EPHEMERAL.from + offset)) offset = (offset + 1) % size
  used.add(EPHEMERAL.from + offset)
  return EPHEMERAL.from + offset
}

/** Ready endpoints by port *name*: this proxier looks at nothing else. */
function readyEndpoints(
  slices: readonly EndpointSlice[],
  family: IpFamily,
  nodeName: string,
): (info: ServicePortInfo) => readonly EndpointInfo[] {
  const byService = new Map<string, EndpointSlice[]>()
  for (const slice of slices) {
    const name = slice.metadata.labels?.[SERVICE_NAME_LABEL]
    if (name === undefined || isIgnored(slice)) continue
    const key = `${slice.metadata.namespace ?? 'default'}/${name}`
    byService.set(key, [...(byService.get(key) ?? []), slice])
  }
  return (info) => {
    const endpoints = serviceEndpoints(byService.get(`${info.namespace}/${info.service}`) ?? [], family, nodeName)
    const own = [...endpoints].filter(([key]) => key.slice(0, key.lastIndexOf(':')) === info.portName)
    const all = new Map(own.flatMap(([, list]) => list).map((endpoint) => [endpoint.address, endpoint]))
    return [...all.values()].filter(({ ready }) => ready).sort((a, b) => compareText(a.address, b.address))
  }
}
