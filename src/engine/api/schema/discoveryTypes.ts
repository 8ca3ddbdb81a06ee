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
  IPAddressSpec: 'parentRef:*ParentReference',
  ParentReference: 'group:string resource:string namespace:string name:string',
  Ingress: 'kind:string apiVersion:string metadata:ObjectMeta! spec:IngressSpec! status:IngressStatus!',
  IngressSpec: 'ingressClassName:*string defaultBackend:*IngressBackend tls:[]IngressTLS rules:[]IngressRule',
  IngressBackend: 'service:*IngressServiceBackend resource:*TypedLocalObjectReference',
  IngressServiceBackend: 'name:string! port:ServiceBackendPort!',
  ServiceBackendPort: 'name:string number:int32',
  IngressTLS: 'hosts:[]string secretName:string',
  IngressRule: 'host:string http@IngressRuleValue:*HTTPIngressRuleValue',
  HTTPIngressRuleValue: 'paths:[]HTTPIngressPath!',
  HTTPIngressPath: 'path:string pathType:*PathType! backend:IngressBackend!',
  IngressStatus: 'loadBalancer:IngressLoadBalancerStatus!',
  IngressLoadBalancerStatus: 'ingress:[]IngressLoadBalancerIngress',
  IngressLoadBalancerIngress: 'ip:string hostname:string ports:[]IngressPortStatus',
  IngressPortStatus: 'port:int32! protocol:Protocol! error:*string',
  IngressClass: 'kind:string apiVersion:string metadata:ObjectMeta! spec:IngressClassSpec!',
  IngressClassSpec: 'controller:string parameters:*IngressClassParametersReference',
  IngressClassParametersReference: 'apiGroup:*string kind:string! name:string! scope:*string! namespace:*string',
  NetworkPolicy: 'kind:string apiVersion:string metadata:ObjectMeta! spec:NetworkPolicySpec!',
  NetworkPolicySpec: `podSelector:LabelSelector! ingress:[]NetworkPolicyIngressRule egress:[]NetworkPolicyEgressRule
    policyTypes:[]PolicyType`,
  NetworkPolicyIngressRule: 'ports:[]NetworkPolicyPort from:[]NetworkPolicyPeer',
  NetworkPolicyPort: 'protocol:*Protocol port:*IntOrString endPort:*int32',
  NetworkPolicyPeer: 'podSelector:*LabelSelector namespaceSelector:*LabelSelector ipBlock:*IPBlock',
  IPBlock: 'cidr:string! except:[]string',
  NetworkPolicyEgressRule: 'ports:[]NetworkPolicyPort to:[]NetworkPolicyPeer',
}
