import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api apps/v1, batch/v1 and core/v1 of v1.35: what makes pods. */
export const appsTypes: TypeTable = {
  Deployment: 'kind:string apiVersion:string metadata:ObjectMeta! spec:DeploymentSpec! status:DeploymentStatus!',
  DeploymentSpec: `replicas:*int32 selector:*LabelSelector! template:PodTemplateSpec! strategy:DeploymentStrategy+!
    minReadySeconds:int32 revisionHistoryLimit:*int32 paused:bool progressDeadlineSeconds:*int32`,
  DeploymentStrategy: 'type:DeploymentStrategyType rollingUpdate:*RollingUpdateDeployment',
  RollingUpdateDeployment: 'maxUnavailable:*IntOrString maxSurge:*IntOrString',
  DeploymentStatus: `observedGeneration:int64 replicas:int32 updatedReplicas:int32 readyReplicas:int32 availableReplicas:int32
    unavailableReplicas:int32 terminatingReplicas:*int32 conditions:[]DeploymentCondition{type}
    collisionCount:*int32`,
  DeploymentCondition: `type:DeploymentConditionType! status:ConditionStatus! lastUpdateTime:Time lastTransitionTime:Time reason:string
    message:string`,
  ReplicaSet: 'kind:string apiVersion:string metadata:ObjectMeta! spec:ReplicaSetSpec! status:ReplicaSetStatus!',
  ReplicaSetSpec: 'replicas:*int32 minReadySeconds:int32 selector:*LabelSelector! template:PodTemplateSpec!',
  ReplicaSetStatus: `replicas:int32! fullyLabeledReplicas:int32 readyReplicas:int32 availableReplicas:int32
    terminatingReplicas:*int32 observedGeneration:int64 conditions:[]ReplicaSetCondition{type}`,
  ReplicaSetCondition: `type:ReplicaSetConditionType! status:ConditionStatus! lastTransitionTime:Time reason:string message:string`,
  StatefulSet: 'kind:string apiVersion:string metadata:ObjectMeta! spec:StatefulSetSpec! status:StatefulSetStatus!',
  StatefulSetSpec: `replicas:*int32 selector:*LabelSelector! template:PodTemplateSpec! volumeClaimTemplates:[]PersistentVolumeClaim
    serviceName:string! podManagementPolicy:PodManagementPolicyType updateStrategy:StatefulSetUpdateStrategy!
    revisionHistoryLimit:*int32 minReadySeconds:int32
    persistentVolumeClaimRetentionPolicy:*StatefulSetPersistentVolumeClaimRetentionPolicy
    ordinals:*StatefulSetOrdinals`,
  StatefulSetUpdateStrategy: 'type:StatefulSetUpdateStrategyType rollingUpdate:*RollingUpdateStatefulSetStrategy',
  RollingUpdateStatefulSetStrategy: 'partition:*int32 maxUnavailable:*IntOrString',
  StatefulSetPersistentVolumeClaimRetentionPolicy: `whenDeleted:PersistentVolumeClaimRetentionPolicyType whenScaled:PersistentVolumeClaimRetentionPolicyType`,
  StatefulSetOrdinals: 'start:int32!',
  StatefulSetStatus: `observedGeneration:int64 replicas:int32! readyReplicas:int32 currentReplicas:int32 updatedReplicas:int32
    currentRevision:string updateRevision:string collisionCount:*int32 conditions:[]StatefulSetCondition{type}
    availableReplicas:int32!`,
  StatefulSetCondition: `type:StatefulSetConditionType! status:ConditionStatus! lastTransitionTime:Time reason:string message:string`,
  DaemonSet: 'kind:string apiVersion:string metadata:ObjectMeta! spec:DaemonSetSpec! status:DaemonSetStatus!',
  DaemonSetSpec: `selector:*LabelSelector! template:PodTemplateSpec! updateStrategy:DaemonSetUpdateStrategy! minReadySeconds:int32
    revisionHistoryLimit:*int32`,
  DaemonSetUpdateStrategy: 'type:DaemonSetUpdateStrategyType rollingUpdate:*RollingUpdateDaemonSet',
  RollingUpdateDaemonSet: 'maxUnavailable:*IntOrString maxSurge:*IntOrString',
  DaemonSetStatus: `currentNumberScheduled:int32! numberMisscheduled:int32! desiredNumberScheduled:int32! numberReady:int32!
    observedGeneration:int64 updatedNumberScheduled:int32 numberAvailable:int32 numberUnavailable:int32
    collisionCount:*int32 conditions:[]DaemonSetCondition{type}`,
  DaemonSetCondition: `type:DaemonSetConditionType! status:ConditionStatus! lastTransitionTime:Time reason:string message:string`,
  ControllerRevision: 'kind:string apiVersion:string metadata:ObjectMeta! data:any revision:int64!',
  ReplicationController: `kind:string apiVersion:string metadata:ObjectMeta! spec:ReplicationControllerSpec!
    status:ReplicationControllerStatus!`,
  ReplicationControllerSpec: `replicas:*int32 minReadySeconds:int32 selector:map[string]string template:*PodTemplateSpec`,
  ReplicationControllerStatus: `replicas:int32! fullyLabeledReplicas:int32 readyReplicas:int32 availableReplicas:int32 observedGeneration:int64
    conditions:[]ReplicationControllerCondition{type}`,
  ReplicationControllerCondition: `type:ReplicationControllerConditionType! status:ConditionStatus! lastTransitionTime:Time reason:string
    message:string`,
  PodTemplate: 'kind:string apiVersion:string metadata:ObjectMeta! template:PodTemplateSpec!',
  Job: 'kind:string apiVersion:string metadata:ObjectMeta! spec:JobSpec! status:JobStatus!',
  JobSpec: `parallelism:*int32 completions:*int32 activeDeadlineSeconds:*int64 podFailurePolicy:*PodFailurePolicy
    successPolicy:*SuccessPolicy backoffLimit:*int32 backoffLimitPerIndex:*int32 maxFailedIndexes:*int32
    selector:*LabelSelector manualSelector:*bool template:PodTemplateSpec! ttlSecondsAfterFinished:*int32
    completionMode:*CompletionMode suspend:*bool podReplacementPolicy:*PodReplacementPolicy managedBy:*string`,
  PodFailurePolicy: 'rules:[]PodFailurePolicyRule!',
  PodFailurePolicyRule: `action:PodFailurePolicyAction! onExitCodes:*PodFailurePolicyOnExitCodesRequirement
    onPodConditions:[]PodFailurePolicyOnPodConditionsPattern`,
  PodFailurePolicyOnExitCodesRequirement: `containerName:*string operator:PodFailurePolicyOnExitCodesOperator! values:[]int32!`,
  PodFailurePolicyOnPodConditionsPattern: 'type:PodConditionType! status:ConditionStatus!',
  SuccessPolicy: 'rules:[]SuccessPolicyRule!',
  SuccessPolicyRule: 'succeededIndexes:*string succeededCount:*int32',
  JobStatus: `conditions:[]JobCondition{type} startTime:*Time completionTime:*Time active:int32 succeeded:int32 failed:int32
    terminating:*int32 completedIndexes:string failedIndexes:*string
    uncountedTerminatedPods:*UncountedTerminatedPods ready:*int32`,
  JobCondition: `type:JobConditionType! status:ConditionStatus! lastProbeTime:Time lastTransitionTime:Time reason:string
    message:string`,
  UncountedTerminatedPods: 'succeeded:[]UID failed:[]UID',
  CronJob: 'kind:string apiVersion:string metadata:ObjectMeta! spec:CronJobSpec! status:CronJobStatus!',
  CronJobSpec: `schedule:string! timeZone:*string startingDeadlineSeconds:*int64 concurrencyPolicy:ConcurrencyPolicy
    suspend:*bool jobTemplate:JobTemplateSpec! successfulJobsHistoryLimit:*int32 failedJobsHistoryLimit:*int32`,
  JobTemplateSpec: 'metadata:ObjectMeta! spec:JobSpec!',
  CronJobStatus: 'active:[]ObjectReference lastScheduleTime:*Time lastSuccessfulTime:*Time',
}
