import type { KubeObject, Node } from '../api/types.ts'
import { ipv4FromNumber, ipv4Number } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'
import { coredns, kubeProxy } from './addonPods.ts'
import { proxyKubeconfig } from './proxyConfigMap.ts'

/** Which cluster to build: kubeadm's, with one control plane node and workers. */
export interface ClusterShape {
  /** All nodes, the control plane included. */
  readonly nodes: number
  readonly dualStack: boolean
  readonly version: string
  /** Whether a cloud gives addresses to Services of type LoadBalancer; without it they stay `<pending>`. */
  readonly loadBalancer: boolean
  /** --max-pods of the kubelets; a node's IPv4 pod CIDR is a /24, or as large as they need. */
  readonly podsPerNode: number
}

export const labShape: ClusterShape = {
  nodes: 3,
  dualStack: false,
  version: 'v1.35.4',
  loadBalancer: false,
  podsPerNode: 110,
}

/** `node01`, `node02`, ... */
export function nodeName(index: number): string {
  return `node${String(index + 1).padStart(2, '0')}`
}

/** 172.16.210.11 for the first node, and so on upwards. */
export function nodeAddress(index: number): Ip {
  return ipv4FromNumber(ipv4Number('172.16.210.11' as Ip) + index)
}

/** What the kubelet of a healthy node reports. */
const healthyNode = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
].map(([type = '', status, reason = '', message = '']) => ({
  type,
  status: status === 'True' ? ('True' as const) : ('False' as const),
  reason,
  message,
}))

export function labNode(index: number, { dualStack, version, podsPerNode }: ClusterShape): Node {
  const name = nodeName(index)
  const controlPlane = index === 0
  const bits = Math.max(8, Math.ceil(Math.log2(podsPerNode + 3)))
  const v4 = ipv4FromNumber(ipv4Number('10.244.0.0' as Ip) + 2 ** bits * index)
  const v6 = index === 0 ? 'fd00:10:244::/64' : `fd00:10:244:${index.toString(16)}::/64`
  const podCIDRs = [`${v4}/${32 - bits}`, ...(dualStack ? [v6] : [])]
  const address = nodeAddress(index)
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...(controlPlane
          ? {
              'node-role.kubernetes.io/control-plane': '',
              'node.kubernetes.io/exclude-from-external-load-balancers': '',
            }
          : {}),
      },
    },
    spec: {
      podCIDR: podCIDRs[0] ?? '',
      podCIDRs,
      ...(controlPlane ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
    },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: String(podsPerNode) },
      allocatable: { cpu: '4', memory: '8Gi', pods: String(podsPerNode) },
      addresses: [
        { type: 'InternalIP', address },
        ...(dualStack ? [{ type: 'InternalIP', address: `fd00:172:16::${(index + 11).toString(16)}` }] : []),
        { type: 'Hostname', address: name },
      ],
      conditions: healthyNode,
      nodeInfo: {
        architecture: 'amd64',
        containerRuntimeVersion: 'containerd://2.1.5',
        kernelVersion: '6.18.0',
        kubeProxyVersion: '',
        kubeletVersion: version,
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
      },
    },
  }
}

function namespace(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }
}

const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

const dnsLabels = { 'k8s-app': 'kube-dns' }
const proxyLabels = { 'k8s-app': 'kube-proxy' }

/** What kube-proxy is set up with. */
export interface ProxyAddon {
  /** `config.conf`. */
  readonly config: string
  readonly image: string
}

/** The pods' addresses, as kubeadm hands them to kube-proxy. */
export function clusterCidr({ dualStack }: Pick<ClusterShape, 'dualStack'>): string {
  return dualStack ? '10.244.0.0/16,fd00:10:244::/56' : '10.244.0.0/16'
}

/** Everything that kubeadm puts into a new cluster, the nodes left out. */
export function systemObjects({ version }: ClusterShape, proxy: ProxyAddon): readonly KubeObject[] {
  const families = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }
  const inSystem = (name: string, labels: Readonly<Record<string, string>> = {}): KubeObject['metadata'] => ({
    name,
    namespace: 'kube-system',
    labels,
  })
  return [
    ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map(namespace),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { component: 'apiserver', provider: 'kubernetes' },
      },
      spec: {
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1'],
        internalTrafficPolicy: 'Cluster',
        ...families,
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
      },
      subsets: [{ addresses: [{ ip: nodeAddress(0) }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'kubernetes' },
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: [nodeAddress(0)], conditions: { ready: true } }],
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...inSystem('kube-dns', {
          ...dnsLabels,
          'kubernetes.io/cluster-service': 'true',
          'kubernetes.io/name': 'CoreDNS',
        }),
        annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
      },
      spec: {
        clusterIP: '10.96.0.10',
        clusterIPs: ['10.96.0.10'],
        internalTrafficPolicy: 'Cluster',
        ...families,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
        selector: dnsLabels,
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: inSystem('coredns'), data: { Corefile: corefile } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: inSystem('kube-proxy', { app: 'kube-proxy' }),
      data: { 'config.conf': proxy.config, 'kubeconfig.conf': proxyKubeconfig(nodeAddress(0)) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inSystem('coredns', dnsLabels),
      spec: {
        replicas: 2,
        selector: { matchLabels: dnsLabels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        template: { metadata: { labels: dnsLabels }, spec: coredns() },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: inSystem('kube-proxy', proxyLabels),
      spec: {
        selector: { matchLabels: proxyLabels },
        revisionHistoryLimit: 10,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        template: {
          metadata: { labels: proxyLabels },
          spec: kubeProxy(proxy.image),
        },
      },
    },
    ...controlPlanePods(version),
  ]
}

/** The static pods of the control plane node, as its kubelet mirrors them. */
function controlPlanePods(version: string): readonly KubeObject[] {
  const images = {
    etcd: 'registry.k8s.io/etcd:3.6.5-0',
    'kube-apiserver': `registry.k8s.io/kube-apiserver:${version}`,
    'kube-controller-manager': `registry.k8s.io/kube-controller-manager:${version}`,
    'kube-scheduler': `registry.k8s.io/kube-scheduler:${version}`,
  }
  return Object.entries(images).map(([name, image]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${nodeName(0)}`,
      namespace: 'kube-system',
      labels: { component: name, tier: 'control-plane' },
      annotations: { 'kubernetes.io/config.source': 'file' },
    },
    spec: {
      containers: [{ name, image }],
      nodeName: nodeName(0),
      hostNetwork: true,
      restartPolicy: 'Always',
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    },
    status: { phase: 'Pending' },
  }))
}
