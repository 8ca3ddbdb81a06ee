import { base32Sha256 } from '../base/hash.ts'
import type { ServicePortInfo } from './servicePort.ts'

/** The names of a service port's own chains in iptables mode. Source: pkg/proxy/iptables/proxier.go, portProtoHash. */
export interface ServiceChains {
  readonly cluster: string
  readonly local: string
  readonly external: string
  readonly firewall: string
}

const cache = new Map<string, string>()
const CACHE_LIMIT = 400_000

/** First 16 characters of the Base32 SHA-256. Remembered: an endpoint keeps its name through all syncs. */
function suffix(text: string): string {
  const known = cache.get(text)
  if (known !== undefined) return known
  const hash = base32Sha256(text, 16)
  if (cache.size >= CACHE_LIMIT) cache.clear()
  cache.set(text, hash)
  return hash
}

export function serviceChains(name: string, protocol: string): ServiceChains {
  const hash = suffix(name + protocol.toLowerCase())
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  }
}

/** `address`: `10.244.1.2:8080` or `[fd00::2]:8080`. */
export function endpointChain(port: Pick<ServicePortInfo, 'name' | 'protocol'>, address: string): string {
  return `KUBE-SEP-${suffix(port.name + port.protocol.toLowerCase() + address)}`
}

/** Whether kube-proxy's cleanup takes the nat chain `name` for one of its per-service chains. */
export function isServiceChain(name: string): boolean {
  return /^KUBE-(SVC|SVL|SEP|FW|EXT)-/.test(name)
}
