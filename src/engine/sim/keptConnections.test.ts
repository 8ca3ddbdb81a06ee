import { describe, expect, it } from 'vitest'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'
import { findKind } from '../api/kinds.ts'
import { invariant } from '../base/invariant.ts'
import type { Json } from '../api/json.ts'
import type { KubeObject, Pod } from '../api/types.ts'
import type { ProxyMode } from '../proxy/types.ts'
import type { Request, Trace } from '../trace/event.ts'

const MODES: readonly ProxyMode[] = ['iptables', 'ipvs', 'nftables', 'userspace']

const pod = (name: string, image: string, words: readonly string[] = []): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name.replace(/-\d$/, '') } },
  spec: { containers: [{ name: 'main', image, args: words }] },
})
const service = (name: string, port: number, targetPort: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port, targetPort }] },
})
const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

/** A cluster with a client and, behind Services, three servers each of nginx, Go (netexec) and gRPC. */
function start(mode: ProxyMode): Sim {
  const sim = createSim({ seed: 1, mode })
  const servers = [1, 2, 3].flatMap((n) => [
    pod(`web-${n}`, 'nginx:1.27'),
    pod(`go-${n}`, AGNHOST, ['netexec']),
    pod(`rpc-${n}`, AGNHOST, ['grpc-health-checking']),
  ])
  const services = [service('web', 80, 80), service('go', 80, 8080), service('rpc', 5000, 5000)]
  for (const object of [pod('client', 'curlimages/curl', ['sleep', 'infinity']), ...servers, ...services]) {
    const { apiVersion, kind } = object as KubeObject
    const known = findKind(apiVersion, kind)
    invariant(known, kind)
    const made = sim.api.create(known, 'default', object as Json)
    invariant(made.ok, JSON.stringify(made))
  }
  sim.settle()
  return sim
}

function relabel(sim: Sim, app: string): void {
  for (const object of [...sim.store.list('Pod')].filter(({ metadata }) => metadata.labels?.['app'] === app)) {
    const away: Pod = { ...object, metadata: { ...object.metadata, labels: { app: 'somewhere-else' } } }
    sim.store.applyWrites([{ type: 'update', object: away }], sim.now())
  }
  sim.settle()
}

const to = (url: string, more: Partial<Request> = {}): Request => ({
  from: 'pod/default/client',
  to: url,
  connection: 'mine',
  ...more,
})
const use = ({ connection, outcome }: Trace): string =>
  [connection?.use, connection?.lostBy, connection?.requests, outcome.outcome, outcome.errno]
    .filter((word) => word !== undefined)
    .join(' ')
const sent = ({ events }: Trace): readonly string[] =>
  events.flatMap((event) => (event.type === 'sent' && event.by === 'default/client' ? [event.why] : []))

describe.each(MODES)('a kept connection in %s mode', (mode) => {
  it('carries later requests to the same server, without a name, a SYN or a choice', () => {
    const sim = start(mode)
    const first = sim.request(to('http://web/'))
    expect(use(first)).toBe('opened 1 connected')
    const second = sim.request(to('http://web/other'))
    expect(use(second)).toBe('reused 2 connected')
    expect(second.outcome.pod).toBe(first.outcome.pod)
    expect(sent(second)).toEqual(['GET /other'])
    expect(second.outcome.answer).toContain('404')
  })

  it('stays with its server when the Service has no endpoints any more; a new one is refused', () => {
    const sim = start(mode)
    const first = sim.request(to('http://web/'))
    relabel(sim, 'web')
    const later = sim.request(to('http://web/'))
    expect(use(later)).toBe('reused 2 connected')
    expect(later.outcome.pod).toBe(first.outcome.pod)
    expect(sim.request(to('http://web/', { connection: 'other' })).outcome.outcome).not.toBe('connected')
  })

  it('is closed by the server after its keep-alive time; the next request opens another', () => {
    const sim = start(mode)
    sim.request(to('http://web/'))
    sim.advance(64_000)
    expect(use(sim.request(to('http://web/')))).toBe('reused 2 connected')
    sim.advance(66_000)
    expect(use(sim.request(to('http://web/')))).toBe('reopened server 1 connected')
  })

  it('is closed by a server that is deleted; the next request finds another one', () => {
    const sim = start(mode)
    const { pod: server = '' } = sim.request(to('http://web/')).outcome
    sim.store.applyWrites([{ type: 'delete', kind: 'Pod', key: server }], sim.now())
    sim.settle()
    const next = sim.request(to('http://web/'))
    expect(use(next)).toBe('reopened server 1 connected')
    expect(next.outcome.pod).not.toBe(server)
  })

  it('carries the streams of gRPC side by side, all to one server', () => {
    const sim = start(mode)
    const first = sim.request(to('grpc://rpc:5000', { streams: 3 }))
    expect(use(first)).toBe('opened 3 connected')
    expect(first.outcome.answer).toBe('SERVING')
    expect(sent(first).filter((why) => why.startsWith('POST'))).toEqual(
      [1, 3, 5].map((stream) => `POST /grpc.health.v1.Health/Check on stream ${stream}`),
    )
    const second = sim.request(to('grpc://rpc:5000', { streams: 2 }))
    expect(use(second)).toBe('reused 5 connected')
    expect(second.outcome.pod).toBe(first.outcome.pod)
  })
})

describe('an idle connection', () => {
  // Source: ip_vs_proto_tcp.c (900 s), net/netfilter (kube-proxy sets a day).
  it.each([
    ['iptables', 'reused 2 connected'],
    ['nftables', 'reused 2 connected'],
    ['userspace', 'reused 2 connected'],
    ['ipvs', 'reused 1 closed ECONNRESET'],
  ] as const)('of 16 minutes, in %s mode: %s', (mode, want) => {
    const sim = start(mode)
    sim.request(to('http://go/'))
    sim.advance(960_000)
    expect(use(sim.request(to('http://go/')))).toBe(want)
  })
})

describe('what a client calls its connection', () => {
  it('belongs to one host and port: another one gets a connection of its own under the same name', () => {
    const sim = start('iptables')
    sim.request(to('http://web/'))
    expect(use(sim.request(to('http://go/')))).toBe('opened 1 connected')
  })

  it('ends with `close`', () => {
    const sim = start('iptables')
    const trace = sim.request(to('http://web/', { close: true }))
    expect(trace.connection?.open).toBe(false)
    expect(sent(trace).at(-2)).toBe('FIN,ACK')
    expect(use(sim.request(to('http://web/')))).toBe('opened 1 connected')
  })

  it('is refused for anything but TCP', () => {
    expect(start('iptables').request(to('udp://web:80')).outcome.answer).toContain('only TCP')
  })
})

describe('servers that do not speak HTTP/2', () => {
  it.each([
    ['h2c://web/', 'opened 1 connected', false],
    ['http://rpc:5000/', 'opened 0 closed', false],
  ])('%s: %s', (url, want, open) => {
    const trace = start('iptables').request(to(url))
    expect(use(trace)).toBe(want)
    expect(trace.connection?.open).toBe(open)
  })
})
