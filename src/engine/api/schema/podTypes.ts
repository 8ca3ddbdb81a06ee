import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api core/v1 of v1.35: pods and what they hold. Volumes the simulator does not look into are `any`. */
export const podTypes: TypeTable = {
  Pod: 'kind:string apiVersion:string metadata:ObjectMeta! spec:PodSpec! status:PodStatus!',
  PodTemplateSpec: 'metadata:ObjectMeta! spec:PodSpec!',
  PodSpec: `volumes:[]Volume{name}+ initContainers:[]Container{name} containers:[]Container{name}!
    ephemeralContainers:[]EphemeralContainer{name} restartPolicy:RestartPolicy terminationGracePeriodSeconds:*int64
    activeDeadlineSeconds:*int64 dnsPolicy:DNSPolicy nodeSelector:map[string]string serviceAccountName:string
    serviceAccount:string automountServiceAccountToken:*bool nodeName:string hostNetwork:bool hostPID:bool
    hostIPC:bool shareProcessNamespace:*bool securityContext:*PodSecurityContext
    imagePullSecrets:[]LocalObjectReference{name} hostname:string subdomain:string affinity:*Affinity
    schedulerName:string tolerations:[]Toleration hostAliases:[]HostAlias{ip} priorityClassName:string priority:*int32
    dnsConfig:*PodDNSConfig readinessGates:[]PodReadinessGate runtimeClassName:*string enableServiceLinks:*bool
    preemptionPolicy:*PreemptionPolicy overhead:map[string]Quantity
    topologySpreadConstraints:[]TopologySpreadConstraint{topologyKey} setHostnameAsFQDN:*bool os:*PodOS
    hostUsers:*bool schedulingGates:[]PodSchedulingGate{name} resourceClaims:[]PodResourceClaim{name}+
    resources:*ResourceRequirements hostnameOverride:*string workloadRef:*any`,
  Container: `name:string! image:string command:[]string args:[]string workingDir:string
    ports:[]ContainerPort{containerPort} envFrom:[]EnvFromSource env:[]EnvVar{name} resources:ResourceRequirements!
    resizePolicy:[]ContainerResizePolicy restartPolicy:*ContainerRestartPolicy restartPolicyRules:[]any
    volumeMounts:[]VolumeMount{mountPath} volumeDevices:[]VolumeDevice{devicePath} livenessProbe:*Probe
    readinessProbe:*Probe startupProbe:*Probe lifecycle:*Lifecycle terminationMessagePath:string
    terminationMessagePolicy:TerminationMessagePolicy imagePullPolicy:PullPolicy securityContext:*SecurityContext
    stdin:bool stdinOnce:bool tty:bool`,
  EphemeralContainer: `name:string! image:string command:[]string args:[]string workingDir:string
    ports:[]ContainerPort{containerPort} envFrom:[]EnvFromSource env:[]EnvVar{name} resources:ResourceRequirements!
    volumeMounts:[]VolumeMount{mountPath} terminationMessagePath:string
    terminationMessagePolicy:TerminationMessagePolicy imagePullPolicy:PullPolicy securityContext:*SecurityContext
    stdin:bool stdinOnce:bool tty:bool targetContainerName:string`,
  ContainerPort: 'name:string hostPort:int32 containerPort:int32! protocol:Protocol hostIP:string',
  ContainerResizePolicy: 'resourceName:ResourceName! restartPolicy:ResourceResizeRestartPolicy!',
  EnvFromSource: 'prefix:string configMapRef:*ConfigMapEnvSource secretRef:*SecretEnvSource',
  ConfigMapEnvSource: 'name:string optional:*bool',
  SecretEnvSource: 'name:string optional:*bool',
  EnvVar: 'name:string! value:string valueFrom:*EnvVarSource',
  EnvVarSource: `fieldRef:*ObjectFieldSelector resourceFieldRef:*ResourceFieldSelector
    configMapKeyRef:*ConfigMapKeySelector secretKeyRef:*SecretKeySelector fileKeyRef:*any`,
  ObjectFieldSelector: 'apiVersion:string fieldPath:string!',
  ResourceFieldSelector: 'containerName:string resource:string! divisor:Quantity',
  ConfigMapKeySelector: 'name:string key:string! optional:*bool',
  SecretKeySelector: 'name:string key:string! optional:*bool',
  ResourceRequirements: 'limits:map[string]Quantity requests:map[string]Quantity claims:[]ResourceClaim',
  ResourceClaim: 'name:string! request:string',
  VolumeMount: `name:string! readOnly:bool recursiveReadOnly:*RecursiveReadOnlyMode mountPath:string! subPath:string
    mountPropagation:*MountPropagationMode subPathExpr:string`,
  VolumeDevice: 'name:string! devicePath:string!',
  Probe: `exec:*ExecAction httpGet:*HTTPGetAction tcpSocket:*TCPSocketAction grpc:*GRPCAction
    initialDelaySeconds:int32 timeoutSeconds:int32 periodSeconds:int32 successThreshold:int32 failureThreshold:int32
    terminationGracePeriodSeconds:*int64`,
  ExecAction: 'command:[]string',
  HTTPGetAction: 'path:string port:IntOrString! host:string scheme:URIScheme httpHeaders:[]HTTPHeader',
  HTTPHeader: 'name:string! value:string!',
  TCPSocketAction: 'port:IntOrString! host:string',
  GRPCAction: 'port:int32! service:*string!',
  Lifecycle: 'postStart:*LifecycleHandler preStop:*LifecycleHandler stopSignal:*Signal',
  LifecycleHandler: 'exec:*ExecAction httpGet:*HTTPGetAction tcpSocket:*TCPSocketAction sleep:*SleepAction',
  SleepAction: 'seconds:int64!',
  SecurityContext: `capabilities:*Capabilities privileged:*bool seLinuxOptions:*any windowsOptions:*any
    runAsUser:*int64 runAsGroup:*int64 runAsNonRoot:*bool readOnlyRootFilesystem:*bool allowPrivilegeEscalation:*bool
    procMount:*ProcMountType seccompProfile:*any appArmorProfile:*any`,
  Capabilities: 'add:[]Capability drop:[]Capability',
  PodSecurityContext: `seLinuxOptions:*any windowsOptions:*any runAsUser:*int64 runAsGroup:*int64 runAsNonRoot:*bool
    supplementalGroups:[]int64 supplementalGroupsPolicy:*SupplementalGroupsPolicy fsGroup:*int64 sysctls:[]Sysctl
    fsGroupChangePolicy:*PodFSGroupChangePolicy seccompProfile:*any appArmorProfile:*any
    seLinuxChangePolicy:*PodSELinuxChangePolicy`,
  Sysctl: 'name:string! value:string!',
  Affinity: 'nodeAffinity:*NodeAffinity podAffinity:*PodAffinity podAntiAffinity:*PodAntiAffinity',
  NodeAffinity: `requiredDuringSchedulingIgnoredDuringExecution:*NodeSelector
    preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm`,
  NodeSelector: 'nodeSelectorTerms:[]NodeSelectorTerm!',
  NodeSelectorTerm: 'matchExpressions:[]NodeSelectorRequirement matchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'key:string! operator:NodeSelectorOperator! values:[]string',
  PreferredSchedulingTerm: 'weight:int32! preference:NodeSelectorTerm!',
  PodAffinity: `requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
    preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm`,
  PodAntiAffinity: `requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
    preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm`,
  PodAffinityTerm: `labelSelector:*LabelSelector namespaces:[]string topologyKey:string!
    namespaceSelector:*LabelSelector matchLabelKeys:[]string mismatchLabelKeys:[]string`,
  WeightedPodAffinityTerm: 'weight:int32! podAffinityTerm:PodAffinityTerm!',
  Toleration: `key:string operator:TolerationOperator value:string effect:TaintEffect tolerationSeconds:*int64`,
  HostAlias: 'ip:string! hostnames:[]string',
  PodDNSConfig: 'nameservers:[]string searches:[]string options:[]PodDNSConfigOption',
  PodDNSConfigOption: 'name:string value:*string',
  PodReadinessGate: 'conditionType:PodConditionType!',
  PodSchedulingGate: 'name:string!',
  PodResourceClaim: 'name:string! resourceClaimName:*string resourceClaimTemplateName:*string',
  PodOS: 'name:OSName!',
  TopologySpreadConstraint: `maxSkew:int32! topologyKey:string! whenUnsatisfiable:UnsatisfiableConstraintAction!
    labelSelector:*LabelSelector minDomains:*int32 nodeAffinityPolicy:*NodeInclusionPolicy
    nodeTaintsPolicy:*NodeInclusionPolicy matchLabelKeys:[]string`,
  Volume: `name:string! hostPath:*HostPathVolumeSource emptyDir:*EmptyDirVolumeSource gcePersistentDisk:*any
    awsElasticBlockStore:*any gitRepo:*any secret:*SecretVolumeSource nfs:*any iscsi:*any glusterfs:*any
    persistentVolumeClaim:*PersistentVolumeClaimVolumeSource rbd:*any flexVolume:*any cinder:*any cephfs:*any
    flocker:*any downwardAPI:*any fc:*any azureFile:*any configMap:*ConfigMapVolumeSource vsphereVolume:*any
    quobyte:*any azureDisk:*any photonPersistentDisk:*any projected:*ProjectedVolumeSource portworxVolume:*any
    scaleIO:*any storageos:*any csi:*any ephemeral:*any image:*any`,
  HostPathVolumeSource: 'path:string! type:*HostPathType',
  EmptyDirVolumeSource: 'medium:StorageMedium sizeLimit:*Quantity',
  SecretVolumeSource: 'secretName:string items:[]KeyToPath defaultMode:*int32 optional:*bool',
  ConfigMapVolumeSource: 'name:string items:[]KeyToPath defaultMode:*int32 optional:*bool',
  PersistentVolumeClaimVolumeSource: 'claimName:string! readOnly:bool',
  ProjectedVolumeSource: 'sources:[]any! defaultMode:*int32',
  KeyToPath: 'key:string! path:string! mode:*int32',
  PodStatus: `observedGeneration:int64 phase:PodPhase conditions:[]PodCondition{type} message:string reason:string
    nominatedNodeName:string hostIP:string hostIPs:[]HostIP podIP:string podIPs:[]PodIP{ip} startTime:*Time
    initContainerStatuses:[]any containerStatuses:[]any qosClass:PodQOSClass ephemeralContainerStatuses:[]any
    resize:PodResizeStatus resourceClaimStatuses:[]any extendedResourceClaimStatus:*any allocatedResources:any
    resources:*any`,
  PodCondition: `type:PodConditionType! observedGeneration:int64 status:ConditionStatus! lastProbeTime:any
    lastTransitionTime:Time reason:string message:string`,
  PodIP: 'ip:string!',
  HostIP: 'ip:string!',
}
