import { expect, it } from 'vitest'
import type { KubeObject } from '../engine/index.ts'
import { objectKey } from './clusterSlice.ts'
import { sources, targets } from './choices.ts'

const pod = (
  name: string,
  namespace: string,
  podIP: string | undefined,
  ports: readonly object[] = [],
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { nodeName: 'node02', containers: [{ name: 'c', ports }] },
  status: podIP === undefined ? {} : { podIP },
})
const service = (name: string, namespace: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec,
})
const cluster = (...objects: readonly KubeObject[]) => new Map(objects.map((object) => [objectKey(object), object]))

const objects = cluster(
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node02' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node01' } },
  pod('a-web', 'dev', '10.244.1.4', [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }]),
  pod('client', 'dev', '10.244.1.3'),
  pod('waiting', 'dev', undefined),
  pod('coredns', 'kube-system', '10.244.0.2', [{ containerPort: 53 }]),
  service('kubernetes', 'default', { clusterIP: '10.96.0.1', ports: [{ protocol: 'TCP', port: 443 }] }),
  service('web', 'dev', {
    clusterIP: '10.98.98.98',
    ports: [
      { protocol: 'TCP', port: 80 },
      { protocol: 'UDP', port: 53 },
    ],
  }),
  service('six', 'dev', { clusterIP: 'fd00:10:96::9', ports: [{ protocol: 'SCTP', port: 9 }] }),
  service('headless', 'dev', { clusterIP: 'None', ports: [{ protocol: 'TCP', port: 80 }] }),
  service('alias', 'dev', { externalName: 'example.com' }),
)

it('sources: clients, servers, nodes, the outside; nothing without an address, nothing of the system', () => {
  expect(sources(objects).map((choice) => choice.value)).toEqual([
    'pod/dev/client',
    'pod/dev/a-web',
    'node/node01',
    'node/node02',
    'host/172.16.210.100',
  ])
})

it('targets: every port of every Service with an address, own ones first, then the pods', () => {
  expect(targets(objects).map((choice) => choice.value)).toEqual([
    'sctp://[fd00:10:96::9]:9',
    'udp://10.98.98.98:53',
    'http://10.98.98.98:80/',
    'tcp://10.96.0.1:443',
    'http://alias.dev/',
    'http://headless.dev/',
    'sctp://six.dev:9',
    'http://web.dev/',
    'udp://web.dev:53',
    'udp://10.244.1.4:53',
    'http://10.244.1.4:80/',
    'http://www.baidu.com/',
  ])
})
