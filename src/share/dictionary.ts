/**
 * The preset dictionary of links of version 1: text that manifests are likely to hold, as it stands inside the JSON that
 * is packed; the likeliest last. **Frozen**: a change breaks every link that exists. A better one gets a new version.
 */
const LINES = [
  'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n  labels:\n    kubernetes.io/service-name: \naddressType: IPv4\nendpoints:\n  - addresses:\n      - "10.244.1.10"\n    conditions:\n      ready: true\n    nodeName: node02\n',
  'kind: Endpoints\nsubsets:\n  - addresses:\n      - ip: 10.244.2.10\n    notReadyAddresses:\n',
  'kind: ConfigMap\ndata:\nkind: DaemonSet\nkind: StatefulSet\n  serviceName: \nkind: ReplicaSet\nkind: List\nitems:\n',
  'httpbin redis postgres mysql frontend backend web api app.kubernetes.io/name: tier: role: track: version: v1 environment: production default kube-system ',
  '          resources:\n            requests:\n              cpu: 100m\n              memory: 128Mi\n            limits:\n              cpu: 500m\n              memory: 256Mi\n',
  '          env:\n            - name: \n              value: ""\n          volumeMounts:\n      volumes:\n      imagePullPolicy: IfNotPresent\n      terminationGracePeriodSeconds: 30\n',
  '          livenessProbe:\n            tcpSocket:\n              port: 8080\n          readinessProbe:\n            httpGet:\n              path: /healthz\n              port: 80\n            initialDelaySeconds: 5\n            periodSeconds: 10\n            failureThreshold: 3\n',
  '  strategy:\n    type: RollingUpdate\n    rollingUpdate:\n      maxSurge: 1\n      maxUnavailable: 25%\n  minReadySeconds: \n',
  '      hostNetwork: true\n      nodeName: node03\n      nodeSelector:\n        kubernetes.io/hostname: node01\n      tolerations:\n      restartPolicy: Always\n      dnsPolicy: ClusterFirst\n',
  '  ipFamilyPolicy: PreferDualStack\n  ipFamilies:\n    - IPv4\n    - IPv6\n  sessionAffinity: ClientIP\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 10800\n  publishNotReadyAddresses: true\n  trafficDistribution: PreferClose\n',
  '  externalName: www.example.com\n  externalIPs:\n    - 172.16.210.100\n  loadBalancerIP: \n  loadBalancerSourceRanges:\n  internalTrafficPolicy: Local\n  externalTrafficPolicy: Local\n  externalTrafficPolicy: Cluster\n  allocateLoadBalancerNodePorts: false\n',
  '  type: ExternalName\n  type: LoadBalancer\n  type: NodePort\n  clusterIP: None\n      nodePort: 30002\n      protocol: UDP\n      protocol: SCTP\n      port: 53\n      port: 443\n      targetPort: 8080\n      targetPort: http\n      name: http\n      protocol: TCP\n',
  '["setMode","userspace"],["setMode","nftables"],["setMode","iptables"],["setMode","ipvs"],["send","node/node01","udp://"],["send","node/node02","http://10.96.0.10:53/"],["send","host/172.16.210.100","http://"],',
  '["send","pod/dev/client","tcp://10.98.98.98:80"],["send","pod/default/client","http://service-clusterip.dev.svc.cluster.local/"],["send","pod/dev/client","http://10.98.98.98/"]],"at":[0,12]}',
  'nodeport.yaml service.yaml deployment.yaml manifest.yaml web.yaml client.yaml ',
  '  - port: 80 # Service port\n    targetPort: 80 # pod port\nspec:\n  selector:\n    app: nginx-pod\n  clusterIP: 10.97.97.97 # \n',
  'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: dev\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels:\n    app: web\nspec:\n  replicas: 5\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web\n',
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: pc-deployment\n  namespace: dev\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: nginx-pod\n  template:\n    metadata:\n      labels:\n        app: nginx-pod\n    spec:\n      containers:\n        - name: nginx\n          image: nginx:1.17.1\n          ports:\n            - containerPort: 80\n',
  "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: client\n  namespace: dev\n  labels:\nspec:\n  containers:\n    - name: shell\n      image: busybox:1.36\n      command: ['sleep', 'infinity']\n\"]]],",
  '{"seed":1,"inputs":[["apply",[["service-clusterip.yaml","apiVersion: v1\nkind: Service\nmetadata:\n  name: service-clusterip\n  namespace: dev\nspec:\n  selector:\n    app: nginx-pod\n  clusterIP: 10.98.98.98\n  type: ClusterIP\n  ports:\n    - port: 80 # Service port\n      targetPort: 80 # pod port\n"],["pods.yaml","',
]

/** As bytes; line ends stand escaped, as JSON holds them. */
export const dictionaryV1: Uint8Array = new TextEncoder().encode(LINES.join('').replaceAll('\n', '\\n'))
