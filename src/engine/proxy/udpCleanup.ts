import type { Ip } from '../base/ip.ts'
import type { Changes, TrackedService } from './tracker.ts'
import type { SyncOutput, UdpCleanup } from './types.ts'

/** What may stay in conntrack after this sync. Nothing when no slice of a UDP service changed. Source: conntrack/cleanup.go. */
export function udpCleanup({ services, udpEndpointsChanged }: Changes): UdpCleanup | undefined {
  if (!udpEndpointsChanged) return undefined
  const addresses = new Map<Ip, ReadonlySet<Ip>>()
  const nodePorts = new Map<number, ReadonlySet<Ip>>()
  for (const { ports } of services) {
    for (const { info, endpoints } of ports) {
      if (info.protocol !== 'UDP') continue
      const serving = new Set(endpoints.filter((endpoint) => endpoint.serving).map(({ ip }) => ip))
      // Ports are not compared: of several UDP ports of one address the last one's endpoints count.
      for (const ip of [info.clusterIP, ...info.loadBalancerVIPs, ...info.externalIPs]) addresses.set(ip, serving)
      if (info.nodePort !== 0) nodePorts.set(info.nodePort, serving)
    }
  }
  return { addresses, nodePorts }
}

/** Whether kube-proxy deletes a UDP entry: by its original destination and the source of its reply tuple. */
export function isStaleUdp(
  cleanup: UdpCleanup,
  flow: { readonly destination: Ip; readonly port: number; readonly replySource: Ip },
): boolean {
  const byAddress = cleanup.addresses.get(flow.destination)
  const byPort = cleanup.nodePorts.get(flow.port)
  return byAddress?.has(flow.replySource) === false || byPort?.has(flow.replySource) === false
}

/** The entries that can be stale because of this sync's changes: endpoints that no longer serve, and flows never un-NATed. */
export function staleUdp(changes: Changes, cleanup: UdpCleanup | undefined): SyncOutput['staleUdp'] {
  if (!cleanup) return []
  return changes.services
    .filter(({ key }) => changes.changed.has(key))
    .flatMap((service) => staleOf(service, changes.before.get(service.key), cleanup))
}

function staleOf(
  service: TrackedService,
  before: TrackedService | undefined,
  cleanup: UdpCleanup,
): SyncOutput['staleUdp'] {
  return service.ports
    .filter(({ info }) => info.protocol === 'UDP')
    .flatMap(({ info }) => {
      const old = before?.ports.find((port) => port.info.portName === info.portName && port.info.protocol === 'UDP')
      const gone = (old?.endpoints ?? []).map(({ ip }) => ip)
      const addresses = [info.clusterIP, ...info.loadBalancerVIPs, ...info.externalIPs].flatMap((destination) =>
        [destination, ...gone]
          .filter((endpoint) => cleanup.addresses.get(destination)?.has(endpoint) === false)
          .map((endpoint) => ({ destination, endpoint })),
      )
      const nodePort = info.nodePort
      const ports = gone
        .filter((endpoint) => nodePort !== 0 && cleanup.nodePorts.get(nodePort)?.has(endpoint) === false)
        .map((endpoint) => ({ nodePort, endpoint }))
      return [...addresses, ...ports]
    })
}
