import type { KubeObject } from '../../engine/index.ts'

const aNode = (n: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `node0${n}`,
    labels: n === 1 ? { 'node-role.kubernetes.io/control-plane': '' } : {},
  },
  spec: { podCIDR: `10.244.${n - 1}.0/24` },
  status: {
    addresses: [{ type: 'InternalIP', address: `172.16.210.1${n}` }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
})

/** A pod that runs and is ready. `owner` makes it a replica. */
export const aPod = (
  name: string,
  nodeName: string,
  podIP: string,
  options: { readonly owner?: string; readonly namespace?: string; readonly hostNetwork?: boolean } = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: options.namespace ?? 'dev',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(options.owner !== undefined && {
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: options.owner, uid: 'u', controller: true }],
    }),
  },
  spec: { containers: [{ name: 'main' }], nodeName, ...(options.hostNetwork === true && { hostNetwork: true }) },
  status: { phase: 'Running', podIP, conditions: [{ type: 'Ready', status: 'True' }] },
})

const WEB = 'pc-deployment-5ffc5bf56c'

/** The tutorial's lab: three nodes, three nginx replicas behind `service-clusterip`, and a client. */
export const labObjects: readonly KubeObject[] = [
  aNode(1),
  aNode(2),
  aNode(3),
  aPod('client', 'node02', '10.244.1.9'),
  aPod(`${WEB}-8s26k`, 'node02', '10.244.1.39', { owner: WEB }),
  aPod(`${WEB}-nwdpb`, 'node03', '10.244.2.33', { owner: WEB }),
  aPod(`${WEB}-x8bvs`, 'node03', '10.244.2.34', { owner: WEB }),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'service-clusterip', namespace: 'dev' },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.98.98.98',
      clusterIPs: ['10.98.98.98'],
      ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
    },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'service-clusterip-abcde',
      namespace: 'dev',
      labels: { 'kubernetes.io/service-name': 'service-clusterip' },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: ['10.244.1.39 8s26k', '10.244.2.33 nwdpb', '10.244.2.34 x8bvs'].map((text) => {
      const [ip = '', suffix = ''] = text.split(' ')
      return {
        addresses: [ip],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', namespace: 'dev', name: `${WEB}-${suffix}` },
      }
    }),
  },
]
