import { formatFieldError } from '../api/fieldError.ts'
import { err, ok } from '../base/result.ts'
import { modeOf } from './config.ts'
import { decodeProxyConfig } from './decodeConfig.ts'
import { validateProxyConfig } from './validateConfig.ts'
import { validateLogging } from './validateLogging.ts'
import type { Result } from '../base/result.ts'
import type { RawProxyConfig } from './config.ts'

export interface ConfigFault {
  /** As the text spells it: `iptables.masqueradeBit`. */
  readonly path: string
  /** In kube-proxy's words. */
  readonly message: string
}

/** The configuration that kube-proxy would start with, or the first thing for which it would not. */
export function checkProxyConfig(value: unknown, text: string): Result<RawProxyConfig, ConfigFault> {
  const decoded = decodeProxyConfig({ text, value })
  if ('error' in decoded) return err({ path: decoded.path ?? '', message: `failed to decode: ${decoded.error}` })
  const { raw } = decoded
  const [fault] = [...validateLogging(raw), ...validateProxyConfig(raw)]
  return fault ? err({ path: pathOf(fault.field, raw), message: formatFieldError(fault) }) : ok(raw)
}

/** Validation names the fields of the internal type; these stand elsewhere in a text. */
const MOVED: readonly (readonly [RegExp, string])[] = [
  [/^KubeProxyConfiguration\./, ''],
  [/^KubeProxy(IPTables|IPVS|NFTables)Configuration/, '$1'],
  [/^KubeProxyLinuxConfiguration\./, ''],
  [/^KubeProxyConntrackConfiguration/, 'conntrack'],
  [/^DetectLocalConfiguration\.ClusterCIDRs.*/, 'clusterCIDR'],
  [/^DetectLocalConfiguration\.InterfaceName/, 'detectLocal.bridgeInterface'],
  [/^DetectLocalConfiguration\.InterfacePrefix/, 'detectLocal.interfaceNamePrefix'],
  [/^Mode\.ProxyMode/, 'mode'],
]

/** `KubeProxyConfiguration.KubeProxyIPTablesConfiguration.MasqueradeBit` to `iptables.masqueradeBit`. */
function pathOf(field: string, raw: RawProxyConfig): string {
  let path = MOVED.reduce((text, [from, to]) => text.replace(from, to), field)
  if (/^(Min)?SyncPeriod/.test(path)) path = `${modeOf(raw)}.${path}`
  let within: unknown = raw
  return path
    .split('.')
    .map((step) => {
      const name = step.replace(/\[.*/, '')
      const keys = typeof within === 'object' && within !== null ? Object.keys(within) : []
      const key = keys.find((known) => known.toLowerCase() === name.toLowerCase()) ?? name
      within = (within as RawProxyConfig | undefined)?.[key]
      return key + step.slice(name.length)
    })
    .join('.')
}
