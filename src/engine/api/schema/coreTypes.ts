import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api core/v1 of v1.35, without pods and volumes. */
export const coreTypes: TypeTable = {
  Service: 'kind:string apiVersion:string metadata:ObjectMeta! spec:ServiceSpec! status:ServiceStatus!',
  ServiceSpec: `ports:[]ServicePort{port} selector:map[string]string clusterIP:string clusterIPs:[]string type:ServiceType
    externalIPs:[]string sessionAffinity:ServiceAffinity loadBalancerIP:string loadBalancerSourceRanges:[]string
    externalName:string externalTrafficPolicy:ServiceExternalTrafficPolicy healthCheckNodePort:int32
    publishNotReadyAddresses:bool sessionAffinityConfig:*SessionAffinityConfig ipFamilies:[]IPFamily
    ipFamilyPolicy:*IPFamilyPolicy allocateLoadBalancerNodePorts:*bool loadBalancerClass:*string
    internalTrafficPolicy:*ServiceInternalTrafficPolicy trafficDistribution:*string`,
  ServicePort: 'name:string protocol:Protocol appProtocol:*string port:int32! targetPort:IntOrString nodePort:int32',
  SessionAffinityConfig: 'clientIP:*ClientIPConfig',
  ClientIPConfig: 'timeoutSeconds:*int32',
  ServiceStatus: 'loadBalancer:LoadBalancerStatus! conditions:[]Condition{type}',
  LoadBalancerStatus: 'ingress:[]LoadBalancerIngress',
  LoadBalancerIngress: 'ip:string hostname:string ipMode:*LoadBalancerIPMode ports:[]PortStatus',
  PortStatus: 'port:int32! protocol:Protocol! error:*string',
  Endpoints: 'kind:string apiVersion:string metadata:ObjectMeta! subsets:[]EndpointSubset',
  EndpointSubset: 'addresses:[]EndpointAddress notReadyAddresses:[]EndpointAddress ports:[]EndpointsPort',
  EndpointAddress: 'ip:string! hostname:string nodeName:*string targetRef:*ObjectReference',
  ObjectReference: `kind:string namespace:string name:string uid:UID apiVersion:string resourceVersion:string fieldPath:string`,
  EndpointsPort: 'name:string port:int32! protocol:Protocol appProtocol:*string',
  Namespace: 'kind:string apiVersion:string metadata:ObjectMeta! spec:NamespaceSpec! status:NamespaceStatus!',
  NamespaceSpec: 'finalizers:[]FinalizerName',
  NamespaceStatus: 'phase:NamespacePhase conditions:[]NamespaceCondition{type}',
  NamespaceCondition: `type:NamespaceConditionType! status:ConditionStatus! lastTransitionTime:Time reason:string message:string`,
  ConfigMap: `kind:string apiVersion:string metadata:ObjectMeta! immutable:*bool data:map[string]string
    binaryData:map[string][]byte`,
  Secret: `kind:string apiVersion:string metadata:ObjectMeta! immutable:*bool data:map[string][]byte
    stringData:map[string]string type:SecretType`,
  ServiceAccount: `kind:string apiVersion:string metadata:ObjectMeta! secrets:[]ObjectReference{name}
    imagePullSecrets:[]LocalObjectReference automountServiceAccountToken:*bool`,
  Node: 'kind:string apiVersion:string metadata:ObjectMeta! spec:NodeSpec! status:NodeStatus!',
  NodeSpec: `podCIDR:string podCIDRs:[]string{} providerID:string unschedulable:bool taints:[]Taint
    configSource:*NodeConfigSource externalID:string`,
  Taint: 'key:string! value:string effect:TaintEffect! timeAdded:*Time',
  NodeConfigSource: 'configMap:*ConfigMapNodeConfigSource',
  ConfigMapNodeConfigSource: 'namespace:string! name:string! uid:UID resourceVersion:string kubeletConfigKey:string!',
  NodeStatus: `capacity:ResourceList allocatable:ResourceList phase:NodePhase conditions:[]NodeCondition{type}
    addresses:[]NodeAddress{type} daemonEndpoints:NodeDaemonEndpoints! nodeInfo:NodeSystemInfo!
    images:[]ContainerImage volumesInUse:[]UniqueVolumeName volumesAttached:[]AttachedVolume
    config:*NodeConfigStatus runtimeHandlers:[]NodeRuntimeHandler features:*NodeFeatures declaredFeatures:[]string`,
  NodeCondition: `type:NodeConditionType! status:ConditionStatus! lastHeartbeatTime:Time lastTransitionTime:Time reason:string
    message:string`,
  NodeAddress: 'type:NodeAddressType! address:string!',
  NodeDaemonEndpoints: 'kubeletEndpoint:DaemonEndpoint!',
  DaemonEndpoint: 'Port:int32!',
  NodeSystemInfo: `machineID:string! systemUUID:string! bootID:string! kernelVersion:string! osImage:string!
    containerRuntimeVersion:string! kubeletVersion:string! kubeProxyVersion:string! operatingSystem:string!
    architecture:string! swap:*NodeSwapStatus`,
  NodeSwapStatus: 'capacity:*int64',
  ContainerImage: 'names:[]string! sizeBytes:int64',
  AttachedVolume: 'name:UniqueVolumeName! devicePath:string!',
  NodeConfigStatus: 'assigned:*NodeConfigSource active:*NodeConfigSource lastKnownGood:*NodeConfigSource error:string',
  NodeRuntimeHandler: 'name:string! features:*NodeRuntimeHandlerFeatures',
  NodeRuntimeHandlerFeatures: 'recursiveReadOnlyMounts:*bool userNamespaces:*bool',
  NodeFeatures: 'supplementalGroupsPolicy:*bool',
  Event: `kind:string apiVersion:string metadata:ObjectMeta! involvedObject:ObjectReference! reason:string message:string
    source:EventSource! firstTimestamp:Time lastTimestamp:Time count:int32 type:string eventTime:MicroTime
    series:*EventSeries action:string related:*ObjectReference reportingComponent:string! reportingInstance:string!`,
  EventSource: 'component:string host:string',
  EventSeries: 'count:int32 lastObservedTime:MicroTime',
}
