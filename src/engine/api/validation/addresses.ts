import { parseCidr } from '../../base/cidr.ts'
import { cidrOrUndefined, contains } from '../../base/cidr.ts'
import { familyOf, parseIp } from '../../base/ip.ts'
import type { Ip } from '../../base/ip.ts'
import { invalid, invalids } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'

/** Addresses in the old lenient spelling (leading zeros, IPv4 in IPv6). `known`: values that were there before. */
export function ipFaults(field: string, value: string, known: readonly string[] = []): readonly FieldError[] {
  if (known.includes(value)) return []
  const parsed = parseIp(value)
  return parsed.ok ? [] : [invalid(field, value, parsed.error)]
}

/** Addresses in the one spelling that newer fields take. */
export function strictIpFaults(field: string, value: string): readonly FieldError[] {
  const parsed = parseIp(value)
  if (!parsed.ok) return [invalid(field, value, parsed.error)]
  if (isMapped(value)) return [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')]
  if (!value.includes(':') && !isStrictV4(value)) return [invalid(field, value, 'must not have leading 0s')]
  return parsed.value === value
    ? []
    : [invalid(field, value, `must be in canonical form (${JSON.stringify(parsed.value)})`)]
}

export function cidrFaults(field: string, value: string, known: readonly string[] = []): readonly FieldError[] {
  if (known.includes(value)) return []
  const parsed = parseCidr(value)
  return parsed.ok ? [] : [invalid(field, value, parsed.error)]
}

function within(cidrs: readonly string[], ip: Ip): boolean {
  return cidrs.some((text) => {
    const cidr = cidrOrUndefined(text)
    return cidr !== undefined && contains(cidr, ip)
  })
}

/** Addresses that no endpoint and no external IP may have. `value` must be an address. */
export function specialIpFaults(field: string, value: string): readonly FieldError[] {
  const parsed = parseIp(value)
  if (!parsed.ok) return [invalid(field, value, 'must be a valid IP address')]
  const ip = parsed.value
  const details: string[] = []
  if (ip === '0.0.0.0' || ip === '::') details.push(`may not be unspecified (${value})`)
  if (within(['127.0.0.0/8', '::1/128'], ip)) details.push('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (within(['169.254.0.0/16', 'fe80::/10'], ip)) {
    details.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  }
  if (within(['224.0.0.0/24', 'ff02::/16'], ip)) {
    details.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  }
  return invalids(field, value, details)
}

const future = 'will be considered invalid in a future Kubernetes release'

function isStrictV4(value: string): boolean {
  return /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(value)
}

function isMapped(value: string): boolean {
  return value.includes(':') && !familyIsV6(value)
}

function familyIsV6(value: string): boolean {
  const parsed = parseIp(value)
  return parsed.ok && familyOf(parsed.value) === 'IPv6'
}

/** What the API server warns of in an address that it accepts. */
export function ipWarnings(field: string, value: string): readonly string[] {
  const parsed = parseIp(value)
  if (!parsed.ok) return []
  const quoted = JSON.stringify(value)
  const better = JSON.stringify(parsed.value)
  if (isMapped(value) || (!value.includes(':') && !isStrictV4(value))) {
    return [`${field}: non-standard IP address ${quoted} ${future}: use ${better}`]
  }
  if (value.includes(':') && parsed.value !== value) {
    return [`${field}: IPv6 address ${quoted} should be in RFC 5952 canonical format (${better})`]
  }
  return []
}

export function cidrWarnings(field: string, value: string): readonly string[] {
  const parsed = parseCidr(value)
  if (!parsed.ok) return []
  const [address = '', bits = ''] = value.split('/')
  const ip = parseIp(address)
  if (!ip.ok) return []
  const quoted = JSON.stringify(value)
  const network = JSON.stringify(parsed.value)
  if (isMapped(address) || (!address.includes(':') && !isStrictV4(address)) || !/^(0|[1-9]\d*)$/.test(bits)) {
    return [`${field}: non-standard CIDR value ${quoted} ${future}: use ${network}`]
  }
  if (!parsed.value.startsWith(`${ip.value}/`)) {
    const host = JSON.stringify(`${ip.value}/${familyOf(ip.value) === 'IPv4' ? 32 : 128}`)
    return [`${field}: CIDR value ${quoted} is ambiguous in this context (should be ${network} or ${host}?)`]
  }
  if (address.includes(':') && parsed.value !== value) {
    return [`${field}: IPv6 CIDR value ${quoted} should be in RFC 5952 canonical format (${network})`]
  }
  return []
}
