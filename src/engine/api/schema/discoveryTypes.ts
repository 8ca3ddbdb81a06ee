import type { TypeTable } from './goType.ts'

/** Source: k8s.io/api discovery/v1 and networking/v1 of v1.35. */
export const discoveryTypes: TypeTable = {
  EndpointSlice: `kind:string apiVersion:string metadata:ObjectMeta! addressType:AddressType! endpoints:[]Endpoint!
    ports:[]EndpointPort!`,
  Endpoint: `addresses:[]string! conditions:EndpointConditions! hostname:*string targetRef:*ObjectReference
    deprecatedTopology:map[string]string nodeName:*string zone:*string hints:*EndpointHints`,
  EndpointConditions: 'ready:*bool serving:*bool terminating:*bool',
  EndpointHints: 'forZones:[]ForZone forNodes:[]ForNode',
  ForZone: 'name:string!',
  ForNode: 'name:string!',
  EndpointPort: 'name:*string protocol:*Protocol port:*int32 appProtocol:*string',

  ServiceCIDR: 'kind:string apiVersion:string metadata:ObjectMeta! spec:ServiceCIDRSpec! status:ServiceCIDRStatus!',
  ServiceCIDRSpec: 'cidrs:[]string',
  ServiceCIDRStatus: 'conditions:[]Condition{type}',
  IPAddress: 'kind:string apiVersion:string metadata:ObjectMeta! spec:IPAddressSpec!',
  IPAddressSpec: 'parentRef:*ParentReference!',
  ParentReference: 'group:string resource:string namespace:string name:string',
}
