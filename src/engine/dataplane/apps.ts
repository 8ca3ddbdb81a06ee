import { siteAnswer } from './site.ts'
import { familyOf } from '../base/ip.ts'
import { http2Payload, readHttp2 } from './http2.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { AppBehaviour } from './network.ts'
import type { Http2Message } from './http2.ts'
import type { Service } from './machine.ts'
import type { Walk } from './walk.ts'
import type { Packet } from '../packet/packet.ts'

/** What a workload answers to `request` (the packet that carried it); undefined: silence. */
export function answerOf(walk: Pick<Walk, 'now'>, { app }: Service, request: Packet): string | undefined {
  const text = request.payload ?? ''
  const http2 = readHttp2(text)
  if (http2) return http2Answer(app, http2)
  switch (app.type) {
    case 'http':
      return httpResponse(fileOf(app, pathOf(text)), app.server, isHead(text), walk.now)
    case 'netexec': {
      if (request.protocol === 'UDP') return netexecDatagram(app.hostname, text.trim(), request)
      const body = netexecPage(app.hostname, pathOf(text), request, walk.now)
      return httpResponse(body, undefined, isHead(text), walk.now)
    }
    case 'echo':
      return text
    case 'tcp':
      return app.banner
    case 'site':
      return siteAnswer(app, text)
    case 'dns':
      return undefined
    case 'grpc':
      // Hangs up on clients that do not begin with HTTP/2's preface.
      return undefined
    case 'pages':
      return httpResponse(fixedPage(app, pathOf(text), walk.now), undefined, isHead(text), walk.now)
    default:
      return app satisfies never
  }
}

/** Servers of HTTP/1.1 take HTTP/2's preface for a bad request. Source of the gRPC status: grpc-go, its health service. */
function http2Answer(app: AppBehaviour, { stream, text }: Http2Message): string {
  if (app.type !== 'grpc') return 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
  const path = pathOf(text)
  const status = path === GRPC_HEALTH_CHECK ? ['grpc-status: 0', '', 'SERVING'] : [...unknownMethod(path), '', '']
  return http2Payload({ stream, text: ['HTTP/2 200', 'content-type: application/grpc', ...status].join('\r\n') })
}

/** The method of the gRPC health checking protocol. */
export const GRPC_HEALTH_CHECK = '/grpc.health.v1.Health/Check'

function unknownMethod(path: string): readonly string[] {
  const [, service = '', method = ''] = path.split('/')
  const known = service === 'grpc.health.v1.Health'
  const message = known ? `unknown method ${method} for service ${service}` : `unknown service ${service}`
  return ['grpc-status: 12', `grpc-message: ${message}`]
}

/** HTTP servers close after a request of HTTP/1.0 or one that says so, and when they are spoken to in HTTP/2 and do not speak it. */
export function closesAfter({ app }: Service, request: string): boolean {
  if (app.type === 'echo' || app.type === 'tcp' || app.type === 'dns') return false
  if (readHttp2(request)) return app.type !== 'grpc'
  const head = request.split('\r\n\r\n', 1)[0] ?? ''
  if (/^connection:[ \t]*close[ \t]*$/im.test(head)) return true
  return /^\S+ \S+ HTTP\/1\.0\r\n/.test(head) && !/^connection:[ \t]*keep-alive/im.test(head)
}

/**
 * How long a server keeps an idle connection; undefined: for ever. Source: nginx's image (keepalive_timeout 65), httpd
 * (KeepAliveTimeout 5), Tomcat's server.xml (connectionTimeout 20000); Go's servers have no limit of their own.
 */
export function keepAliveMs(app: AppBehaviour): number | undefined {
  if (app.type === 'site') return 60_000
  if (app.type !== 'http') return undefined
  if (app.server.startsWith('nginx')) return 65_000
  return app.server.startsWith('Apache') ? 5000 : undefined
}

