import { ipOrUndefined } from '../base/ip.ts'
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
}

const form = /^(tcp|udp|sctp|http|icmp|ping):\/\/(\[[^\]]+\]|[^/:?#]+)(?::([0-9]{1,5}))?(\/.*)?$/i

/** Reads `tcp://10.98.98.98:80`, `udp://…`, `sctp://…`, `http://NAME[:PORT]/PATH`, `icmp://ADDRESS`. */
export function parseTarget(url: string): Result<Target, string> {
  const match = form.exec(url.trim())
  if (!match)
    return err(`"${url}" is not a target: write tcp://ADDRESS:PORT, udp://, sctp:// or http://NAME[:PORT]/PATH`)
  const scheme = (match[1] ?? '').toLowerCase()
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '')
  const ping = scheme === 'icmp' || scheme === 'ping'
  const port = match[3] === undefined ? (scheme === 'http' ? 80 : ping ? 0 : undefined) : Number(match[3])
  if (port === undefined) return err(`"${url}" names no port`)
  if (!ping && (port < 1 || port > 65535)) return err(`port ${port} must be between 1 and 65535, inclusive`)
  if (scheme === 'http') return ok({ protocol: 'TCP', host, port, path: match[4] ?? '/' })
  return ok({ protocol: ping ? 'ICMP' : (scheme.toUpperCase() as Protocol), host, port })
}

/** The target's address when it is one. */
export function addressOf({ host, port }: Target): SocketAddress | undefined {
  const ip = ipOrUndefined(host)
  return ip === undefined ? undefined : { ip, port }
}

/** What the client sends: curl's request for HTTP, nothing of its own otherwise. */
export function payloadOf({ host, port, path }: Target): string | undefined {
  if (path === undefined) return undefined
  const name = host.includes(':') ? `[${host}]` : host
  const authority = port === 80 ? name : `${name}:${port}`
  return `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: curl/8.17.0\r\nAccept: */*\r\n\r\n`
}
