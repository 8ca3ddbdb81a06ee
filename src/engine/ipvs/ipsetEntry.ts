import { cidrOrUndefined } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { PORT_NAMES } from '../base/portNames.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import type { Ipset } from './ipset.ts'

type Parsed = Result<string, string>

/**
 * What `ipset add|del|test SET TEXT` means, as `ipset list` prints members: one, or for `bitmap:port` a range of them.
 * The error is what follows `ipset v7.17: `. Differs: ranges and networks of addresses, and host names, are refused.
 */
export function parseIpsetEntry(
  { type, family }: Pick<Ipset, 'type' | 'family'>,
  text: string,
): Result<readonly string[], string> {
  if (type === 'bitmap:port') return parsePorts(text)
  const [first = '', ...rest] = text.split(',')
  const ip = parseIp(first, family)
  if (!ip.ok) return ip
  if (type === 'hash:ip') return ok([ip.value])
  const [second, third] = rest
  if (second === undefined) return err(`Syntax error: Second element is missing from ${text}.`)
  const port = parseProtoPort(second)
  if (!port.ok) return port
  if (type === 'hash:ip,port') return ok([`${ip.value},${port.value}`])
  if (third === undefined) return err(`Syntax error: Third element is missing from ${text}.`)
  const last = type === 'hash:ip,port,net' ? parseNet(third, family) : parseIp(third, family)
  return last.ok ? ok([`${ip.value},${port.value},${last.value}`]) : last
}

function parseIp(text: string, family: Ipset['family']): Parsed {
  const ip = ipOrUndefined(text)
  return ip !== undefined && ip.includes(':') === (family === 'IPv6')
    ? ok(ip)
    : err(`Syntax error: cannot parse ${text}: resolving to ${family} address failed`)
}

/** A host is printed without its prefix length; everything is no network. */
function parseNet(text: string, family: Ipset['family']): Parsed {
  const [ip = '', length] = text.split('/')
  const address = parseIp(ip, family)
  if (!address.ok || length === undefined) return address
  const cidr = cidrOrUndefined(text)
  if (cidr === undefined || length === '0') return err('The value of the CIDR parameter of the IP address is invalid')
  return ok(cidr.replace(family === 'IPv4' ? /\/32$/ : /\/128$/, ''))
}

function parsePorts(text: string): Result<readonly string[], string> {
  const [from = '', to = from, more] = text.split('-')
  const [low, high] = [parsePort(from, 'tcp'), parsePort(to, 'tcp')]
  if (more !== undefined) return err(`Syntax error: cannot parse '${text}'`)
  if (!low.ok) return low
  if (!high.ok) return high
  const [a, b] = [Math.min(low.value, high.value), Math.max(low.value, high.value)]
  return ok(Array.from({ length: b - a + 1 }, (_, i) => String(a + i)))
}

const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', 'udplite'])

/** `tcp:80`, `80`, `udp:domain`. */
function parseProtoPort(text: string): Parsed {
  const colon = text.indexOf(':')
  const protocol = colon < 0 ? 'tcp' : text.slice(0, colon)
  if (!PROTOCOLS.has(protocol)) return err(`Syntax error: cannot parse '${protocol}' as a protocol`)
  const port = parsePort(text.slice(colon + 1), protocol)
  return port.ok ? ok(`${protocol}:${port.value}`) : port
}

function parsePort(text: string, protocol: string): Result<number, string> {
  const isNumber = /^\d+$/.test(text)
  if (isNumber && Number(text) <= 65_535) return ok(Number(text))
  const named = Object.hasOwn(PORT_NAMES, text) ? PORT_NAMES[text] : undefined
  if (named !== undefined) return ok(named)
  const first = isNumber ? `'${text}' is out of range 0-65535` : `'${text}' is invalid as number`
  return err(
    [
      `Syntax error: ${first}`,
      `Syntax error: '${protocol}' is invalid as number`,
      `cannot parse '${text}' as a ${protocol} port`,
    ].join('\n'),
  )
}
