import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api core/v1 and storage/v1 of v1.35: volumes of the cluster. */
export const storageTypes: TypeTable = {
  PersistentVolume: `kind:string apiVersion:string metadata:ObjectMeta! spec:PersistentVolumeSpec! status:PersistentVolumeStatus!`,
  PersistentVolumeSpec: `capacity:ResourceList gcePersistentDisk@PersistentVolumeSource:*GCEPersistentDiskVolumeSource
    awsElasticBlockStore@PersistentVolumeSource:*AWSElasticBlockStoreVolumeSource
    hostPath@PersistentVolumeSource:*HostPathVolumeSource
    glusterfs@PersistentVolumeSource:*GlusterfsPersistentVolumeSource nfs@PersistentVolumeSource:*NFSVolumeSource
    rbd@PersistentVolumeSource:*RBDPersistentVolumeSource iscsi@PersistentVolumeSource:*ISCSIPersistentVolumeSource
    cinder@PersistentVolumeSource:*CinderPersistentVolumeSource
    cephfs@PersistentVolumeSource:*CephFSPersistentVolumeSource fc@PersistentVolumeSource:*FCVolumeSource
    flocker@PersistentVolumeSource:*FlockerVolumeSource
    flexVolume@PersistentVolumeSource:*FlexPersistentVolumeSource
    azureFile@PersistentVolumeSource:*AzureFilePersistentVolumeSource
    vsphereVolume@PersistentVolumeSource:*VsphereVirtualDiskVolumeSource
    quobyte@PersistentVolumeSource:*QuobyteVolumeSource azureDisk@PersistentVolumeSource:*AzureDiskVolumeSource
    photonPersistentDisk@PersistentVolumeSource:*PhotonPersistentDiskVolumeSource
    portworxVolume@PersistentVolumeSource:*PortworxVolumeSource
    scaleIO@PersistentVolumeSource:*ScaleIOPersistentVolumeSource local@PersistentVolumeSource:*LocalVolumeSource
    storageos@PersistentVolumeSource:*StorageOSPersistentVolumeSource
    csi@PersistentVolumeSource:*CSIPersistentVolumeSource accessModes:[]PersistentVolumeAccessMode
    claimRef:*ObjectReference persistentVolumeReclaimPolicy:PersistentVolumeReclaimPolicy storageClassName:string
    mountOptions:[]string volumeMode:*PersistentVolumeMode nodeAffinity:*VolumeNodeAffinity
    volumeAttributesClassName:*string`,
  GlusterfsPersistentVolumeSource: 'endpoints:string! path:string! readOnly:bool endpointsNamespace:*string',
  RBDPersistentVolumeSource: `monitors:[]string! image:string! fsType:string pool:string user:string keyring:string secretRef:*SecretReference
    readOnly:bool`,
  SecretReference: 'name:string namespace:string',
  ISCSIPersistentVolumeSource: `targetPortal:string! iqn:string! lun:int32! iscsiInterface:string fsType:string readOnly:bool portals:[]string
    chapAuthDiscovery:bool chapAuthSession:bool secretRef:*SecretReference initiatorName:*string`,
  CinderPersistentVolumeSource: 'volumeID:string! fsType:string readOnly:bool secretRef:*SecretReference',
  CephFSPersistentVolumeSource: `monitors:[]string! path:string user:string secretFile:string secretRef:*SecretReference readOnly:bool`,
  FlexPersistentVolumeSource: `driver:string! fsType:string secretRef:*SecretReference readOnly:bool options:map[string]string`,
  AzureFilePersistentVolumeSource: 'secretName:string! shareName:string! readOnly:bool secretNamespace:*string!',
  ScaleIOPersistentVolumeSource: `gateway:string! system:string! secretRef:*SecretReference! sslEnabled:bool protectionDomain:string
    storagePool:string storageMode:string volumeName:string fsType:string readOnly:bool`,
  LocalVolumeSource: 'path:string! fsType:*string',
  StorageOSPersistentVolumeSource: `volumeName:string volumeNamespace:string fsType:string readOnly:bool secretRef:*ObjectReference`,
  CSIPersistentVolumeSource: `driver:string! volumeHandle:string! readOnly:bool fsType:string volumeAttributes:map[string]string
    controllerPublishSecretRef:*SecretReference nodeStageSecretRef:*SecretReference
    nodePublishSecretRef:*SecretReference controllerExpandSecretRef:*SecretReference
    nodeExpandSecretRef:*SecretReference`,
  VolumeNodeAffinity: 'required:*NodeSelector',
  PersistentVolumeStatus: 'phase:PersistentVolumePhase message:string reason:string lastPhaseTransitionTime:*Time',
  PersistentVolumeClaim: `kind:string apiVersion:string metadata:ObjectMeta! spec:PersistentVolumeClaimSpec!
    status:PersistentVolumeClaimStatus!`,
  PersistentVolumeClaimSpec: `accessModes:[]PersistentVolumeAccessMode selector:*LabelSelector resources:VolumeResourceRequirements!
    volumeName:string storageClassName:*string volumeMode:*PersistentVolumeMode
    dataSource:*TypedLocalObjectReference dataSourceRef:*TypedObjectReference volumeAttributesClassName:*string`,
  VolumeResourceRequirements: 'limits:ResourceList requests:ResourceList',
  TypedLocalObjectReference: 'apiGroup:*string! kind:string! name:string!',
  TypedObjectReference: 'apiGroup:*string! kind:string! name:string! namespace:*string',
  PersistentVolumeClaimStatus: `phase:PersistentVolumeClaimPhase accessModes:[]PersistentVolumeAccessMode capacity:ResourceList
    conditions:[]PersistentVolumeClaimCondition{type} allocatedResources:ResourceList
    allocatedResourceStatuses:map[string]ClaimResourceStatus currentVolumeAttributesClassName:*string
    modifyVolumeStatus:*ModifyVolumeStatus`,
  PersistentVolumeClaimCondition: `type:PersistentVolumeClaimConditionType! status:ConditionStatus! lastProbeTime:Time lastTransitionTime:Time
    reason:string message:string`,
  ModifyVolumeStatus: 'targetVolumeAttributesClassName:string status:PersistentVolumeClaimModifyVolumeStatus!',
  PersistentVolumeClaimTemplate: 'metadata:ObjectMeta! spec:PersistentVolumeClaimSpec!',
  StorageClass: `kind:string apiVersion:string metadata:ObjectMeta! provisioner:string! parameters:map[string]string
    reclaimPolicy:*PersistentVolumeReclaimPolicy mountOptions:[]string allowVolumeExpansion:*bool
    volumeBindingMode:*VolumeBindingMode allowedTopologies:[]TopologySelectorTerm`,
  TopologySelectorTerm: 'matchLabelExpressions:[]TopologySelectorLabelRequirement',
  TopologySelectorLabelRequirement: 'key:string! values:[]string!',
}
