import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api core/v1 of v1.35: pods and what they hold. */
export const podTypes: TypeTable = {
  Pod: 'kind:string apiVersion:string metadata:ObjectMeta! spec:PodSpec! status:PodStatus!',
  PodSpec: `volumes:[]Volume{name}+ initContainers:[]Container{name} containers:[]Container{name}!
    ephemeralContainers:[]EphemeralContainer{name} restartPolicy:RestartPolicy terminationGracePeriodSeconds:*int64
    activeDeadlineSeconds:*int64 dnsPolicy:DNSPolicy nodeSelector:map[string]string serviceAccountName:string
    serviceAccount:string automountServiceAccountToken:*bool nodeName:string hostNetwork:bool hostPID:bool
    hostIPC:bool shareProcessNamespace:*bool securityContext:*PodSecurityContext
    imagePullSecrets:[]LocalObjectReference{name} hostname:string subdomain:string affinity:*Affinity
    schedulerName:string tolerations:[]Toleration hostAliases:[]HostAlias{ip} priorityClassName:string
    priority:*int32 dnsConfig:*PodDNSConfig readinessGates:[]PodReadinessGate runtimeClassName:*string
    enableServiceLinks:*bool preemptionPolicy:*PreemptionPolicy overhead:ResourceList
    topologySpreadConstraints:[]TopologySpreadConstraint{topologyKey} setHostnameAsFQDN:*bool os:*PodOS
    hostUsers:*bool schedulingGates:[]PodSchedulingGate{name} resourceClaims:[]PodResourceClaim{name}+
    resources:*ResourceRequirements hostnameOverride:*string workloadRef:*WorkloadReference`,
  Container: `name:string! image:string command:[]string args:[]string workingDir:string ports:[]ContainerPort{containerPort}
    envFrom:[]EnvFromSource env:[]EnvVar{name} resources:ResourceRequirements! resizePolicy:[]ContainerResizePolicy
    restartPolicy:*ContainerRestartPolicy restartPolicyRules:[]ContainerRestartRule
    volumeMounts:[]VolumeMount{mountPath} volumeDevices:[]VolumeDevice{devicePath} livenessProbe:*Probe
    readinessProbe:*Probe startupProbe:*Probe lifecycle:*Lifecycle terminationMessagePath:string
    terminationMessagePolicy:TerminationMessagePolicy imagePullPolicy:PullPolicy securityContext:*SecurityContext
    stdin:bool stdinOnce:bool tty:bool`,
  ContainerPort: 'name:string hostPort:int32 containerPort:int32! protocol:Protocol hostIP:string',
  EnvFromSource: 'prefix:string configMapRef:*ConfigMapEnvSource secretRef:*SecretEnvSource',
  ConfigMapEnvSource: 'name@LocalObjectReference:string optional:*bool',
  SecretEnvSource: 'name@LocalObjectReference:string optional:*bool',
  EnvVar: 'name:string! value:string valueFrom:*EnvVarSource',
  EnvVarSource: `fieldRef:*ObjectFieldSelector resourceFieldRef:*ResourceFieldSelector configMapKeyRef:*ConfigMapKeySelector
    secretKeyRef:*SecretKeySelector fileKeyRef:*FileKeySelector`,
  ConfigMapKeySelector: 'name@LocalObjectReference:string key:string! optional:*bool',
  SecretKeySelector: 'name@LocalObjectReference:string key:string! optional:*bool',
  FileKeySelector: 'volumeName:string! path:string! key:string! optional:*bool',
  ResourceRequirements: 'limits:ResourceList requests:ResourceList claims:[]ResourceClaim',
  ResourceClaim: 'name:string! request:string',
  ContainerResizePolicy: 'resourceName:ResourceName! restartPolicy:ResourceResizeRestartPolicy!',
  ContainerRestartRule: 'action:ContainerRestartRuleAction exitCodes:*ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'operator:ContainerRestartRuleOnExitCodesOperator values:[]int32',
  VolumeMount: `name:string! readOnly:bool recursiveReadOnly:*RecursiveReadOnlyMode mountPath:string! subPath:string
    mountPropagation:*MountPropagationMode subPathExpr:string`,
  VolumeDevice: 'name:string! devicePath:string!',
  Probe: `exec@ProbeHandler:*ExecAction httpGet@ProbeHandler:*HTTPGetAction tcpSocket@ProbeHandler:*TCPSocketAction
    grpc@ProbeHandler:*GRPCAction initialDelaySeconds:int32 timeoutSeconds:int32 periodSeconds:int32
    successThreshold:int32 failureThreshold:int32 terminationGracePeriodSeconds:*int64`,
  ExecAction: 'command:[]string',
  HTTPGetAction: 'path:string port:IntOrString! host:string scheme:URIScheme httpHeaders:[]HTTPHeader',
  HTTPHeader: 'name:string! value:string!',
  TCPSocketAction: 'port:IntOrString! host:string',
  GRPCAction: 'port:int32! service:*string!',
  Lifecycle: 'postStart:*LifecycleHandler preStop:*LifecycleHandler stopSignal:*Signal',
  LifecycleHandler: 'exec:*ExecAction httpGet:*HTTPGetAction tcpSocket:*TCPSocketAction sleep:*SleepAction',
  SleepAction: 'seconds:int64!',
  SecurityContext: `capabilities:*Capabilities privileged:*bool seLinuxOptions:*SELinuxOptions
    windowsOptions:*WindowsSecurityContextOptions runAsUser:*int64 runAsGroup:*int64 runAsNonRoot:*bool
    readOnlyRootFilesystem:*bool allowPrivilegeEscalation:*bool procMount:*ProcMountType
    seccompProfile:*SeccompProfile appArmorProfile:*AppArmorProfile`,
  Capabilities: 'add:[]Capability drop:[]Capability',
  SELinuxOptions: 'user:string role:string type:string level:string',
  WindowsSecurityContextOptions: `gmsaCredentialSpecName:*string gmsaCredentialSpec:*string runAsUserName:*string hostProcess:*bool`,
  SeccompProfile: 'type:SeccompProfileType! localhostProfile:*string',
  AppArmorProfile: 'type:AppArmorProfileType! localhostProfile:*string',
  EphemeralContainer: `name@EphemeralContainerCommon:string! image@EphemeralContainerCommon:string
    command@EphemeralContainerCommon:[]string args@EphemeralContainerCommon:[]string
    workingDir@EphemeralContainerCommon:string ports@EphemeralContainerCommon:[]ContainerPort{containerPort}
    envFrom@EphemeralContainerCommon:[]EnvFromSource env@EphemeralContainerCommon:[]EnvVar{name}
    resources@EphemeralContainerCommon:ResourceRequirements!
    resizePolicy@EphemeralContainerCommon:[]ContainerResizePolicy
    restartPolicy@EphemeralContainerCommon:*ContainerRestartPolicy
    restartPolicyRules@EphemeralContainerCommon:[]ContainerRestartRule
    volumeMounts@EphemeralContainerCommon:[]VolumeMount{mountPath}
    volumeDevices@EphemeralContainerCommon:[]VolumeDevice{devicePath} livenessProbe@EphemeralContainerCommon:*Probe
    readinessProbe@EphemeralContainerCommon:*Probe startupProbe@EphemeralContainerCommon:*Probe
    lifecycle@EphemeralContainerCommon:*Lifecycle terminationMessagePath@EphemeralContainerCommon:string
    terminationMessagePolicy@EphemeralContainerCommon:TerminationMessagePolicy
    imagePullPolicy@EphemeralContainerCommon:PullPolicy securityContext@EphemeralContainerCommon:*SecurityContext
    stdin@EphemeralContainerCommon:bool stdinOnce@EphemeralContainerCommon:bool tty@EphemeralContainerCommon:bool
    targetContainerName:string`,
  PodSecurityContext: `seLinuxOptions:*SELinuxOptions windowsOptions:*WindowsSecurityContextOptions runAsUser:*int64 runAsGroup:*int64
    runAsNonRoot:*bool supplementalGroups:[]int64 supplementalGroupsPolicy:*SupplementalGroupsPolicy fsGroup:*int64
    sysctls:[]Sysctl fsGroupChangePolicy:*PodFSGroupChangePolicy seccompProfile:*SeccompProfile
    appArmorProfile:*AppArmorProfile seLinuxChangePolicy:*PodSELinuxChangePolicy`,
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
  PodAffinityTerm: `labelSelector:*LabelSelector namespaces:[]string topologyKey:string! namespaceSelector:*LabelSelector
    matchLabelKeys:[]string mismatchLabelKeys:[]string`,
  WeightedPodAffinityTerm: 'weight:int32! podAffinityTerm:PodAffinityTerm!',
  PodAntiAffinity: `requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
    preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm`,
  Toleration: 'key:string operator:TolerationOperator value:string effect:TaintEffect tolerationSeconds:*int64',
  HostAlias: 'ip:string! hostnames:[]string',
  PodDNSConfig: 'nameservers:[]string searches:[]string options:[]PodDNSConfigOption',
  PodDNSConfigOption: 'name:string value:*string',
  PodReadinessGate: 'conditionType:PodConditionType!',
  TopologySpreadConstraint: `maxSkew:int32! topologyKey:string! whenUnsatisfiable:UnsatisfiableConstraintAction! labelSelector:*LabelSelector
    minDomains:*int32 nodeAffinityPolicy:*NodeInclusionPolicy nodeTaintsPolicy:*NodeInclusionPolicy
    matchLabelKeys:[]string`,
  PodOS: 'name:OSName!',
  PodSchedulingGate: 'name:string!',
  PodResourceClaim: 'name:string! resourceClaimName:*string resourceClaimTemplateName:*string',
  WorkloadReference: 'name:string! podGroup:string! podGroupReplicaKey:string',
  PodStatus: `observedGeneration:int64 phase:PodPhase conditions:[]PodCondition{type} message:string reason:string
    nominatedNodeName:string hostIP:string hostIPs:[]HostIP{ip} podIP:string podIPs:[]PodIP{ip} startTime:*Time
    initContainerStatuses:[]ContainerStatus containerStatuses:[]ContainerStatus qosClass:PodQOSClass
    ephemeralContainerStatuses:[]ContainerStatus resize:PodResizeStatus
    resourceClaimStatuses:[]PodResourceClaimStatus{name}+
    extendedResourceClaimStatus:*PodExtendedResourceClaimStatus allocatedResources:ResourceList
    resources:*ResourceRequirements`,
  PodCondition: `type:PodConditionType! observedGeneration:int64 status:ConditionStatus! lastProbeTime:Time
    lastTransitionTime:Time reason:string message:string`,
  HostIP: 'ip:string!',
  PodIP: 'ip:string!',
  ContainerStatus: `name:string! state:ContainerState! lastState:ContainerState! ready:bool! restartCount:int32! image:string!
    imageID:string! containerID:string started:*bool allocatedResources:ResourceList resources:*ResourceRequirements
    volumeMounts:[]VolumeMountStatus{mountPath} user:*ContainerUser allocatedResourcesStatus:[]ResourceStatus{name}
    stopSignal:*Signal`,
  ContainerState: 'waiting:*ContainerStateWaiting running:*ContainerStateRunning terminated:*ContainerStateTerminated',
  ContainerStateWaiting: 'reason:string message:string',
  ContainerStateRunning: 'startedAt:Time',
  ContainerStateTerminated: `exitCode:int32! signal:int32 reason:string message:string startedAt:Time finishedAt:Time containerID:string`,
  VolumeMountStatus: 'name:string! mountPath:string! readOnly:bool recursiveReadOnly:*RecursiveReadOnlyMode',
  ContainerUser: 'linux:*LinuxContainerUser',
  LinuxContainerUser: 'uid:int64! gid:int64! supplementalGroups:[]int64',
  ResourceStatus: 'name:ResourceName! resources:[]ResourceHealth',
  ResourceHealth: 'resourceID:ResourceID! health:ResourceHealthStatus',
  PodResourceClaimStatus: 'name:string! resourceClaimName:*string',
  PodExtendedResourceClaimStatus: 'requestMappings:[]ContainerExtendedResourceRequest! resourceClaimName:string!',
  ContainerExtendedResourceRequest: 'containerName:string! resourceName:string! requestName:string!',
  PodTemplateSpec: 'metadata:ObjectMeta! spec:PodSpec!',
}
