import type { AppBehaviour } from './network.ts'

/**
 * A web site that serves several names from one address: what it answers depends on the Host header, not on the
 * address that was called. A name that it does not serve is refused.
 */
export function siteAnswer({ hosts, body }: Extract<AppBehaviour, { type: 'site' }>, request: string): string {
  const host = /^host:[ \t]*([^\r\n:]*)/im.exec(request)?.[1]?.trim().toLowerCase() ?? ''
  const known = hosts.includes(host)
  const text = known ? body : forbidden(host)
  const head = [
    known ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 403 Forbidden',
    'Content-Type: text/html',
    `Content-Length: ${text.length}`,
    'Connection: keep-alive',
  ]
  return `${head.join('\r\n')}\r\n\r\n${request.startsWith('HEAD ') ? '' : text}`
}

function forbidden(host: string): string {
  return `<html><body><h1>403 Forbidden</h1><p>This site does not serve the host name "${host}".</p></body></html>\n`
}
