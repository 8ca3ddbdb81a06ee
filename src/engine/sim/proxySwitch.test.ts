import { describe, expect, it } from 'vitest'
import { readYaml } from '../../manifest/readYaml.ts'
import { findKind } from '../api/kinds.ts'
import type { Kind } from '../api/kinds.ts'
import type { Pod } from '../api/types.ts'
import type { Json } from '../api/json.ts'
import type { Change } from '../store/store.ts'
import type { ProxyMode } from '../proxy/types.ts'
import { createSim } from './createSim.ts'
import type { Sim, SimOptions } from './createSim.ts'

function kindOf(apiVersion: string, kind: string): Kind {
  const found = findKind(apiVersion, kind)
  if (!found) throw new Error(kind)
  return found
}

function lab(options: Partial<SimOptions> = {}): Sim {
  return createSim({ seed: 3, readYaml, ...options })
}

function configText(sim: Sim): string {
  const { data } = sim.store.get('ConfigMap', 'kube-system/kube-proxy') as unknown as { data: Record<string, string> }
  return data['config.conf'] ?? ''
}

function configure(sim: Sim, text: string): void {
  const patch = { data: { 'config.conf': text } }
  expect(sim.api.patch(kindOf('v1', 'ConfigMap'), 'kube-system', 'kube-proxy', 'merge', patch).ok).toBe(true)
}

function proxyPods(sim: Sim): readonly Pod[] {
  return sim.store
    .sorted('Pod', 'namespace', 'kube-system')
    .filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-proxy')
}

/** `node`: that node's pod only. */
function deletePods(sim: Sim, node?: string): void {
  for (const { metadata, spec } of proxyPods(sim)) {
    if (node === undefined || spec.nodeName === node) sim.api.remove(kindOf('v1', 'Pod'), 'kube-system', metadata.name)
  }
}

function put(sim: Sim, object: Record<string, unknown>): void {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string }
  const made = sim.api.create(kindOf(apiVersion, kind), 'default', object as unknown as Json)
  expect(made).toMatchObject({ ok: true })
}

const modes = (sim: Sim): readonly ProxyMode[] => sim.fleet.agents().map((agent) => agent.mode())

function view(sim: Sim, node: string, id: string): string {
  const found = sim.nodeTables(node)?.views.find((one) => one.id === id)
  return found?.lines.map(({ text }) => text).join('\n') ?? ''
}

const minimal = (more: string): string =>
  `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n${more}`

