import { flatText } from '../base/flatText.ts'
import { familyOf, ipOrUndefined } from '../base/ip.ts'
import { compareText, portKey } from './servicePort.ts'
import type { EndpointSlice } from '../api/types.ts'
import type { Ip, IpFamily } from '../base/ip.ts'

/** One address of an EndpointSlice with one of its ports. Source: pkg/proxy/endpoint.go. */
export interface EndpointInfo {
  readonly ip: Ip
  readonly port: number
  /** `10.244.1.2:8080`, `[fd00::2]:8080`. */
  readonly address: string
  readonly isLocal: boolean
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly zoneHints: readonly string[]
  readonly nodeHints: readonly string[]
}

const NO_HINTS: readonly string[] = []

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

/** The endpoints of one Service by `portKey`, each list in byte order of the address text, as kube-proxy writes rules. */
export type ServiceEndpoints = ReadonlyMap<string, readonly EndpointInfo[]>

/**
 * Merges the slices of one Service. Source: pkg/proxy/endpointslicecache.go. Differs: it walks the slices in random order,
 * which decides about an address that stands in two of them; here the order is that of `slices`.
 */
export function serviceEndpoints(
  slices: readonly EndpointSlice[],
  family: IpFamily,
  nodeName: string,
): ServiceEndpoints {
  const byPort = new Map<string, EndpointInfo[]>()
  for (const slice of slices) {
    if (slice.addressType !== family) continue
    for (const { name, port, protocol } of slice.ports ?? []) {
      if (!port) continue
      const key = portKey(name ?? '', protocol ?? 'TCP')
      const known = byPort.get(key)
      const infos = known ?? []
      if (!known) byPort.set(key, infos)
      for (const endpoint of slice.endpoints ?? []) {
        const info = endpointInfo(endpoint, port, family, nodeName)
        if (info) infos.push(info)
      }
    }
  }
  for (const [key, infos] of byPort) byPort.set(key, oncePerAddress(infos))
  return byPort
}

/** Sorted by address; of several with one address the last on this node, else the first. */
function oncePerAddress(infos: EndpointInfo[]): EndpointInfo[] {
  infos.sort((a, b) => compareText(a.address, b.address))
  let last = 0
  for (let i = 1; i < infos.length; i++) {
    const [kept, next] = [infos[last], infos[i]] as [EndpointInfo, EndpointInfo]
    if (next.address !== kept.address) infos[++last] = next
    else if (next.isLocal) infos[last] = next
  }
  // A copy of just the needed size: an array that grew has room for many more.
  return infos.slice(0, last + 1)
}

function endpointInfo(
  endpoint: NonNullable<EndpointSlice['endpoints']>[number],
  port: number,
  family: IpFamily,
  nodeName: string,
): EndpointInfo | undefined {
  const ip = ipOrUndefined(endpoint.addresses[0])
  if (!ip || familyOf(ip) !== family) return undefined
  return {
    ip,
    port,
    address: flatText(family === 'IPv6' ? `[${ip}]:${port}` : `${ip}:${port}`),
    isLocal: endpoint.nodeName === nodeName,
    ready: endpoint.conditions?.ready ?? true,
    serving: endpoint.conditions?.serving ?? true,
    terminating: endpoint.conditions?.terminating ?? false,
    zoneHints: endpoint.hints?.forZones?.map(({ name }) => name) ?? NO_HINTS,
    nodeHints: endpoint.hints?.forNodes?.map(({ name }) => name) ?? NO_HINTS,
  }
}
