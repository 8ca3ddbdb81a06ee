import { ok } from '../base/result.ts'
import { argument, fault, plain, zonesOf } from './corefileWords.ts'
import type { Directive } from './corefileTokens.ts'
import type { Result } from '../base/result.ts'

/** Seconds throughout. */
export interface CacheConfig {
  readonly zones: readonly string[]
  readonly maxTtl: number
  readonly minTtl: number
  readonly maxDenialTtl: number
  readonly minDenialTtl: number
  readonly failTtl: number
  /** Answers for names in these zones are not kept. */
  readonly disableSuccess: readonly string[]
  readonly disableDenial: readonly string[]
  /** Hits carry the TTL as it was stored. */
  readonly keepTtl: boolean
}

const MAX_TTL = 3600
const MAX_DENIAL_TTL = 1800
const MIN_TTL = 5

export function parseCache(directive: Directive, serverZones: readonly string[]): Result<CacheConfig, string> {
  const [first, ...rest] = directive.words.slice(1)
  const hasTtl = first !== undefined && /^\d+$/.test(first)
  const own = hasTtl ? rest : directive.words.slice(1)
  const ttl = hasTtl ? Number(first) : undefined
  if (ttl === 0) return plain(directive, 'cache TTL can not be zero or negative: 0')
  let config: CacheConfig = {
    zones: own.length > 0 ? zonesOf(own) : serverZones,
    maxTtl: ttl ?? MAX_TTL,
    minTtl: MIN_TTL,
    maxDenialTtl: ttl ?? MAX_DENIAL_TTL,
    minDenialTtl: MIN_TTL,
    failTtl: MIN_TTL,
    disableSuccess: [],
    disableDenial: [],
    keepTtl: false,
  }
  for (const [at, [option = '', ...values]] of directive.block.entries()) {
    if ((option === 'success' || option === 'denial') && values.length === 0) return argument(directive, option, at)
    const [, maximum, minimum] = values.map(Number)
    switch (option) {
      case 'success':
        config = { ...config, maxTtl: maximum ?? config.maxTtl, minTtl: minimum ?? config.minTtl }
        break
      case 'denial':
        config = {
          ...config,
          maxDenialTtl: maximum ?? config.maxDenialTtl,
          minDenialTtl: minimum ?? config.minDenialTtl,
        }
        break
      case 'servfail':
        config = { ...config, failTtl: seconds(values[0] ?? '') }
        break
      case 'disable': {
        const [kind, ...zones] = values
        const disabled = zones.length > 0 ? zonesOf(zones) : ['.']
        if (kind === 'success') config = { ...config, disableSuccess: disabled }
        else if (kind === 'denial') config = { ...config, disableDenial: disabled }
        else return fault(directive, `cache type for disable must be "success" or "denial"`)
        break
      }
      case 'keepttl':
        config = { ...config, keepTtl: true }
        break
      case 'prefetch':
      case 'serve_stale':
        // They change when the upstream is asked, not what is answered while it is well.
        break
      default:
        return argument(directive, option, at)
    }
  }
  return ok(config)
}

/** A Go duration in whole seconds: `5s`, `1m`, `0`. */
function seconds(text: string): number {
  const unit = { s: 1, m: 60, h: 3600 }[text.slice(-1)] ?? 1
  return Math.floor(Number.parseInt(text, 10) * unit)
}