describe('the ConfigMap of kube-proxy', () => {
  it('is there from the start, as kubeadm writes it, and reads as YAML', () => {
    const text = configText(lab())
    expect(readYaml(text)).toMatchObject({
      ok: true,
      value: {
        value: { kind: 'KubeProxyConfiguration', mode: '', clusterCIDR: '10.244.0.0/16', nodePortAddresses: null },
      },
    })
    // In alphabetical order.
    const keys = [...text.matchAll(/^\w+/gm)].map(([key]) => key)
    expect(keys).toEqual([...keys].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)))
    expect(text).toContain('\nipvs:\n  excludeCIDRs: null\n  minSyncPeriod: 0s\n  scheduler: ""\n')
  })

  it('counts for a node from the start of its pod on', () => {
    const sim = lab()
    configure(sim, configText(sim).replace('mode: ""', 'mode: ipvs').replace('scheduler: ""', 'scheduler: lc'))
    sim.settle()
    expect(modes(sim)).toEqual(['iptables', 'iptables', 'iptables'])
    deletePods(sim, 'node02')
    sim.settle()
    expect(modes(sim)).toEqual(['iptables', 'ipvs', 'iptables'])
    expect(view(sim, 'node02', 'ipvs')).toContain('TCP  10.96.0.1:443 lc\n')
    expect(view(sim, 'node01', 'ipvs')).toBe('')
    const spec = { containers: [{ name: 'web', image: 'nginx:1.27' }], nodeName: 'node02' }
    put(sim, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec })
    sim.settle()
    expect(sim.request({ from: 'pod/default/web', to: 'http://10.96.0.10:9153/metrics' })).toMatchObject({
      mode: 'ipvs',
      outcome: { outcome: 'connected' },
    })
  })

  it.each([
    ['mode: ebpf\n', 'must be iptables, ipvs, nftables or blank (blank means the best-available proxy'],
    // v1.35 has it no more.
    ['mode: userspace\n', 'must be iptables, ipvs, nftables or blank'],
    ['nodePortAddresses: [nowhere]\n', 'KubeProxyConfiguration.NodePortAddresses[0]: Invalid value: \\"nowhere\\"'],
    ['ipvs: [\n', 'failed complete: failed to decode: yaml: '],
    ['mode: 7\n', 'cannot unmarshal number into Go struct field KubeProxyConfiguration.mode'],
    ['mode: ipvs\nipvs:\n  scheduler: best\n', "can't use the IPVS proxier"],
  ])('with %j: the pod crash-loops, its log says why, the old rules stay', (more, words) => {
    const sim = lab()
    const before = view(sim, 'node01', 'iptables')
    expect(before).toContain('KUBE-SVC-')
    configure(sim, minimal(more))
    deletePods(sim)
    sim.settle()
    sim.advance(5000)
    for (const { status } of proxyPods(sim)) {
      expect(JSON.stringify(status?.['containerStatuses'])).toContain('"reason":"CrashLoopBackOff"')
    }
    expect(view(sim, 'node01', 'log')).toContain(words)
    expect(view(sim, 'node01', 'iptables')).toBe(before)
    // The next restart reads the file anew.
    configure(sim, minimal('mode: nftables\n'))
    sim.advance(60_000)
    sim.settle()
    expect(modes(sim)).toEqual(['nftables', 'nftables', 'nftables'])
    expect(proxyPods(sim).map(({ status }) => status?.phase)).toEqual(['Running', 'Running', 'Running'])
  })

  it('sets what the kernel is to do: ARP, timeouts, schedulers', () => {
    const sim = lab()
    const config = 'mode: ipvs\nipvs:\n  strictARP: true\n  tcpTimeout: 100s\nconntrack:\n  tcpEstablishedTimeout: 1h\n'
    expect(sim.fleet.dataplane().node('node01')?.sysctls.arpIgnore).toBeUndefined()
    configure(sim, minimal(config))
    deletePods(sim)
    sim.settle()
    expect(sim.fleet.dataplane().node('node01')?.sysctls.arpIgnore).toBe(true)
    expect(sim.fleet.agent('node01')?.ipvs()?.timeouts()).toEqual({ tcp: 100, tcpFin: 120, udp: 300 })
  })
})

describe('what a mode leaves behind', () => {
  it.each<[ProxyMode, ProxyMode, { readonly chains: boolean; readonly servers: boolean; readonly nft: boolean }]>([
    ['iptables', 'ipvs', { chains: true, servers: true, nft: false }],
    ['ipvs', 'iptables', { chains: true, servers: true, nft: false }],
    ['iptables', 'nftables', { chains: false, servers: false, nft: true }],
    ['ipvs', 'nftables', { chains: false, servers: false, nft: true }],
    ['nftables', 'iptables', { chains: true, servers: false, nft: false }],
    ['nftables', 'ipvs', { chains: false, servers: true, nft: false }],
    ['iptables', 'userspace', { chains: false, servers: false, nft: false }],
    ['userspace', 'nftables', { chains: false, servers: false, nft: true }],
  ])('%s, then %s', (from, to, want) => {
    const sim = lab({ mode: from })
    expect(sim.mode()).toBe(from)
    sim.setMode(to)
    expect(modes(sim)).toEqual([to, to, to])
    expect({
      chains: view(sim, 'node01', 'iptables').includes('-A KUBE-SVC-'),
      servers: view(sim, 'node01', 'ipvs').includes('10.96.0.1:443'),
      nft: view(sim, 'node01', 'nft') !== '',
    }).toEqual(want)
    const { outcome } = sim.request({ from: 'node/node02', to: 'http://10.96.0.10:9153/metrics' })
    expect(outcome.outcome).toBe('connected')
  })

  it('userspace mode takes the release that had it, and the others the present one again', () => {
    const sim = lab()
    const image = (): unknown => proxyPods(sim).map(({ spec }) => spec.containers[0]?.image)
    sim.setMode('userspace')
    expect(image()).toEqual(Array(3).fill('registry.k8s.io/kube-proxy:v1.25.16'))
    expect(view(sim, 'node01', 'log')).toContain('the last release that had it')
    sim.setMode('iptables')
    expect(image()).toEqual(Array(3).fill('registry.k8s.io/kube-proxy:v1.35.4'))
    expect(view(sim, 'node01', 'iptables')).not.toContain('KUBE-PORTALS')
  })
})

