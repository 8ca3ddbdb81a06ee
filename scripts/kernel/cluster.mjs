// The cluster that is compared: objects as a live cluster stores them, made here so that probes and objects stand together.
const CLUSTER_CIDR = '10.244.0.0/16'

export const nodes = [1, 2].map((n) => ({
  name: `node0${n}`,
  address: `172.16.210.${10 + n}`,
  podCidr: `10.244.${n - 1}.0/24`,
  gateway: `10.244.${n - 1}.1`,
}))

const pod = (name, node, address, port, extra = {}) => ({
  id: name,
  namespace: 'dev',
  name,
  node,
  address,
  port,
  hostNetwork: false,
  ...extra,
})

export const pods = [
  pod('web-1', 'node01', '10.244.0.5', 8080),
  pod('web-2', 'node02', '10.244.1.5', 8080),
  pod('solo', 'node02', '10.244.1.6', 8080),
  pod('client', 'node01', '10.244.0.9'),
  pod('client-2', 'node02', '10.244.1.9'),
  pod('host-web', 'node02', '172.16.210.12', 9090, { hostNetwork: true }),
]

const service = (name, clusterIP, spec = {}, status = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'dev' },
  spec: {
    type: 'ClusterIP',
    clusterIP,
    clusterIPs: [clusterIP],
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: 'None',
    ...spec,
    ports: [
      {
        name: 'http',
        port: 80,
        protocol: 'TCP',
        targetPort: 8080,
        ...(spec.nodePort ? { nodePort: spec.nodePort } : {}),
      },
      {
        name: 'udp',
        port: 53,
        protocol: 'UDP',
        targetPort: 8080,
        ...(spec.nodePort ? { nodePort: spec.nodePort + 1 } : {}),
      },
    ],
    nodePort: undefined,
  },
  status: { loadBalancer: {}, ...status },
})

const slice = (name, names) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${name}-abcde`, namespace: 'dev', labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: ['TCP', 'UDP'].map((protocol) => ({
    name: protocol === 'TCP' ? 'http' : 'udp',
    protocol,
    port: name === 'host' ? 9090 : 8080,
  })),
  endpoints: pods
    .filter((each) => names.includes(each.name))
    .map((each) => ({
      addresses: [each.address],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: each.node,
      targetRef: { kind: 'Pod', namespace: 'dev', name: each.name },
    })),
})

const both = ['web-1', 'web-2']
const ingress = (ip) => ({ loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } })
const outsideOnly = { loadBalancerSourceRanges: ['172.16.210.0/24'] }
const services = [
  [service('web', '10.96.1.1'), both],
  [service('empty', '10.96.1.2', { type: 'NodePort', nodePort: 30200, externalTrafficPolicy: 'Cluster' }), []],
  [service('np', '10.96.1.3', { type: 'NodePort', nodePort: 30300, externalTrafficPolicy: 'Cluster' }), both],
  [service('np-local', '10.96.1.4', { type: 'NodePort', nodePort: 30400, externalTrafficPolicy: 'Local' }), ['solo']],
  [
    service('sticky', '10.96.1.5', {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
    }),
    both,
  ],
  [
    service(
      'lb',
      '10.96.1.6',
      { type: 'LoadBalancer', nodePort: 30600, externalTrafficPolicy: 'Cluster', ...outsideOnly },
      ingress('198.51.100.7'),
    ),
    both,
  ],
  [service('internal-local', '10.96.1.7', { internalTrafficPolicy: 'Local' }), ['solo']],
  [service('external', '10.96.1.8', { externalIPs: ['203.0.113.50'], externalTrafficPolicy: 'Cluster' }), both],
  [service('host', '10.96.1.9', { type: 'NodePort', nodePort: 30900, externalTrafficPolicy: 'Cluster' }), ['host-web']],
  [service('self', '10.96.1.10'), ['solo']],
]

export const outside = '172.16.210.100'
export const clusterCidr = CLUSTER_CIDR

export const objects = [
  ...nodes.map(({ name, address, podCidr }) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
    status: { addresses: [{ type: 'InternalIP', address }] },
  })),
  ...pods.map((each) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: each.name, namespace: each.namespace },
    spec: {
      nodeName: each.node,
      ...(each.hostNetwork ? { hostNetwork: true } : {}),
      containers: [
        each.port
          ? {
              name: 'c',
              image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
              args: ['netexec', `--http-port=${each.port}`, `--udp-port=${each.port}`],
            }
          : { name: 'c', image: 'busybox:1.36' },
      ],
    },
    status: {
      phase: 'Running',
      podIP: each.address,
      podIPs: [{ ip: each.address }],
      hostIP: nodes.find(({ name }) => name === each.node).address,
    },
  })),
  ...services.flatMap(([object, names]) => [object, slice(object.metadata.name, names)]),
]

const cluster = (name) => services.find(([object]) => object.metadata.name === name)[0].spec.clusterIP
/** The address of the Service with session affinity. */
export const sticky = cluster('sticky')
const probe = (from, to, via) => ({ from, to, ...(via ? { via } : {}) })
const everywhere = ['pod/dev/client', 'pod/dev/client-2', 'node/node01', 'node/node02']

/** What is sent, from where. Each is sent several times where it has several ends. */
export const probes = [
  ...['web', 'empty', 'np', 'np-local', 'sticky', 'lb', 'internal-local', 'external', 'host'].flatMap((name) =>
    everywhere.map((from) => probe(from, `tcp://${cluster(name)}:80`)),
  ),
  ...['web', 'empty', 'internal-local'].flatMap((name) =>
    everywhere.map((from) => probe(from, `udp://${cluster(name)}:53`)),
  ),
  probe('pod/dev/solo', `tcp://${cluster('self')}:80`),
  probe('pod/dev/solo', `udp://${cluster('self')}:53`),
  ...[30200, 30300, 30400, 30600, 30900].flatMap((port) =>
    [...everywhere, 'host/172.16.210.100'].flatMap((from) =>
      nodes.map(({ address }) => probe(from, `tcp://${address}:${port}`)),
    ),
  ),
  ...[30301, 30401].flatMap((port) =>
    nodes.map(({ address }) => probe('host/172.16.210.100', `udp://${address}:${port}`)),
  ),
  ...nodes.flatMap(({ name }) =>
    ['198.51.100.7', '203.0.113.50', cluster('web')].map((address) =>
      probe('host/172.16.210.100', `tcp://${address}:80`, name),
    ),
  ),
  ...['198.51.100.7', '203.0.113.50'].flatMap((address) =>
    everywhere.map((from) => probe(from, `tcp://${address}:80`)),
  ),
  probe('node/node01', 'tcp://127.0.0.1:30300'),
  probe('node/node02', 'tcp://127.0.0.1:30400'),
  probe('pod/dev/client', 'tcp://10.244.1.5:8080'),
  probe('pod/dev/client', 'tcp://10.244.1.5:81'),
  probe('pod/dev/client', 'tcp://172.16.210.12:9090'),
]
