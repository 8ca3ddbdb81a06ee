import type { TypeTable } from './goType.ts'

/** Source: apimachinery pkg/apis/meta/v1 of v1.35. */
export const metaTypes: TypeTable = {
  /** What kubectl itself reads of any manifest. */
  metadataOnlyObject: 'metadata:ObjectMeta!',
  ObjectMeta: `name:string generateName:string namespace:string selfLink:string uid:UID resourceVersion:string generation:int64
    creationTimestamp:Time deletionTimestamp:*Time deletionGracePeriodSeconds:*int64 labels:map[string]string
    annotations:map[string]string ownerReferences:[]OwnerReference{uid} finalizers:[]string{}
    managedFields:[]ManagedFieldsEntry`,
  OwnerReference: 'apiVersion:string! kind:string! name:string! uid:UID! controller:*bool blockOwnerDeletion:*bool',
  ManagedFieldsEntry: `manager:string operation:ManagedFieldsOperationType apiVersion:string time:*Time fieldsType:string fieldsV1:*any
    subresource:string`,
  LabelSelector: 'matchLabels:map[string]string matchExpressions:[]LabelSelectorRequirement',
  LabelSelectorRequirement: 'key:string! operator:LabelSelectorOperator! values:[]string',
  Condition: `type:string! status:ConditionStatus! observedGeneration:int64 lastTransitionTime:Time! reason:string!
    message:string!`,
}
