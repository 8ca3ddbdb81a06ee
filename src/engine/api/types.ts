/** Kubernetes objects as plain data, spelled as in YAML. Source: kubernetes v1.35 API. */

export type Labels = Readonly<Record<string, string>>

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  /** RFC 3339, from the virtual clock. */
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** Any object of any kind: what crosses the boundary to the interface. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

export interface ServicePort {
  readonly name?: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
  readonly targetPort?: number | string
  readonly nodePort?: number
  readonly appProtocol?: string
}

export interface Service extends KubeObject {
  readonly kind: 'Service'
  readonly spec: {
    readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
    readonly clusterIP?: string
    readonly clusterIPs?: readonly string[]
    readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[]
    readonly ipFamilyPolicy?: string
    readonly ports?: readonly ServicePort[]
    readonly selector?: Labels
    readonly sessionAffinity?: 'None' | 'ClientIP'
    readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } }
    readonly externalIPs?: readonly string[]
    readonly externalTrafficPolicy?: 'Cluster' | 'Local'
    readonly internalTrafficPolicy?: 'Cluster' | 'Local'
    readonly healthCheckNodePort?: number
    readonly loadBalancerIP?: string
    readonly loadBalancerSourceRanges?: readonly string[]
    readonly loadBalancerClass?: string
    readonly allocateLoadBalancerNodePorts?: boolean
    readonly publishNotReadyAddresses?: boolean
    readonly externalName?: string
    readonly trafficDistribution?: string
  }
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly {
        readonly ip?: string
        readonly hostname?: string
        readonly ipMode?: 'VIP' | 'Proxy'
      }[]
    }
  }
}

export interface EndpointSlice extends KubeObject {
  readonly kind: 'EndpointSlice'
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN'
  readonly endpoints?: readonly SliceEndpoint[] | null
  readonly ports?: readonly SlicePort[] | null
}

export interface SliceEndpoint {
  readonly addresses: readonly string[]
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
  readonly hostname?: string
  readonly nodeName?: string
  readonly zone?: string
  readonly targetRef?: {
    readonly kind?: string
    readonly namespace?: string
    readonly name?: string
    readonly uid?: string
  }
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[]
    readonly forNodes?: readonly { readonly name: string }[]
  }
}

export interface SlicePort {
  readonly name?: string
  readonly port?: number
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
  readonly appProtocol?: string
}

export interface Node extends KubeObject {
  readonly kind: 'Node'
  readonly spec: {
    readonly podCIDR?: string
    readonly podCIDRs?: readonly string[]
    readonly unschedulable?: boolean
    readonly taints?: readonly {
      readonly key: string
      readonly value?: string
      readonly effect: string
      readonly timeAdded?: string
    }[]
  }
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly conditions?: readonly Condition[]
    readonly [field: string]: unknown
  }
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  /** Deployments only: when something last moved. */
  readonly lastUpdateTime?: string
  /** Pods only: never set, and printed all the same. */
  readonly lastProbeTime?: null
  readonly observedGeneration?: number
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
  readonly hostPort?: number
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly ports?: readonly ContainerPort[]
  readonly readinessProbe?: unknown
  readonly livenessProbe?: unknown
  readonly startupProbe?: unknown
  readonly [field: string]: unknown
}

export interface PodSpecFields {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly nodeName?: string
  readonly nodeSelector?: Labels
  readonly hostNetwork?: boolean
  readonly hostname?: string
  readonly subdomain?: string
  readonly dnsPolicy?: string
  readonly terminationGracePeriodSeconds?: number
  readonly [field: string]: unknown
}

export interface Pod extends KubeObject {
  readonly kind: 'Pod'
  readonly spec: PodSpecFields
  readonly status?: {
    readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
    readonly podIP?: string
    readonly podIPs?: readonly { readonly ip: string }[]
    readonly hostIP?: string
    readonly conditions?: readonly Condition[]
    readonly [field: string]: unknown
  }
}

export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface Deployment extends KubeObject {
  readonly kind: 'Deployment'
  readonly spec: {
    readonly replicas?: number
    readonly selector: LabelSelector
    readonly template: { readonly metadata?: Partial<ObjectMeta>; readonly spec: PodSpecFields }
    readonly [field: string]: unknown
  }
  readonly status?: Readonly<Record<string, unknown>>
}

export interface ReplicaSet extends KubeObject {
  readonly kind: 'ReplicaSet'
  readonly spec: Deployment['spec']
  readonly status?: Readonly<Record<string, unknown>>
}

export interface Namespace extends KubeObject {
  readonly kind: 'Namespace'
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: { readonly phase?: 'Active' | 'Terminating'; readonly conditions?: readonly Condition[] }
}

export interface StatefulSet extends KubeObject {
  readonly kind: 'StatefulSet'
  readonly spec: Deployment['spec'] & {
    readonly serviceName?: string
    readonly podManagementPolicy?: 'OrderedReady' | 'Parallel'
  }
  readonly status?: Readonly<Record<string, unknown>>
}

export interface DaemonSet extends KubeObject {
  readonly kind: 'DaemonSet'
  readonly spec: Deployment['spec']
  readonly status?: Readonly<Record<string, unknown>>
}

export interface EndpointAddress {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
  readonly targetRef?: {
    readonly kind?: string
    readonly namespace?: string
    readonly name?: string
    readonly uid?: string
  }
}

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[] | null
  readonly notReadyAddresses?: readonly EndpointAddress[] | null
  readonly ports?: readonly SlicePort[] | null
}

export interface Endpoints extends KubeObject {
  readonly kind: 'Endpoints'
  readonly subsets?: readonly EndpointSubset[] | null
}

/** What happened to an object, as `kubectl describe` lists it. */
export interface Event extends KubeObject {
  readonly kind: 'Event'
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly involvedObject: {
    readonly apiVersion?: string
    readonly kind: string
    readonly namespace?: string
    readonly name: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly fieldPath?: string
  }
  /** Absent in events of the newer API, which have `eventTime` and, once they repeat, `series`. */
  readonly count?: number
  readonly firstTimestamp: string | null
  readonly lastTimestamp: string | null
  readonly eventTime: string | null
  readonly series?: { readonly count: number; readonly lastObservedTime: string }
  readonly action?: string
  readonly source: { readonly component?: string; readonly host?: string }
  readonly reportingComponent: string
  readonly reportingInstance: string
}
