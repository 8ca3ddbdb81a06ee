import { flatText } from '../base/flatText.ts'
import { base32Sha256 } from '../base/hash.ts'
import type { ServicePortInfo } from './servicePort.ts'

/** The names of a service port's own chains in iptables mode. Source: pkg/proxy/iptables/proxier.go, portProtoHash. */
export interface ServiceChains {
  readonly cluster: string
  readonly local: string
  readonly external: string
  readonly firewall: string
}

const suffixes = new Map<string, string>()
const endpointChains = new Map<string, string>()
const CACHE_LIMIT = 400_000

/** `known.get(text)`, else what `make` gives. An endpoint keeps its name through all syncs and on all nodes. */
function remembered(known: Map<string, string>, text: string, make: (text: string) => string): string {
  const old = known.get(text)
  if (old !== undefined) return old
  const made = flatText(make(text))
  if (known.size >= CACHE_LIMIT) known.clear()
  known.set(text, made)
  return made
}

/** First 16 characters of the Base32 SHA-256. */
const suffix = (text: string): string => base32Sha256(text, 16)
const endpointName = (text: string): string => `KUBE-SEP-${suffix(text)}`

export function serviceChains(name: string, protocol: string): ServiceChains {
  const hash = remembered(suffixes, name + protocol.toLowerCase(), suffix)
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  }
}

/** `address`: `10.244.1.2:8080` or `[fd00::2]:8080`. */
export function endpointChain(port: Pick<ServicePortInfo, 'name' | 'protocol'>, address: string): string {
  return remembered(endpointChains, port.name + port.protocol.toLowerCase() + address, endpointName)
}

/** Whether kube-proxy's cleanup takes the nat chain `name` for one of its per-service chains. */
export function isServiceChain(name: string): boolean {
  return /^KUBE-(SVC|SVL|SEP|FW|EXT)-/.test(name)
}
