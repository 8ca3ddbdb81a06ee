import type { EndpointSlice, Node, Service } from '../../api/types.ts'

export function aNode({
  name = 'node1',
  addresses = ['192.168.0.2'],
  podCIDRs = ['10.244.1.0/24'],
}: {
  readonly name?: string
  readonly addresses?: readonly string[]
  readonly podCIDRs?: readonly string[]
} = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDRs },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  }
}

/** A Service `namespace/name`; one port `http` 80/TCP unless `spec` says otherwise. */
export function aService(
  key: string,
  clusterIP: string,
  spec: Partial<Service['spec']> = {},
  loadBalancerIPs: readonly string[] = [],
): Service {
  const [namespace = '', name = ''] = key.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: [clusterIP.includes(':') ? 'IPv6' : 'IPv4'],
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      ...spec,
    },
    ...(loadBalancerIPs.length > 0 && { status: { loadBalancer: { ingress: loadBalancerIPs.map((ip) => ({ ip })) } } }),
  }
}

/** The slice of a Service: each endpoint `address` or `address@node`, all ready; every port of the Service has `port`. */
export function aSlice(service: Service, endpoints: readonly string[], port = 8080): EndpointSlice {
  const { name, namespace } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-abcde`,
      ...(namespace !== undefined && { namespace }),
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: service.spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: endpoints.map((text) => {
      const [address = '', nodeName = 'node2'] = text.split('@')
      return { addresses: [address], nodeName, conditions: { ready: true } }
    }),
    ports: (service.spec.ports ?? []).map(({ name: portName = '', protocol }) => ({ name: portName, protocol, port })),
  }
}
