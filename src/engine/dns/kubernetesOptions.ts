import { ok } from '../base/result.ts'
import { argument, fault, plain, zonesOf } from './corefileWords.ts'
import type { Directive } from './corefileTokens.ts'
import type { Result } from '../base/result.ts'

export interface KubernetesConfig {
  /** Lower case, absolute; the first that is not a reverse zone is the cluster domain. */
  readonly zones: readonly string[]
  /** Seconds. */
  readonly ttl: number
  readonly pods: 'disabled' | 'insecure' | 'verified'
  /** Names in these zones go on to the next plugin when they do not exist. */
  readonly fallthrough: readonly string[]
  /** Only these Namespaces are served; empty: all. */
  readonly namespaces: readonly string[]
  readonly endpointPodNames: boolean
  readonly ignoreEmptyService: boolean
  /** The plugin does not watch endpoints. */
  readonly noEndpoints: boolean
  /** Only objects with these labels are served; as written. */
  readonly labels?: string
}

const DEFAULT_KUBERNETES_TTL = 5
const MAX_TTL = 3600

export function parseKubernetes(
  directive: Directive,
  serverZones: readonly string[],
): Result<KubernetesConfig, string> {
  const own = directive.words.slice(1)
  const zones = own.length > 0 ? zonesOf(own) : serverZones
  if (zones.every((zone) => zone.endsWith('.arpa.'))) return plain(directive, 'non-reverse zone name must be used')
  let config: KubernetesConfig = {
    zones,
    ttl: DEFAULT_KUBERNETES_TTL,
    pods: 'disabled',
    fallthrough: [],
    namespaces: [],
    endpointPodNames: false,
    ignoreEmptyService: false,
    noEndpoints: false,
  }
  for (const [at, [option = '', ...values]] of directive.block.entries()) {
    switch (option) {
      case 'pods': {
        const mode = values[0]
        if (mode !== 'disabled' && mode !== 'insecure' && mode !== 'verified') {
          return plain(directive, `wrong value for pods: ${mode ?? ''},  must be one of: disabled, verified, insecure`)
        }
        config = { ...config, pods: mode }
        break
      }
      case 'ttl': {
        const ttl = Number(values[0])
        if (!Number.isInteger(ttl) || ttl < 0 || ttl > MAX_TTL) {
          if (values[0] === undefined) return argument(directive, option, at)
          if (!/^[+-]?\d+$/.test(values[0]))
            return plain(directive, `strconv.Atoi: parsing "${values[0]}": invalid syntax`)
          return fault(directive, `ttl must be in range [0, 3600]: ${ttl}`, at)
        }
        config = { ...config, ttl }
        break
      }
      case 'fallthrough':
        config = { ...config, fallthrough: values.length > 0 ? zonesOf(values) : ['.'] }
        break
      case 'namespaces':
        config = { ...config, namespaces: values }
        break
      case 'endpoint_pod_names':
        config = { ...config, endpointPodNames: true }
        break
      case 'ignore':
        config = { ...config, ignoreEmptyService: values[0] === 'empty_service' }
        break
      case 'endpoint':
      case 'tls':
      case 'kubeconfig':
      case 'apiserver_qps':
      case 'apiserver_burst':
      case 'apiserver_max_inflight':
      case 'startup_timeout':
        break
      case 'namespace_labels':
      case 'multicluster':
      case 'zonal':
        // Taken, without effect.
        break
      case 'labels':
        config = { ...config, labels: values.join(' ') }
        break
      case 'noendpoints':
        config = { ...config, noEndpoints: true }
        break
      default:
        return fault(directive, `unknown property '${option}'`, at)
    }
  }
  return ok(config)
}
