import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api core/v1 of v1.35: a pod's volumes. */
export const volumeTypes: TypeTable = {
  Volume: `name:string! hostPath@VolumeSource:*HostPathVolumeSource emptyDir@VolumeSource:*EmptyDirVolumeSource
    gcePersistentDisk@VolumeSource:*GCEPersistentDiskVolumeSource
    awsElasticBlockStore@VolumeSource:*AWSElasticBlockStoreVolumeSource gitRepo@VolumeSource:*GitRepoVolumeSource
    secret@VolumeSource:*SecretVolumeSource nfs@VolumeSource:*NFSVolumeSource iscsi@VolumeSource:*ISCSIVolumeSource
    glusterfs@VolumeSource:*GlusterfsVolumeSource
    persistentVolumeClaim@VolumeSource:*PersistentVolumeClaimVolumeSource rbd@VolumeSource:*RBDVolumeSource
    flexVolume@VolumeSource:*FlexVolumeSource cinder@VolumeSource:*CinderVolumeSource
    cephfs@VolumeSource:*CephFSVolumeSource flocker@VolumeSource:*FlockerVolumeSource
    downwardAPI@VolumeSource:*DownwardAPIVolumeSource fc@VolumeSource:*FCVolumeSource
    azureFile@VolumeSource:*AzureFileVolumeSource configMap@VolumeSource:*ConfigMapVolumeSource
    vsphereVolume@VolumeSource:*VsphereVirtualDiskVolumeSource quobyte@VolumeSource:*QuobyteVolumeSource
    azureDisk@VolumeSource:*AzureDiskVolumeSource
    photonPersistentDisk@VolumeSource:*PhotonPersistentDiskVolumeSource
    projected@VolumeSource:*ProjectedVolumeSource portworxVolume@VolumeSource:*PortworxVolumeSource
    scaleIO@VolumeSource:*ScaleIOVolumeSource storageos@VolumeSource:*StorageOSVolumeSource
    csi@VolumeSource:*CSIVolumeSource ephemeral@VolumeSource:*EphemeralVolumeSource
    image@VolumeSource:*ImageVolumeSource`,
  HostPathVolumeSource: 'path:string! type:*HostPathType',
  EmptyDirVolumeSource: 'medium:StorageMedium sizeLimit:*Quantity',
  GCEPersistentDiskVolumeSource: 'pdName:string! fsType:string partition:int32 readOnly:bool',
  AWSElasticBlockStoreVolumeSource: 'volumeID:string! fsType:string partition:int32 readOnly:bool',
  GitRepoVolumeSource: 'repository:string! revision:string directory:string',
  SecretVolumeSource: 'secretName:string items:[]KeyToPath defaultMode:*int32 optional:*bool',
  KeyToPath: 'key:string! path:string! mode:*int32',
  NFSVolumeSource: 'server:string! path:string! readOnly:bool',
  ISCSIVolumeSource: `targetPortal:string! iqn:string! lun:int32! iscsiInterface:string fsType:string readOnly:bool portals:[]string
    chapAuthDiscovery:bool chapAuthSession:bool secretRef:*LocalObjectReference initiatorName:*string`,
  LocalObjectReference: 'name:string',
  GlusterfsVolumeSource: 'endpoints:string! path:string! readOnly:bool',
  PersistentVolumeClaimVolumeSource: 'claimName:string! readOnly:bool',
  RBDVolumeSource: `monitors:[]string! image:string! fsType:string pool:string user:string keyring:string
    secretRef:*LocalObjectReference readOnly:bool`,
  FlexVolumeSource: `driver:string! fsType:string secretRef:*LocalObjectReference readOnly:bool options:map[string]string`,
  CinderVolumeSource: 'volumeID:string! fsType:string readOnly:bool secretRef:*LocalObjectReference',
  CephFSVolumeSource: `monitors:[]string! path:string user:string secretFile:string secretRef:*LocalObjectReference readOnly:bool`,
  FlockerVolumeSource: 'datasetName:string datasetUUID:string',
  DownwardAPIVolumeSource: 'items:[]DownwardAPIVolumeFile defaultMode:*int32',
  DownwardAPIVolumeFile: `path:string! fieldRef:*ObjectFieldSelector resourceFieldRef:*ResourceFieldSelector mode:*int32`,
  ObjectFieldSelector: 'apiVersion:string fieldPath:string!',
  ResourceFieldSelector: 'containerName:string resource:string! divisor:Quantity!',
  FCVolumeSource: 'targetWWNs:[]string lun:*int32 fsType:string readOnly:bool wwids:[]string',
  AzureFileVolumeSource: 'secretName:string! shareName:string! readOnly:bool',
  ConfigMapVolumeSource: 'name@LocalObjectReference:string items:[]KeyToPath defaultMode:*int32 optional:*bool',
  VsphereVirtualDiskVolumeSource: 'volumePath:string! fsType:string storagePolicyName:string storagePolicyID:string',
  QuobyteVolumeSource: 'registry:string! volume:string! readOnly:bool user:string group:string tenant:string',
  AzureDiskVolumeSource: `diskName:string! diskURI:string! cachingMode:*AzureDataDiskCachingMode fsType:*string readOnly:*bool
    kind:*AzureDataDiskKind`,
  PhotonPersistentDiskVolumeSource: 'pdID:string! fsType:string',
  ProjectedVolumeSource: 'sources:[]VolumeProjection! defaultMode:*int32',
  VolumeProjection: `secret:*SecretProjection downwardAPI:*DownwardAPIProjection configMap:*ConfigMapProjection
    serviceAccountToken:*ServiceAccountTokenProjection clusterTrustBundle:*ClusterTrustBundleProjection
    podCertificate:*PodCertificateProjection`,
  SecretProjection: 'name@LocalObjectReference:string items:[]KeyToPath optional:*bool',
  DownwardAPIProjection: 'items:[]DownwardAPIVolumeFile',
  ConfigMapProjection: 'name@LocalObjectReference:string items:[]KeyToPath optional:*bool',
  ServiceAccountTokenProjection: 'audience:string expirationSeconds:*int64 path:string!',
  ClusterTrustBundleProjection: `name:*string signerName:*string labelSelector:*LabelSelector optional:*bool path:string!`,
  PodCertificateProjection: `signerName:string keyType:string maxExpirationSeconds:*int32 credentialBundlePath:string keyPath:string
    certificateChainPath:string userAnnotations:map[string]string`,
  PortworxVolumeSource: 'volumeID:string! fsType:string readOnly:bool',
  ScaleIOVolumeSource: `gateway:string! system:string! secretRef:*LocalObjectReference! sslEnabled:bool protectionDomain:string
    storagePool:string storageMode:string volumeName:string fsType:string readOnly:bool`,
  StorageOSVolumeSource: `volumeName:string volumeNamespace:string fsType:string readOnly:bool secretRef:*LocalObjectReference`,
  CSIVolumeSource: `driver:string! readOnly:*bool fsType:*string volumeAttributes:map[string]string
    nodePublishSecretRef:*LocalObjectReference`,
  EphemeralVolumeSource: 'volumeClaimTemplate:*PersistentVolumeClaimTemplate',
  ImageVolumeSource: 'reference:string pullPolicy:PullPolicy',
}