/** The address by which a server is known, whatever address was asked: the pod's own of that family. */
export function serverName({ ips, listener }: Service, asked: Packet['destination']): string {
  const ip = ips.find((own) => familyOf(own) === familyOf(asked.ip)) ?? asked.ip
  return formatSocketAddress({ ip, port: listener.port })
}

/** `GET /path HTTP/1.1` → `/path`; what is no HTTP request asks for `/`. */
function pathOf(request: string): string {
  const target = /^[A-Z]+ (\S+) HTTP\//.exec(request)?.[1] ?? '/'
  const path = target.replace(/^https?:\/\/[^/]*/, '')
  return path === '' ? '/' : path
}

function isHead(request: string): boolean {
  return request.startsWith('HEAD ')
}

interface Page {
  readonly status: 200 | 404 | 503
  readonly body: string
  readonly type: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Source of the 404: net/http. */
function fixedPage({ pages, other }: Extract<AppBehaviour, { type: 'pages' }>, target: string, now: number): Page {
  const path = target.replace(/[?#].*$/, '')
  const page = pages[path] ?? other
  if (!page) {
    const headers = { 'X-Content-Type-Options': 'nosniff' }
    return { status: 404, body: '404 page not found\n', type: 'text/plain; charset=utf-8', headers }
  }
  return page.body.includes('{now}') ? { ...page, body: page.body.replaceAll('{now}', goTime(now)) } : page
}

/** As Go prints a time. */
function goTime(now: number): string {
  return `${new Date(EPOCH + Math.floor(now)).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`
}

function fileOf({ files, server }: Extract<AppBehaviour, { type: 'http' }>, target: string): Page {
  const path = target.replace(/[?#].*$/, '')
  const found = files[path] ?? (path.endsWith('/') ? files[`${path}index.html`] : undefined)
  if (found !== undefined) return { status: 200, body: found, type: 'text/html' }
  const rule = '<hr>'
  const body = [
    '<html>',
    '<head><title>404 Not Found</title></head>',
    '<body>',
    '<center><h1>404 Not Found</h1></center>',
    `${rule}<center>${server}</center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n')
  return { status: 404, body, type: 'text/html' }
}

/** Source: kubernetes test/images/agnhost/netexec. */
function netexecPage(hostname: string, target: string, { source }: Packet, now: number): Page {
  const [path = '/', query = ''] = target.split('?')
  const plain = (body: string): Page => ({ status: 200, body, type: 'text/plain; charset=utf-8' })
  switch (path) {
    case '/hostname':
    case '/hostName':
      return plain(hostname)
    case '/clientip':
      return plain(formatSocketAddress(source))
    case '/echo': {
      const message = /(?:^|&)msg=([^&]*)/.exec(query)?.[1] ?? ''
      return plain(decodeURIComponent(message.replace(/%(?![0-9a-fA-F]{2})/g, '%25')))
    }
    case '/healthz':
    case '/readyz':
      return plain('')
    default:
      return plain(`NOW: ${goTime(now)}`)
  }
}

/** When the simulated cluster's clock starts: 2026-01-01T00:00:00Z. */
const EPOCH = 1_767_225_600_000

function netexecDatagram(hostname: string, command: string, { source }: Packet): string | undefined {
  if (command.toLowerCase() === 'hostname') return hostname
  if (command.toLowerCase() === 'clientip') return formatSocketAddress(source)
  if (command.startsWith('echo ')) return command.slice(5)
  return undefined
}

const REASONS = { 200: 'OK', 404: 'Not Found', 503: 'Service Unavailable' } as const

function httpResponse(page: Page, server: string | undefined, head: boolean, now: number): string {
  const { status, body, type, headers = {} } = page
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    ...(server === undefined ? [] : [`Server: ${server}`]),
    `Date: ${new Date(EPOCH + Math.floor(now)).toUTCString()}`,
    `Content-Type: ${type}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${byteLength(body)}`,
    ...(server === undefined ? [] : ['Connection: keep-alive']),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${head ? '' : body}`
}

/** In UTF-8. */
function byteLength(text: string): number {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