it('answers health checks on the nodes while its pod runs', () => {
  const sim = lab({ shape: { loadBalancer: true } })
  const spec = { containers: [{ name: 'web', image: 'nginx:1.27' }], nodeName: 'node02' }
  put(sim, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { app: 'web' } }, spec })
  put(sim, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 32222,
      selector: { app: 'web' },
      ports: [{ port: 80 }],
    },
  })
  sim.settle()
  const ask = (to: string): string | undefined => sim.request({ from: 'host/172.16.210.100', to }).outcome.answer
  expect(ask('http://172.16.210.12:32222/')).toBe(
    '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}',
  )
  expect(ask('http://172.16.210.13:32222/any')).toContain('"localEndpoints": 0')
  expect(ask('http://172.16.210.12:10256/healthz')).toContain('"nodeEligible": true')
  configure(sim, minimal('mode: ebpf\n'))
  deletePods(sim)
  sim.settle()
  expect(sim.request({ from: 'host/172.16.210.100', to: 'http://172.16.210.12:10256/healthz' }).outcome.outcome).toBe(
    'refused',
  )
})

it('a switch of the mode, step by step', async () => {
  const sim = lab()
  const lines: string[] = []
  const begun = sim.now()
  const note = (text: string): void => {
    lines.push(`${String(sim.now() - begun).padStart(6)}  ${text}`)
  }
  let before = modes(sim)
  const watch = ({ kind, type, key, object, previous }: Change): readonly string[] => {
    if (kind === 'ConfigMap' || kind === 'DaemonSet') return []
    const { metadata, spec, status } = object as Pod
    if (kind !== 'Pod' || metadata.labels?.['k8s-app'] !== 'kube-proxy') return []
    const at = `pod ${key} on ${spec.nodeName ?? ''}`
    const leaving = metadata.deletionTimestamp !== undefined
    const wasLeaving = previous?.metadata.deletionTimestamp !== undefined
    if (type !== 'MODIFIED') note(`${at} ${type}`)
    else if (leaving && !wasLeaving) note(`${at} terminating`)
    else if (status?.phase !== (previous as Pod | undefined)?.status?.phase) note(`${at} ${status?.phase ?? ''}`)
    return []
  }
  sim.cluster.loop.add({ name: 'watch', delay: 0, wakes: watch, reconcile: () => ({ writes: [] }) })
  note('config.conf: mode: ipvs')
  configure(sim, configText(sim).replace('mode: ""', 'mode: ipvs'))
  sim.settle()
  sim.advance(1000)
  note('kubectl -n kube-system delete pod -l k8s-app=kube-proxy')
  deletePods(sim)
  for (let i = 0; i < 400; i++) {
    sim.advance(10)
    const now = modes(sim)
    sim.fleet.agents().forEach(({ name }, node) => {
      if (now[node] !== before[node]) note(`kube-proxy of ${name} starts: ${before[node] ?? ''} -> ${now[node] ?? ''}`)
    })
    before = now
  }
  sim.settle()
  const leftovers = view(sim, 'node01', 'iptables')
    .split('\n')
    .filter((line) => /^:KUBE-(SVC|SEP|FORWARD|LOAD)/.test(line))
  lines.push('', 'node01, virtual servers and chains:', view(sim, 'node01', 'ipvs'), ...leftovers, '')
  await expect(lines.join('\n')).toMatchFileSnapshot('./testdata/timeline-mode-switch.txt')
})
