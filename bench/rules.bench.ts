import { restore } from '../src/engine/netfilter/restore.ts'
import { ensureJump } from '../src/engine/netfilter/ensureJump.ts'
import { createTables } from '../src/engine/netfilter/tables.ts'
import { parseProxyConfig } from '../src/engine/proxy/config.ts'
import { createKubeProxy } from '../src/engine/proxy/kubeProxy.ts'
import { proxyNode } from '../src/engine/proxy/nodeFacts.ts'
import type { EndpointSlice, Node, Service } from '../src/engine/api/types.ts'
import type { Tables } from '../src/engine/netfilter/rule.ts'
import type { ProxyMode, SyncOutput } from '../src/engine/proxy/types.ts'
import type { Row } from './row.ts'

const COUNT = 10_000
const ENDPOINTS = 3
const MODES: readonly ProxyMode[] = ['iptables', 'nftables', 'ipvs']

const NODE: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node01' },
  spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
  status: { addresses: [{ type: 'InternalIP', address: '172.16.210.11' }] },
}

function service(i: number): Service {
  const clusterIP = `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${i}`, namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    },
  }
}

function slice(i: number, shift = 0): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `service-${i}-abcde`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': `service-${i}` },
    },
    addressType: 'IPv4',
    endpoints: Array.from({ length: ENDPOINTS }, (_, j) => {
      const n = i * ENDPOINTS + j + shift
      return { addresses: [`10.${128 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`], nodeName: `node0${1 + (n % 3)}` }
    }),
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  }
}

function load(tables: Tables, output: SyncOutput | undefined): void {
  for (const jump of output?.ensure ?? []) ensureJump(tables, jump)
  const loaded = restore(tables, output?.restore ?? '', { noflush: true, counters: true })
  if (!loaded.ok) throw new Error(loaded.error.message)
}

/** First and later syncs of one mode, each written and, where there is a restore text, loaded. */
function measure(mode: ProxyMode): { readonly first: number; readonly change: number } {
  const services = Array.from({ length: COUNT }, (_, i) => service(i))
  const slices = Array.from({ length: COUNT }, (_, i) => slice(i))
  const config = parseProxyConfig({ hostnameOverride: 'node01', clusterCIDR: '10.128.0.0/9' }, { mode })
  const tables = createTables('IPv4')
  const proxy = createKubeProxy(config, proxyNode(NODE))
  const start = performance.now()
  load(tables, proxy.sync(services, slices)[0])
  const first = performance.now() - start
  const changes: number[] = []
  const changing = COUNT >> 1
  for (let round = 1; round <= 9; round++) {
    const changed = slices.with(changing, slice(changing, round * 1_000_000))
    const before = performance.now()
    load(tables, proxy.sync(services, changed)[0])
    changes.push(performance.now() - before)
  }
  return { first, change: median(changes) }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

/** Rules of 10,000 Services with 3 endpoints each, and after the endpoints of one changed. Best of three runs. */
export function bench(): Row[] {
  return MODES.flatMap((mode) => {
    const runs = [measure(mode), measure(mode), measure(mode)]
    return [
      {
        name: `${mode}: 10,000 Services x 3 endpoints generated and loaded`,
        value: Math.min(...runs.map(({ first }) => first)),
        unit: 'ms',
        target: '< 500 ms',
      },
      {
        name: `${mode}: endpoints of one Service changed, resynced`,
        value: Math.min(...runs.map(({ change }) => change)),
        unit: 'ms',
        target: '< 20 ms',
      },
    ]
  })
}
