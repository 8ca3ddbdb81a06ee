/** Names of Go fields that are not the JSON name with a capital. Source: k8s.io/api core/v1, apimachinery meta/v1. */
const exceptions: Readonly<Record<string, string>> = {
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  endpoints: 'EndpointsName',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  metadata: 'ObjectMeta',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  serviceAccount: 'DeprecatedServiceAccount',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
}

const ofRbd: Readonly<Record<string, string>> = {
  image: 'RBDImage',
  monitors: 'CephMonitors',
  pool: 'RBDPool',
  user: 'RadosUser',
}

/** The Go field of the struct `owner` that JSON calls `name`. */
export function goFieldName(owner: string, name: string): string {
  const special = owner === 'v1.RBDVolumeSource' && Object.hasOwn(ofRbd, name) ? ofRbd[name] : undefined
  if (special !== undefined) return special
  const known = Object.hasOwn(exceptions, name) ? exceptions[name] : undefined
  return known ?? name.charAt(0).toUpperCase() + name.slice(1)
}
