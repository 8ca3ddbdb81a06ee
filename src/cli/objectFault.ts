import { ipOrUndefined } from '../engine/base/ip.ts'
import { decodeObject, findKind } from '../engine/index.ts'
import type { Json, KubeObject, Node, Service, EndpointSlice } from '../engine/index.ts'

/** What is wrong with one object of a dump, and at which field. */
export interface ObjectFault {
  readonly field: string
  readonly message: string
}

/** The kinds that packets and rules are made of. Others of a dump may look as they like. */
const CHECKED: ReadonlySet<string> = new Set([
  'Node',
  'Pod',
  'Service',
  'EndpointSlice',
  'Endpoints',
  'Namespace',
  'ConfigMap',
])

/** Why no live cluster stores such an object: a field of a wrong type, or a text that is no address. */
export function objectFault(object: KubeObject): ObjectFault | undefined {
  if (!CHECKED.has(object.kind)) return undefined
  const kind = findKind(typeof object.apiVersion === 'string' ? object.apiVersion : '', object.kind)
  // Another version of the API: taken as it is.
  if (!kind) return undefined
  const decoded = decodeObject(object as unknown as Json, kind, 'Ignore')
  if (!decoded.ok) return { field: decoded.error.fields[0] ?? '', message: decoded.error.message }
  const [bad] = addressesOf(object).filter(({ text }) => !ipOrUndefined(text))
  return (
    bad && {
      field: bad.field,
      message: `Invalid value: ${JSON.stringify(bad.text)}: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
    }
  )
}

interface Address {
  readonly field: string
  readonly text: string
}

/** Every text of the object that has to be an address. */
function addressesOf(object: KubeObject): Address[] {
  switch (object.kind) {
    case 'Node':
      return ((object as Node).status?.addresses ?? []).flatMap(({ type, address }, i) =>
        /^(Internal|External)IP$/.test(type) ? { field: `status.addresses[${i}].address`, text: address } : [],
      )
    case 'Service': {
      const { clusterIP = '', clusterIPs } = (object as Service).spec
      if (clusterIP === '' || clusterIP === 'None') return []
      return [
        { field: 'spec.clusterIP', text: clusterIP },
        ...(clusterIPs ?? []).map((text, i) => ({ field: `spec.clusterIPs[${i}]`, text })),
      ]
    }
    case 'EndpointSlice': {
      const { addressType, endpoints } = object as EndpointSlice
      if (addressType !== 'IPv4' && addressType !== 'IPv6') return []
      return (endpoints ?? []).flatMap(({ addresses }, i) => ({
        field: `endpoints[${i}].addresses`,
        text: (addresses as readonly string[] | undefined)?.[0] ?? '',
      }))
    }
    default:
      return []
  }
}
