import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api policy/v1, rbac/v1, autoscaling/v1 and /v2, coordination/v1, node/v1, scheduling/v1, core/v1 of v1.35. */
export const policyTypes: TypeTable = {
  ResourceQuota: `kind:string apiVersion:string metadata:ObjectMeta! spec:ResourceQuotaSpec! status:ResourceQuotaStatus!`,
  ResourceQuotaSpec: 'hard:ResourceList scopes:[]ResourceQuotaScope scopeSelector:*ScopeSelector',
  ScopeSelector: 'matchExpressions:[]ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement: 'scopeName:ResourceQuotaScope! operator:ScopeSelectorOperator! values:[]string',
  ResourceQuotaStatus: 'hard:ResourceList used:ResourceList',
  LimitRange: 'kind:string apiVersion:string metadata:ObjectMeta! spec:LimitRangeSpec!',
  LimitRangeSpec: 'limits:[]LimitRangeItem!',
  LimitRangeItem: `type:LimitType! max:ResourceList min:ResourceList default:ResourceList defaultRequest:ResourceList
    maxLimitRequestRatio:ResourceList`,
  PodDisruptionBudget: `kind:string apiVersion:string metadata:ObjectMeta! spec:PodDisruptionBudgetSpec!
    status:PodDisruptionBudgetStatus!`,
  PodDisruptionBudgetSpec: `minAvailable:*IntOrString selector:*LabelSelector maxUnavailable:*IntOrString
    unhealthyPodEvictionPolicy:*UnhealthyPodEvictionPolicyType`,
  PodDisruptionBudgetStatus: `observedGeneration:int64 disruptedPods:map[string]Time disruptionsAllowed:int32! currentHealthy:int32!
    desiredHealthy:int32! expectedPods:int32! conditions:[]Condition{type}`,
  Role: 'kind:string apiVersion:string metadata:ObjectMeta! rules:[]PolicyRule!',
  PolicyRule: 'verbs:[]string! apiGroups:[]string resources:[]string resourceNames:[]string nonResourceURLs:[]string',
  RoleBinding: 'kind:string apiVersion:string metadata:ObjectMeta! subjects:[]Subject roleRef:RoleRef!',
  Subject: 'kind:string! apiGroup:string name:string! namespace:string',
  RoleRef: 'apiGroup:string! kind:string! name:string!',
  ClusterRole: `kind:string apiVersion:string metadata:ObjectMeta! rules:[]PolicyRule! aggregationRule:*AggregationRule`,
  AggregationRule: 'clusterRoleSelectors:[]LabelSelector',
  ClusterRoleBinding: 'kind:string apiVersion:string metadata:ObjectMeta! subjects:[]Subject roleRef:RoleRef!',
  PriorityClass: `kind:string apiVersion:string metadata:ObjectMeta! value:int32! globalDefault:bool description:string
    preemptionPolicy:*PreemptionPolicy`,
  Lease: 'kind:string apiVersion:string metadata:ObjectMeta! spec:LeaseSpec!',
  LeaseSpec: `holderIdentity:*string leaseDurationSeconds:*int32 acquireTime:*MicroTime renewTime:*MicroTime
    leaseTransitions:*int32 strategy:*CoordinatedLeaseStrategy preferredHolder:*string`,
  RuntimeClass: `kind:string apiVersion:string metadata:ObjectMeta! handler:string! overhead:*Overhead scheduling:*Scheduling`,
  Overhead: 'podFixed:ResourceList',
  Scheduling: 'nodeSelector:map[string]string tolerations:[]Toleration',
  HorizontalPodAutoscaler: `kind:string apiVersion:string metadata:ObjectMeta! spec:HorizontalPodAutoscalerSpec!
    status:HorizontalPodAutoscalerStatus!`,
  HorizontalPodAutoscalerSpec: `scaleTargetRef:CrossVersionObjectReference! minReplicas:*int32 maxReplicas:int32!
    targetCPUUtilizationPercentage:*int32`,
  CrossVersionObjectReference: 'kind:string! name:string! apiVersion:string',
  HorizontalPodAutoscalerStatus: `observedGeneration:*int64 lastScaleTime:*Time currentReplicas:int32! desiredReplicas:int32!
    currentCPUUtilizationPercentage:*int32`,
  AutoscalingV2HorizontalPodAutoscaler: `kind:string apiVersion:string metadata:ObjectMeta! spec:AutoscalingV2HorizontalPodAutoscalerSpec!
    status:AutoscalingV2HorizontalPodAutoscalerStatus!`,
  AutoscalingV2HorizontalPodAutoscalerSpec: `scaleTargetRef:AutoscalingV2CrossVersionObjectReference! minReplicas:*int32 maxReplicas:int32!
    metrics:[]MetricSpec behavior:*HorizontalPodAutoscalerBehavior`,
  AutoscalingV2CrossVersionObjectReference: 'kind:string! name:string! apiVersion:string',
  MetricSpec: `type:MetricSourceType! object:*ObjectMetricSource pods:*PodsMetricSource resource:*ResourceMetricSource
    containerResource:*ContainerResourceMetricSource external:*ExternalMetricSource`,
  ObjectMetricSource: `describedObject:AutoscalingV2CrossVersionObjectReference! target:MetricTarget! metric:MetricIdentifier!`,
  MetricTarget: 'type:MetricTargetType! value:*Quantity averageValue:*Quantity averageUtilization:*int32',
  MetricIdentifier: 'name:string! selector:*LabelSelector',
  PodsMetricSource: 'metric:MetricIdentifier! target:MetricTarget!',
  ResourceMetricSource: 'name:ResourceName! target:MetricTarget!',
  ContainerResourceMetricSource: 'name:ResourceName! target:MetricTarget! container:string!',
  ExternalMetricSource: 'metric:MetricIdentifier! target:MetricTarget!',
  HorizontalPodAutoscalerBehavior: 'scaleUp:*HPAScalingRules scaleDown:*HPAScalingRules',
  HPAScalingRules: `stabilizationWindowSeconds:*int32 selectPolicy:*ScalingPolicySelect policies:[]HPAScalingPolicy
    tolerance:*Quantity`,
  HPAScalingPolicy: 'type:HPAScalingPolicyType! value:int32! periodSeconds:int32!',
  AutoscalingV2HorizontalPodAutoscalerStatus: `observedGeneration:*int64 lastScaleTime:*Time currentReplicas:int32 desiredReplicas:int32!
    currentMetrics:[]MetricStatus! conditions:[]HorizontalPodAutoscalerCondition{type}`,
  MetricStatus: `type:MetricSourceType! object:*ObjectMetricStatus pods:*PodsMetricStatus resource:*ResourceMetricStatus
    containerResource:*ContainerResourceMetricStatus external:*ExternalMetricStatus`,
  ObjectMetricStatus: `metric:MetricIdentifier! current:MetricValueStatus! describedObject:AutoscalingV2CrossVersionObjectReference!`,
  MetricValueStatus: 'value:*Quantity averageValue:*Quantity averageUtilization:*int32',
  PodsMetricStatus: 'metric:MetricIdentifier! current:MetricValueStatus!',
  ResourceMetricStatus: 'name:ResourceName! current:MetricValueStatus!',
  ContainerResourceMetricStatus: 'name:ResourceName! current:MetricValueStatus! container:string!',
  ExternalMetricStatus: 'metric:MetricIdentifier! current:MetricValueStatus!',
  HorizontalPodAutoscalerCondition: `type:HorizontalPodAutoscalerConditionType! status:ConditionStatus! lastTransitionTime:Time reason:string
    message:string`,
}
