import { expect, it } from 'vitest'
import { dnsService, dnsSlice, TEST_VIEW } from './testCluster.ts'
import { standInDns } from './standIn.ts'
import type { DnsClusterView } from './clusterIndex.ts'

const inSystem = <T extends { readonly metadata: object }>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'kube-system' },
})
const service = inSystem(dnsService('kube-dns', { clusterIPs: ['10.96.0.10'] }))
const view = (addresses: readonly string[]): DnsClusterView => ({
  ...TEST_VIEW,
  services: [service],
  endpointSlices: [inSystem(dnsSlice('kube-dns', addresses.length > 0 ? [{ addresses }] : null))],
})

it.each<[name: string, addresses: readonly string[], localIps: readonly string[] | undefined]>([
  ['pods serve', ['10.244.1.7'], undefined],
  ['nobody serves', [], ['10.96.0.10']],
  ['a machine outside the cluster serves', ['10.244.1.7', '192.0.2.2'], ['192.0.2.2']],
])('%s', (_, addresses, localIps) => {
  expect(standInDns(view(addresses))).toEqual(localIps && { addresses: ['10.96.0.10'], localIps })
})

it('is nothing without kube-dns', () => {
  expect(standInDns(TEST_VIEW)).toBeUndefined()
})
