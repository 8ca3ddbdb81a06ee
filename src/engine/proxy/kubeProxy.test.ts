import { describe, expect, it } from 'vitest'
import { restore } from '../netfilter/restore.ts'
import { createTables, chainsOf } from '../netfilter/tables.ts'
import { save } from '../netfilter/save.ts'
import { ensureJump } from '../netfilter/ensureJump.ts'
import { parseProxyConfig } from './config.ts'
import { endpointChain, serviceChains } from './chainNames.ts'
import { createKubeProxy } from './kubeProxy.ts'
import { proxyNode } from './nodeFacts.ts'
import { aNode, aService, aSlice } from './testing/builders.ts'
import { isStaleUdp } from './udpCleanup.ts'
import type { EndpointSlice, Service } from '../api/types.ts'
import type { Ip } from '../base/ip.ts'
import type { Tables } from '../netfilter/rule.ts'
import type { KubeProxy } from './kubeProxy.ts'
import type { ProxyMode, SyncOutput } from './types.ts'

const node = proxyNode(aNode())
const start = (mode: ProxyMode = 'iptables'): KubeProxy =>
  createKubeProxy(parseProxyConfig({ hostnameOverride: 'node1', clusterCIDR: '10.244.0.0/16' }, { mode }), node)
const web = aService('default/web', '10.96.0.10')
const api = aService('default/api', '10.96.0.11')
const sliceOf = (service: Service, ...endpoints: string[]): EndpointSlice => aSlice(service, endpoints)

function one(proxy: KubeProxy, services: readonly Service[], slices: readonly EndpointSlice[], now = 0): SyncOutput {
  const [output] = proxy.sync(services, slices, { now })
  if (!output) throw new Error('no output')
  return output
}

function load(tables: Tables, output: SyncOutput): void {
  for (const jump of output.ensure) ensureJump(tables, jump)
  expect(restore(tables, output.restore ?? '', { noflush: true })).toEqual({ ok: true })
}

describe('partial syncs of iptables mode', () => {
  it('rewrites the chains of the changed Service only and deletes what is stale', () => {
    const proxy = start()
    const slices = [sliceOf(web, '10.244.1.2', '10.244.1.3'), sliceOf(api, '10.244.1.4')]
    one(proxy, [web, api], slices)
    const output = one(proxy, [web, api], [sliceOf(web, '10.244.1.2', '10.244.1.9'), slices[1]!])
    const text = output.restore ?? ''
    const chains = serviceChains('default/web:http', 'TCP')
    const gone = endpointChain({ name: 'default/web:http', protocol: 'TCP' }, '10.244.1.3:8080')
    expect(output).toMatchObject({ full: false, ensure: [] })
    expect(text).toContain(`:${chains.cluster} - [0:0]`)
    expect(text).toContain(`:${gone} - [0:0]`)
    expect(text).toContain(`-X ${gone}\n`)
    expect(text).toContain(`-j ${serviceChains('default/api:http', 'TCP').cluster}\n`)
    expect(text).not.toContain(`:${serviceChains('default/api:http', 'TCP').cluster}`)
  })

  it('takes equal objects for unchanged ones', () => {
    const proxy = start()
    one(proxy, [web], [sliceOf(web, '10.244.1.2')])
    const output = one(proxy, [structuredClone(web)], [structuredClone(sliceOf(web, '10.244.1.2'))])
    expect(output.restore).not.toContain(':KUBE-SVC-')
  })

  it('leads to the same kernel state as a fresh kube-proxy, whatever came before', () => {
    const states: readonly (readonly [readonly Service[], readonly EndpointSlice[]])[] = [
      [
        [web, api],
        [sliceOf(web, '10.244.1.2', '10.244.1.3'), sliceOf(api, '10.244.1.4')],
      ],
      [[web], [sliceOf(web, '10.244.1.3'), sliceOf(api, '10.244.1.4')]],
      [
        [web, api],
        [sliceOf(web), sliceOf(api, '10.244.1.4', '10.244.1.5')],
      ],
      [[], []],
      [[api, web], [sliceOf(web, '10.244.1.2@node1')]],
    ]
    const proxy = start()
    const tables = createTables('IPv4')
    for (const [services, slices] of states) {
      load(tables, one(proxy, services, slices))
      const fresh = createTables('IPv4')
      load(fresh, one(start(), services, slices))
      expect(save(tables)).toBe(save(fresh))
    }
  })

  it('is full again after an hour, a failure or a change of the zone', () => {
    const proxy = start()
    const slices = [sliceOf(web, '10.244.1.2')]
    const full = (now: number): boolean => one(proxy, [web], slices, now).full
    expect([full(0), full(3600), full(3601), full(3602)]).toEqual([true, false, true, false])
    proxy.forceFullSync()
    expect([full(3603), full(3604)]).toEqual([true, false])
    proxy.setZone('zone-b')
    expect(full(3605)).toBe(true)
  })

  it('deletes the service chains that an earlier kube-proxy left', () => {
    const tables = createTables('IPv4')
    load(tables, one(start(), [web], [sliceOf(web, '10.244.1.2')]))
    const natChains = [...chainsOf(tables, 'nat').keys()]
    const [output] = start().sync([api], [sliceOf(api, '10.244.1.4')], { natChains: () => natChains })
    if (output) load(tables, output)
    const fresh = createTables('IPv4')
    load(fresh, one(start(), [api], [sliceOf(api, '10.244.1.4')]))
    expect(save(tables)).toBe(save(fresh))
  })

  it('in a large cluster cleans up once per sync period', () => {
    const proxy = start()
    const many = Array.from({ length: 1001 }, (_, i) => `10.244.${i >> 8}.${i & 255}`)
    const stale = (count: number, now: number): boolean =>
      one(proxy, [web], [sliceOf(web, ...many.slice(0, count))], now).restore?.includes('-X ') ?? false
    expect([stale(1001, 0), stale(1000, 1)]).toEqual([false, true])
    const large = start()
    one(large, [web, api], [sliceOf(web, ...many), sliceOf(api, '10.9.0.1', '10.9.0.2')])
    const drop = (now: number): boolean =>
      one(large, [web, api], [sliceOf(web, ...many), sliceOf(api, '10.9.0.1')], now).restore?.includes('-X ') ?? false
    expect([drop(1), drop(30), drop(31)]).toEqual([false, false, true])
  })
})

