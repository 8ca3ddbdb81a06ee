import { createCoreDns } from './coreDns.ts'
import { indexCluster } from './clusterIndex.ts'
import { KUBEADM_COREFILE, parseCorefile } from './corefile.ts'
import { OUTSIDE_WORLD } from './outsideWorld.ts'
import { queryMessage } from './message.ts'
import { answerFromUpstream } from './upstream.ts'
import type { CoreDnsWorld, DnsTransport } from './coreDns.ts'
import type { DnsClusterView } from './clusterIndex.ts'
import type { DnsMessage, Edns, ResourceRecord } from './message.ts'
import type { EndpointSlice, Pod, Service } from '../api/types.ts'

/** For tests: a Service of namespace `dev`. */
export function dnsService(name: string, spec: Partial<Service['spec']>): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'dev' },
    spec: { type: 'ClusterIP', ...spec },
  }
}

/** For tests: an EndpointSlice of namespace `dev`. */
export function dnsSlice(
  service: string,
  endpoints: EndpointSlice['endpoints'],
  ports: EndpointSlice['ports'] = [{ name: 'http', port: 8080, protocol: 'TCP' }],
): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': service }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-x`, namespace: 'dev', labels },
    addressType: 'IPv4',
    endpoints: endpoints ?? null,
    ports: ports ?? null,
  }
}

const http = { name: 'http', protocol: 'TCP', port: 80 } as const

const pods: readonly Pod[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'dev' },
    spec: { containers: [] },
    status: { phase: 'Running', podIP: '10.244.1.7' },
  },
]

/** For tests: one Service of each sort, dual-stack among them. */
export const TEST_VIEW: DnsClusterView = {
  namespaces: ['default', 'dev', 'kube-system'],
  pods,
  services: [
    dnsService('web', { clusterIPs: ['10.98.98.98'], ports: [http, { name: 'https', protocol: 'TCP', port: 443 }] }),
    dnsService('dual', { clusterIPs: ['10.98.0.2', 'fd00:10:96::2'], ports: [http] }),
    dnsService('db', { clusterIPs: ['None'], ports: [http] }),
    dnsService('bare', { clusterIPs: ['None'] }),
    dnsService('idle', { clusterIPs: ['None'], ports: [http] }),
    dnsService('ext', { type: 'ExternalName', externalName: 'www.baidu.com' }),
    dnsService('in', { type: 'ExternalName', externalName: 'web.dev.svc.cluster.local' }),
    dnsService('chain', { type: 'ExternalName', externalName: 'in.dev.svc.cluster.local.' }),
    dnsService('ping', { type: 'ExternalName', externalName: 'pong.dev.svc.cluster.local' }),
    dnsService('pong', { type: 'ExternalName', externalName: 'ping.dev.svc.cluster.local' }),
    dnsService('lost', { type: 'ExternalName', externalName: 'nope.dev.svc.cluster.local' }),
  ],
  endpointSlices: [
    dnsSlice('web', [{ addresses: ['10.244.1.7'], conditions: { ready: true } }]),
    dnsSlice('db', [
      { addresses: ['10.244.1.4'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.2.4'], hostname: 'db-1' },
      { addresses: ['10.244.2.5'], hostname: 'db-2', conditions: { ready: false } },
    ]),
    dnsSlice('bare', [{ addresses: ['10.244.1.9'], conditions: { ready: true } }], null),
    dnsSlice('idle', null, null),
  ],
}

interface Asking {
  readonly corefile?: string
  readonly view?: DnsClusterView
  readonly edns?: Edns
  readonly transport?: DnsTransport
  readonly world?: Partial<CoreDnsWorld>
}

/** For tests: a CoreDNS that can be asked again and again. No shuffling: the first is always drawn. */
export function askable({ corefile = KUBEADM_COREFILE, view = TEST_VIEW, edns, transport, world }: Asking = {}): (
  name: string,
  type?: string,
  now?: number,
) => DnsMessage {
  const parsed = parseCorefile(corefile)
  const server = createCoreDns(parsed.ok ? parsed.value : [], () => 0)
  const index = indexCluster(view)
  return (name, type = 'A', now = 0) => {
    const query = { ...queryMessage(1, { name, type, class: 'IN' }), ...(edns ? { edns } : {}) }
    const forward = (question: DnsMessage): DnsMessage => answerFromUpstream(OUTSIDE_WORLD, question)
    return server.answer(query, { index, localIps: ['10.244.0.3'], now, serial: 7, forward, ...world }, transport)
  }
}

/** `web.dev.svc.cluster.local. 30 A 10.98.98.98` */
export function shown(record: ResourceRecord): string {
  const head = `${record.name} ${record.ttl} ${record.type}`
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `${head} ${record.address}`
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return `${head} ${record.target}`
    case 'MX':
      return `${head} ${record.preference} ${record.target}`
    case 'SRV':
      return `${head} ${record.priority} ${record.weight} ${record.port} ${record.target}`
    case 'TXT':
      return `${head} ${record.strings.join(' ')}`
    case 'SOA':
      return `${head} ${record.mname} ${record.serial}`
  }
}
