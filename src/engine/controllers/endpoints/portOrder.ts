import { fnv128a } from '../../base/hash.ts'
import type { EndpointSubset, SlicePort } from '../../api/types.ts'

/**
 * The controllers order ports and subsets by the hash of Go's dump of them, and so does what kubectl prints. The dumps
 * here are those of apimachinery's util/dump ForHash. Source: endpointslice/util NewPortMapKey, api/v1/endpoints SortSubsets.
 */
interface Hashed {
  readonly text: string
  readonly hash: string
}

const slicePorts = new WeakMap<SlicePort, Hashed>()
const endpointsPorts = new WeakMap<SlicePort, Hashed>()

function hashedSlicePort(port: SlicePort): Hashed {
  return remember(slicePorts, port, ({ name = '', protocol = 'TCP', port: number, appProtocol }) =>
    [
      `Name:(*string)${name}`,
      `Protocol:(*v1.Protocol)${protocol}`,
      `Port:(*int32)${number ?? '<nil>'}`,
      `AppProtocol:(*string)${appProtocol ?? '<nil>'}`,
    ].join(' '),
  )
}

function hashedEndpointsPort(port: SlicePort): Hashed {
  return remember(endpointsPorts, port, ({ name = '', protocol = 'TCP', port: number, appProtocol }) =>
    [
      `Name:(string)${name}`,
      `Port:(int32)${number ?? 0}`,
      `Protocol:(v1.Protocol)${protocol}`,
      `AppProtocol:(*string)${appProtocol ?? '<nil>'}`,
    ].join(' '),
  )
}

function remember(known: WeakMap<SlicePort, Hashed>, port: SlicePort, dump: (port: SlicePort) => string): Hashed {
  const before = known.get(port)
  if (before) return before
  const text = dump(port)
  const made = { text, hash: fnv128a(`(v1.EndpointPort){${text}}`) }
  known.set(port, made)
  return made
}

function byHash<T>(items: readonly T[], hashOf: (item: T) => string): readonly T[] {
  if (items.length < 2) return items
  const keyed = items.map((item) => ({ item, hash: hashOf(item) }))
  return keyed.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)).map(({ item }) => item)
}

/** Ports in the order in which slices have them. */
export function sortSlicePorts<T extends SlicePort>(ports: readonly T[]): readonly T[] {
  return byHash(ports, (port) => hashedSlicePort(port).hash)
}

/** Ports in the order in which the subsets of Endpoints have them. */
export function sortEndpointsPorts<T extends SlicePort>(ports: readonly T[]): readonly T[] {
  return byHash(ports, (port) => hashedEndpointsPort(port).hash)
}

/** What tells one set of ports from another; their order does not count. */
export function slicePortsId(ports: readonly SlicePort[]): string {
  const texts = ports.map((port) => hashedSlicePort(port).text)
  return texts.length < 2 ? (texts[0] ?? '') : texts.sort().join(', ')
}

/** Subsets in the order in which Endpoints have them. */
export function sortSubsets(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  return byHash(subsets, (subset) => fnv128a(subsetText(subset)))
}

function subsetText({ addresses, notReadyAddresses, ports }: EndpointSubset): string {
  const list = <T>(items: readonly T[] | null | undefined, text: (item: T) => string): string =>
    items && items.length > 0 ? `[${items.map((item) => `{${text(item)}}`).join(' ')}]` : '<nil>'
  return (
    `(v1.EndpointSubset){Addresses:([]v1.EndpointAddress)${list(addresses, addressText)}` +
    ` NotReadyAddresses:([]v1.EndpointAddress)${list(notReadyAddresses, addressText)}` +
    ` Ports:([]v1.EndpointPort)${list(ports, (port) => hashedEndpointsPort(port).text)}}`
  )
}

function addressText({
  ip,
  hostname = '',
  nodeName,
  targetRef,
}: NonNullable<EndpointSubset['addresses']>[number]): string {
  const { kind = '', namespace = '', name = '', uid = '' } = targetRef ?? {}
  const target = targetRef
    ? `{Kind:(string)${kind} Namespace:(string)${namespace} Name:(string)${name} UID:(types.UID)${uid}` +
      ' APIVersion:(string) ResourceVersion:(string) FieldPath:(string)}'
    : '<nil>'
  return (
    `IP:(string)${ip} Hostname:(string)${hostname} NodeName:(*string)${nodeName ?? '<nil>'}` +
    ` TargetRef:(*v1.ObjectReference)${target}`
  )
}
