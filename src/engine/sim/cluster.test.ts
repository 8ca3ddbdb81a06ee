import { expect, it } from 'vitest'
import type { KubeObject } from '../api/types.ts'
import { createCluster } from './cluster.ts'

const deployment = (replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'pc-deployment', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'nginx-pod' } },
    template: {
      metadata: { labels: { app: 'nginx-pod' } },
      spec: { containers: [{ name: 'nginx', image: 'nginx:1.17.1', ports: [{ containerPort: 80 }] }] },
    },
  },
})

it('boots a kubeadm cluster with CoreDNS on the control plane node', () => {
  const { store } = createCluster(1)
  const pods = [...store.list('Pod')].map(
    ({ metadata, spec, status }) =>
      `${metadata.name.replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}$|-[a-z0-9]{5}$/, '')} ${spec.nodeName ?? ''} ${status?.phase ?? ''} ${status?.podIP ?? ''}`,
  )
  expect(pods.sort()).toEqual([
    'coredns node01 Running 10.244.0.2',
    'coredns node01 Running 10.244.0.3',
    'etcd-node01 node01 Running 172.16.210.11',
    'kube-apiserver-node01 node01 Running 172.16.210.11',
    'kube-controller-manager-node01 node01 Running 172.16.210.11',
    'kube-proxy node01 Running 172.16.210.11',
    'kube-proxy node02 Running 172.16.210.12',
    'kube-proxy node03 Running 172.16.210.13',
    'kube-scheduler-node01 node01 Running 172.16.210.11',
  ])
})

it('brings a Deployment to ready pods on the workers, and does nothing more then', () => {
  const { store, loop } = createCluster(1)
  loop.write([{ type: 'create', object: deployment(4) }])
  expect(loop.settle()).toBe(true)
  const pods = [...store.list('Pod')].filter(({ metadata }) => metadata.labels?.['app'] === 'nginx-pod')
  expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual(['node02', 'node02', 'node03', 'node03'])
  expect(store.get('Deployment', 'default/pc-deployment')?.status).toMatchObject({
    readyReplicas: 4,
    availableReplicas: 4,
  })
  const { revision } = store
  loop.advance(3_600_000)
  expect(store.revision).toBe(revision)
})
