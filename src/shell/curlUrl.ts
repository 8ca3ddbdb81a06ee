export interface CurlUrl {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** Whether the port is the scheme's own. */
  readonly defaultPort: boolean
  /** Path and query, as sent. */
  readonly target: string
  /** With scheme and path, as `%{url_effective}` shows it. */
  readonly effective: string
}

export type UrlFault =
  /** Exit 3. */
  | { readonly type: 'malformed' }
  /** Exit 1. */
  | { readonly type: 'scheme'; readonly scheme: string }

/** Takes a URL apart as curl does: no scheme means http. */
export function parseCurlUrl(text: string, pathAsIs = false): CurlUrl | UrlFault {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return { type: 'scheme', scheme }
  const rest = scheme === undefined ? text : text.slice(text.indexOf('://') + 3)
  if (/\s/.test(rest)) return { type: 'malformed' }
  const [, authority = '', tail = ''] = /^([^/?#]*)(.*)$/.exec(rest) ?? []
  const match = /^(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:[\]]*)(?::(\d*))?$/.exec(authority)
  const host = numericHost(match?.[1]?.replace(/^\[|\]$/g, ''))
  if (host === undefined || host === '') return { type: 'malformed' }
  const own = scheme === 'https' ? 443 : 80
  const port = match?.[2] === undefined || match[2] === '' ? own : Number(match[2])
  if (port > 65535) return { type: 'malformed' }
  const withoutFragment = tail.replace(/#.*$/, '')
  const rooted = withoutFragment.startsWith('/') ? withoutFragment : `/${withoutFragment}`
  const target = pathAsIs ? rooted : withoutDots(rooted)
  return {
    scheme: scheme ?? 'http',
    host,
    port,
    defaultPort: port === own,
    target,
    effective: `${scheme ?? 'http'}://${authority}${target}`,
  }
}

/** `10.9.2313` and `0x0a.9.9.9` are addresses too, as inet_aton reads them; other hosts as they are. */
function numericHost(host: string | undefined): string | undefined {
  if (host === undefined || !/^(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}$/i.test(host)) return host
  const numbers = host.split('.').map((part) => (/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part)))
  const last = numbers.pop() ?? 0
  const room = 4 - numbers.length
  if (numbers.some((n) => !(n < 256)) || !(last < 256 ** room)) return host
  const octets = Array.from({ length: room }, (_, i) => Math.floor(last / 256 ** (room - 1 - i)) % 256)
  return [...numbers, ...octets].join('.')
}

/** The path without `.` and `..`. Source: RFC 3986, 5.2.4. */
function withoutDots(target: string): string {
  const [path = '', query] = target.split(/(?=\?)/, 2)
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1
    if (segment === '..') kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (isLast) kept.push('')
  }
  return `/${kept.join('/')}${query ?? ''}`
}

/** The user and password in front of the host. */
export function userInfo(text: string): string | undefined {
  return /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?([^/?#@]*)@/.exec(text)?.[1]
}

/** Where a `Location` leads from `base`. */
export function redirectUrl(base: CurlUrl, location: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return location
  const origin = base.effective.slice(0, base.effective.length - base.target.length)
  if (location.startsWith('//')) return `${base.scheme}:${location}`
  if (location.startsWith('/')) return origin + location
  return origin + base.target.replace(/[^/]*$/, '') + location
}