describe('what kube-proxy leaves out', () => {
  it.each(['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'])('label %s', (label) => {
    const labelled = { ...web, metadata: { ...web.metadata, labels: { [label]: '' } } }
    const output = one(start(), [labelled], [sliceOf(web, '10.244.1.2')])
    expect(output.restore).not.toContain('default/web')
  })

  it.each<[string, Partial<Service['spec']>]>([
    ['headless', { clusterIP: 'None', clusterIPs: ['None'] }],
    ['ExternalName', { type: 'ExternalName' }],
    ['another family', { ipFamilies: ['IPv6'], clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }],
  ])('%s', (_, spec) => {
    const output = one(start(), [aService('default/web', '10.96.0.10', spec)], [sliceOf(web, '10.244.1.2')])
    expect(output.restore).not.toContain('default/web')
  })
})

describe('UDP cleanup', () => {
  const dns = aService('default/dns', '10.96.0.53', {
    type: 'NodePort',
    ports: [{ name: 'dns', protocol: 'UDP', port: 53, nodePort: 30053 }],
  })

  it('names the entries whose endpoint no longer serves', () => {
    const proxy = start()
    one(proxy, [dns], [sliceOf(dns, '10.244.1.2', '10.244.1.3')])
    const { staleUdp, udpCleanup } = one(proxy, [dns], [sliceOf(dns, '10.244.1.3')])
    expect(staleUdp).toEqual([
      { destination: '10.96.0.53', endpoint: '10.96.0.53' },
      { destination: '10.96.0.53', endpoint: '10.244.1.2' },
      { nodePort: 30053, endpoint: '10.244.1.2' },
    ])
    const isStale = (destination: string, port: number, replySource: string): boolean =>
      !!udpCleanup && isStaleUdp(udpCleanup, { destination: destination as Ip, port, replySource: replySource as Ip })
    expect(isStale('10.96.0.53', 53, '10.244.1.2')).toBe(true)
    expect(isStale('10.96.0.53', 53, '10.244.1.3')).toBe(false)
    expect(isStale('192.168.0.2', 30053, '10.244.1.2')).toBe(true)
    expect(isStale('10.96.0.99', 53, '10.244.1.2')).toBe(false)
  })

  it('does not run for a TCP Service or for a change of the Service alone', () => {
    const proxy = start()
    expect(one(proxy, [web], [sliceOf(web, '10.244.1.2')]).udpCleanup).toBeUndefined()
    const slices = [sliceOf(dns, '10.244.1.2')]
    one(proxy, [dns], slices)
    const other = { ...dns, spec: { ...dns.spec, externalIPs: ['203.0.113.1'] } }
    expect(one(proxy, [other], slices).udpCleanup).toBeUndefined()
  })
})

describe('nftables mode', () => {
  const proxy = start('nftables')
  const names = (output: SyncOutput): string[] =>
    [...(output.nft?.chains.keys() ?? [])].filter((name) => name.includes('/'))

  it('keeps an emptied chain for a second and lets its affinity set go at once', () => {
    const sticky = aService('default/web', '10.96.0.10', { sessionAffinity: 'ClientIP' })
    const first = one(proxy, [sticky], [sliceOf(sticky, '10.244.1.2', '10.244.1.3')], 0)
    expect([...(first.nft?.sets.keys() ?? [])].filter((name) => name.startsWith('affinity-'))).toHaveLength(2)
    const second = one(proxy, [sticky], [sliceOf(sticky, '10.244.1.2')], 1)
    const gone = names(second).find((name) => name.includes('10.244.1.3')) ?? ''
    expect(second.nft?.chains.get(gone)?.rules).toEqual([])
    expect([...(second.nft?.sets.keys() ?? [])].filter((name) => name.startsWith('affinity-'))).toHaveLength(1)
    expect(names(one(proxy, [sticky], [sliceOf(sticky, '10.244.1.2')], 2))).not.toContain(gone)
  })
})

it.each<ProxyMode>(['iptables', 'ipvs', 'nftables', 'userspace'])(
  '%s: the same input gives the same output',
  (mode) => {
    const run = (): unknown => one(start(mode), [web, api], [sliceOf(web, '10.244.1.2'), sliceOf(api, '10.244.1.4')])
    expect(JSON.stringify(run())).toBe(JSON.stringify(run()))
  },
)
