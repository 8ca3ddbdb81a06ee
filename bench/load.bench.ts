import { createWorld } from '../src/engine/sim/world.ts'
import { heapMegabytes } from './heap.ts'
import type { KubeObject } from '../src/engine/api/types.ts'
import type { Row } from './row.ts'

const NODES = 5000
const PODS_PER_NODE = 30
const SERVICES = 10_000
const ENDPOINTS = (NODES * PODS_PER_NODE) / SERVICES

const nodeName = (n: number): string => `node-${n}`
const serviceIp = (n: number): string => `10.${96 + (n >> 16)}.${(n >> 8) & 255}.${n & 255 || 1}`

/** The `slot`th pod of node `n` has the address 10.A.B.C of the node's own /26. */
function podIp(n: number, slot: number): string {
  const address = n * 64 + slot + 2
  return `10.${128 + (address >> 16)}.${(address >> 8) & 255}.${address & 255}`
}

function node(n: number): unknown {
  const first = n * 64
  const podCIDR = `10.${128 + (first >> 16)}.${(first >> 8) & 255}.${first & 255}/26`
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName(n), uid: `node-${n}`, resourceVersion: '1' },
    spec: { podCIDR, podCIDRs: [podCIDR] },
    status: { addresses: [{ type: 'InternalIP', address: `172.20.${n >> 8}.${n & 255}` }] },
  }
}

function pod(i: number): unknown {
  const [n, slot] = [Math.floor(i / PODS_PER_NODE), i % PODS_PER_NODE]
  const ip = podIp(n, slot)
  const container = { name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 80, protocol: 'TCP' }] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${i % SERVICES}-${i}`,
      namespace: 'default',
      uid: `pod-${i}`,
      resourceVersion: '1',
      labels: { app: `web-${i % SERVICES}` },
    },
    spec: { nodeName: nodeName(n), containers: [container] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-05T08:00:00Z' }],
      podIP: ip,
      podIPs: [{ ip }],
    },
  }
}

function serviceAndSlice(s: number): readonly unknown[] {
  const endpoints = Array.from({ length: ENDPOINTS }, (_, j) => {
    const i = s + j * SERVICES
    const n = Math.floor(i / PODS_PER_NODE)
    return { addresses: [podIp(n, i % PODS_PER_NODE)], conditions: { ready: true }, nodeName: nodeName(n) }
  })
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `web-${s}`, namespace: 'default', uid: `service-${s}`, resourceVersion: '1' },
      spec: {
        type: 'ClusterIP',
        clusterIP: serviceIp(s),
        clusterIPs: [serviceIp(s)],
        ipFamilies: ['IPv4'],
        selector: { app: `web-${s}` },
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `web-${s}-x`,
        namespace: 'default',
        uid: `slice-${s}`,
        resourceVersion: '1',
        labels: { 'kubernetes.io/service-name': `web-${s}` },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      endpoints,
    },
  ]
}

/** What `kubectl get nodes,pods,services,endpointslices -A -o json` prints of a cluster at the bounds of Kubernetes. */
function dumpText(): string {
  const items: string[] = []
  for (let n = 0; n < NODES; n++) items.push(JSON.stringify(node(n)))
  for (let i = 0; i < NODES * PODS_PER_NODE; i++) items.push(JSON.stringify(pod(i)))
  for (let s = 0; s < SERVICES; s++) for (const object of serviceAndSlice(s)) items.push(JSON.stringify(object))
  return `{"apiVersion":"v1","kind":"List","items":[${items.join(',')}]}`
}

/** A dump of 150,000 pods on 5,000 nodes with 10,000 Services: text to objects to a cluster, and a first request in it. */
export function bench(): Row[] {
  const text = dumpText()
  const start = performance.now()
  const { items } = JSON.parse(text) as { readonly items: readonly KubeObject[] }
  const parsed = performance.now()
  const world = createWorld(items, { seed: 1, mode: 'iptables', proxyConfig: { clusterCIDR: '10.128.0.0/9' } })
  const loaded = performance.now()
  const { outcome } = world.request({ from: `pod/default/web-0-0`, to: `http://${serviceIp(7)}/` })
  const answered = performance.now()
  if (outcome.outcome !== 'connected') throw new Error(JSON.stringify(outcome))
  return [
    { name: '150,000 pods, 5,000 nodes, 10,000 Services: JSON read', value: (parsed - start) / 1000, unit: 's' },
    { name: 'the same, loaded', value: (loaded - parsed) / 1000, unit: 's', target: '< 30 s' },
    { name: 'the same, first request traced', value: (answered - loaded) / 1000, unit: 's' },
    { name: 'the same, memory then', value: heapMegabytes(), unit: 'MB' },
  ]
}
