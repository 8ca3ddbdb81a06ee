export type { Ip, IpFamily } from './base/ip.ts'
export type { Cidr } from './base/cidr.ts'
export type { SimTime } from './base/time.ts'
export type * from './packet/packet.ts'
export type * from './trace/event.ts'
export type * from './api/types.ts'
export type { ProxyMode } from './proxy/types.ts'
export type * from './sim/types.ts'
export { createCoreDns } from './dns/coreDns.ts'
export type { CoreDns, CoreDnsWorld, DnsTransport } from './dns/coreDns.ts'
export { indexCluster } from './dns/clusterIndex.ts'
export type { ClusterIndex, DnsClusterView } from './dns/clusterIndex.ts'
export { KUBEADM_COREFILE, parseCorefile } from './dns/corefile.ts'
export type { Corefile } from './dns/corefile.ts'
export { queryMessage } from './dns/message.ts'
export type {
  DnsMessage,
  Edns,
  EdnsOption,
  Question as DnsQuestion,
  RecordData,
  ResourceRecord,
} from './dns/message.ts'
export { RCODE_NUMBERS } from './dns/message.ts'
export { canonicalName, fqdn, isAbsolute, isSubdomain, nameFault, withoutTrailingDot } from './dns/name.ts'
export { OUTSIDE_WORLD } from './dns/outsideWorld.ts'
export { parseResolvConf, printResolvConf, resolvConfFor, resolvOption } from './dns/resolvConf.ts'
export type { KubeletDns, ResolvConf } from './dns/resolvConf.ts'
export { reverseName } from './dns/reverseName.ts'
export { parseRrClass, parseRrType, rrClassNumber, rrTypeNumber } from './dns/rrTypes.ts'
export { resolveName, searchCandidates } from './dns/stubResolver.ts'
export type { ResolvedName, ResolverReply, ResolverResult, ResolverRun, ResolverSend } from './dns/stubResolver.ts'
export { answerFromUpstream } from './dns/upstream.ts'
export type { UpstreamZoneData } from './dns/upstream.ts'
export { rdataHex } from './dns/rdataHex.ts'
export { messageSize } from './dns/wireSize.ts'
export { createSim } from './sim/createSim.ts'
export type { Sim, SimOptions } from './sim/createSim.ts'
export { createWorld, runControllers } from './sim/world.ts'
export type { DumpController, World, WorldOptions } from './sim/world.ts'
export type { ClusterShape } from './sim/labCluster.ts'
export { rulesReport } from './proxy/report.ts'
export type { RulesReportEntry, RulesReportInput } from './proxy/report.ts'
export { printOutcome, printTrace } from './trace/printTrace.ts'
export type { Fleet } from './sim/fleet.ts'
export type { NodeKernel } from './dataplane/machine.ts'
export { createNameService } from './dns/nameService.ts'
export type {
  Carried,
  DnsDestination,
  NameService,
  NameServiceDeps,
  QueryResult,
  ResolverStep,
} from './dns/nameService.ts'
export { describeQuery, describeReply } from './dns/dnsText.ts'
export { standInDns } from './dns/standIn.ts'
export type { StandIn } from './dns/standIn.ts'
export { createApiServer } from './store/apiServer.ts'
export type { ApiServer, ApiServerOptions, Response as ApiResponse, WriteOptions } from './store/apiServer.ts'
export type { PatchType } from './store/patchObject.ts'
export { formatTimestamp, parseTimestamp, unixSeconds } from './store/timestamp.ts'
export { goJson, isList, isObject, sortedKeys } from './api/json.ts'
export type { Json, JsonObject } from './api/json.ts'
export { apiVersionOf, findKind, findResource, kinds, resourceName, singularName } from './api/kinds.ts'
export type { Kind } from './api/kinds.ts'
export { decodeFault } from './api/decodeObject.ts'
export type { FieldValidation } from './api/decodeObject.ts'
export { formatFieldError } from './api/fieldError.ts'
export type { FieldError } from './api/fieldError.ts'
export { printStatusError } from './api/status.ts'
export type { StatusError } from './api/status.ts'
export { threeWayPatch } from './api/patch/diff.ts'
export { iptablesCommand } from './netfilter/iptablesCommand.ts'
