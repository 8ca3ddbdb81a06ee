import { ipOrUndefined } from '../base/ip.ts'
import { GRPC_HEALTH_CHECK } from '../dataplane/apps.ts'
import { HTTP2_PREFACE, http2Payload } from '../dataplane/http2.ts'
import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import type { Protocol, SocketAddress } from '../packet/packet.ts'

/** Where a request goes, read from its URL. */
export interface Target {
  readonly protocol: Protocol
  /** An address or a name still to be looked up. */
  readonly host: string
  /** 0 for a ping. */
  readonly port: number
  /** HTTP only. */
  readonly path?: string
  /** What is spoken over TCP; absent: nothing in particular. `h2c` is HTTP/2 without TLS, from the first byte on. */
  readonly application?: 'http' | 'h2c' | 'grpc'
}

const form = /^(tcp|udp|sctp|http|h2c|grpc|icmp|ping):\/\/(\[[^\]]+\]|[^/:?#]+)(?::([0-9]{1,5}))?(\/.*)?$/i

/** Reads `tcp://10.98.98.98:80`, `udp://…`, `sctp://…`, `http://NAME[:PORT]/PATH`, `icmp://ADDRESS`. */
export function parseTarget(url: string): Result<Target, string> {
  const match = form.exec(url.trim())
  if (!match)
    return err(
      `"${url}" is not a target: write tcp://ADDRESS:PORT, udp://, sctp://, http://NAME[:PORT]/PATH, h2c:// or grpc://`,
    )
  const scheme = (match[1] ?? '').toLowerCase()
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '')
  const ping = scheme === 'icmp' || scheme === 'ping'
  const application = scheme === 'http' || scheme === 'h2c' || scheme === 'grpc' ? scheme : undefined
  const usual = application ? 80 : ping ? 0 : undefined
  const port = match[3] === undefined ? usual : Number(match[3])
  if (port === undefined) return err(`"${url}" names no port`)
  if (!ping && (port < 1 || port > 65535)) return err(`port ${port} must be between 1 and 65535, inclusive`)
  if (application) {
    const path = match[4] ?? (application === 'grpc' ? GRPC_HEALTH_CHECK : '/')
    return ok({ protocol: 'TCP', host, port, path, application })
  }
  return ok({ protocol: ping ? 'ICMP' : (scheme.toUpperCase() as Protocol), host, port })
}

/** The target's address when it is one. */
export function addressOf({ host, port }: Target): SocketAddress | undefined {
  const ip = ipOrUndefined(host)
  return ip === undefined ? undefined : { ip, port }
}

/** What the client thinks it talks to. */
export function authorityOf({ host, port }: Target): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === 80 ? name : `${name}:${port}`
}

/** What the client sends: curl's request for HTTP, nothing of its own otherwise. */
export function payloadOf(target: Target): string | undefined {
  const { path, application } = target
  if (path === undefined) return undefined
  if (application !== 'http') return streamPayload(target, 1, true)
  const authority = authorityOf(target)
  return `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: curl/8.17.0\r\nAccept: */*\r\n\r\n`
}

/** A request on one stream; the first of a connection comes with HTTP/2's preface. */
export function streamPayload(target: Target, stream: number, first: boolean): string {
  const { path = '/', application } = target
  const fields =
    application === 'grpc'
      ? ['content-type: application/grpc', 'te: trailers', 'user-agent: grpc-go/1.72.2']
      : ['user-agent: curl/8.17.0', 'accept: */*']
  const method = application === 'grpc' ? 'POST' : 'GET'
  const lines = [`${method} ${path} HTTP/2`, `host: ${authorityOf(target)}`, ...fields, '', '']
  return (first ? HTTP2_PREFACE : '') + http2Payload({ stream, text: lines.join('\r\n') })
}
