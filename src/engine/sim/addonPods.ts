import type { Container, PodSpecFields } from '../api/types.ts'

/** Source: kubeadm's proxy addon manifests. */
export function kubeProxy(image: string): PodSpecFields {
  const container: Container = {
    name: 'kube-proxy',
    image,
    command: [
      '/usr/local/bin/kube-proxy',
      '--config=/var/lib/kube-proxy/config.conf',
      '--hostname-override=$(NODE_NAME)',
    ],
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'kube-proxy', mountPath: '/var/lib/kube-proxy' },
      { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
      { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
    ],
  }
  return {
    containers: [container],
    hostNetwork: true,
    dnsPolicy: 'ClusterFirst',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    priorityClassName: 'system-node-critical',
    tolerations: [{ operator: 'Exists' }],
    volumes: [
      { name: 'kube-proxy', configMap: { name: 'kube-proxy', defaultMode: 420 } },
      { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
      { name: 'lib-modules', hostPath: { path: '/lib/modules', type: '' } },
    ],
  }
}

/** Source: kubeadm's DNS addon manifests. */
export function coredns(): PodSpecFields {
  const container: Container = {
    name: 'coredns',
    image: 'registry.k8s.io/coredns/coredns:v1.13.1',
    args: ['-conf', '/etc/coredns/Corefile'],
    resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
    ports: [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
      { name: 'liveness-probe', containerPort: 8080, protocol: 'TCP' },
      { name: 'readiness-probe', containerPort: 8181, protocol: 'TCP' },
    ],
    livenessProbe: { httpGet: { path: '/health', port: 'liveness-probe' }, initialDelaySeconds: 60 },
    readinessProbe: { httpGet: { path: '/ready', port: 'readiness-probe' } },
  }
  return {
    containers: [container],
    dnsPolicy: 'Default',
    priorityClassName: 'system-cluster-critical',
    tolerations: [
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    ],
  }
}
