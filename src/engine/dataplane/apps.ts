import { siteAnswer } from './site.ts'
import { familyOf } from '../base/ip.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { AppBehaviour } from './network.ts'
import type { Service } from './machine.ts'
import type { Walk } from './walk.ts'
import type { Packet } from '../packet/packet.ts'

/** What a workload answers to `request` (the packet that carried it); undefined: silence. */
export function answerOf(walk: Pick<Walk, 'now'>, { app }: Service, request: Packet): string | undefined {
  const text = request.payload ?? ''
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
    case 'pages':
      return httpResponse(fixedPage(app, pathOf(text), walk.now), undefined, isHead(text), walk.now)
    default:
      return app satisfies never
  }
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
