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
export function parseCurlUrl(text: string): CurlUrl | UrlFault {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return { type: 'scheme', scheme }
  const rest = scheme === undefined ? text : text.slice(text.indexOf('://') + 3)
  if (/\s/.test(rest)) return { type: 'malformed' }
  const [, authority = '', tail = ''] = /^([^/?#]*)(.*)$/.exec(rest) ?? []
  const match = /^(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:[\]]*)(?::(\d*))?$/.exec(authority)
  const host = match?.[1]?.replace(/^\[|\]$/g, '')
  if (host === undefined || host === '') return { type: 'malformed' }
  const own = scheme === 'https' ? 443 : 80
  const port = match?.[2] === undefined || match[2] === '' ? own : Number(match[2])
  if (port > 65535) return { type: 'malformed' }
  const withoutFragment = tail.replace(/#.*$/, '')
  const target = withoutFragment.startsWith('/') ? withoutFragment : `/${withoutFragment}`
  return {
    scheme: scheme ?? 'http',
    host,
    port,
    defaultPort: port === own,
    target,
    effective: `${scheme ?? 'http'}://${authority}${target}`,
  }
}

/** Where a `Location` leads from `base`. */
export function redirectUrl(base: CurlUrl, location: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return location
  const origin = base.effective.slice(0, base.effective.length - base.target.length)
  if (location.startsWith('//')) return `${base.scheme}:${location}`
  if (location.startsWith('/')) return origin + location
  return origin + base.target.replace(/[^/]*$/, '') + location
}
