import { err, ok } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import { goQuote, isObject } from './json.ts'
import type { Draft, Json, JsonObject } from './json.ts'
import type { Kind } from './kinds.ts'
import { apiVersionOf } from './kinds.ts'
import { decode } from './schema/decode.ts'
import type { Decoded } from './schema/decode.ts'
import { goType } from './schema/types.ts'
import { defaultService } from './service/defaults.ts'
import type { EndpointSlice, KubeObject, Service } from './types.ts'
import { defaultEndpoints } from './other/endpoints.ts'
import { defaultEndpointSlice } from './other/endpointSlice.ts'
import { defaultStored } from './stored/storedKinds.ts'
import { defaultWorkload } from './workload/appsDefaults.ts'
import { asLoose } from './workload/loose.ts'
import { defaultPod } from './workload/podDefaults.ts'

/** What the server does about fields that it does not know. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface DecodedObject {
  readonly object: KubeObject
  readonly warnings: readonly string[]
}

/** Why a body could not be read, and which fields are to blame. */
export interface DecodeFault {
  /** `strict decoding error: unknown field "spec.foo"`, `json: cannot unmarshal ...` */
  readonly message: string
  readonly fields: readonly string[]
}

/** Reads a body as `kind` and fills in the defaults. */
export function decodeObject(json: Json, kind: Kind, validation: FieldValidation): Result<DecodedObject, DecodeFault> {
  const decoded = kind.type ? decode(json, kind.type) : decodeOpaque(json)
  if (decoded.typeFault !== undefined) {
    const field = /struct field \w+\.(\S+) of type/.exec(decoded.typeFault)?.[1]
    return err({ message: decoded.typeFault, fields: field === undefined ? [] : [indexed(json, field)] })
  }
  const unknown = decoded.unknown.map((path) => `unknown field ${goQuote(path)}`)
  if (unknown.length > 0 && validation === 'Strict') {
    return err({ message: `strict decoding error: ${unknown.join(', ')}`, fields: decoded.unknown })
  }
  const object = { ...(decoded.value as Draft), apiVersion: apiVersionOf(kind), kind: kind.kind }
  return ok({
    object: withEmptyLabels(applyDefaults(withMeta(object)), json),
    warnings: validation === 'Warn' ? unknown : [],
  })
}

const judged = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']

/** A template's `labels: {}`, which the decoder drops as empty: a message tells it from none. */
function withEmptyLabels(object: KubeObject, json: Json): KubeObject {
  const spec = asLoose(object['spec'])
  const template = asLoose(spec?.['template'])
  const labels = ['spec', 'template', 'metadata', 'labels'].reduce<unknown>((at, step) => asLoose(at)?.[step], json)
  if (!judged.includes(object.kind) || !template || !isObject(labels) || Object.keys(labels).length > 0) return object
  const metadata = { ...asLoose(template['metadata']), labels: {} }
  return { ...object, spec: { ...spec, template: { ...template, metadata } } }
}

function withMeta(object: Draft): KubeObject {
  const meta = asLoose(object['metadata']) ?? {}
  const metadata = { ...meta }
  Reflect.deleteProperty(metadata, 'managedFields')
  return { ...object, metadata: { ...metadata, name: meta['name'] ?? '' } } as unknown as KubeObject
}

/** A kind whose fields are not looked into: only its metadata is. */
function decodeOpaque(json: Json): Decoded {
  const body: JsonObject = isObject(json) ? json : {}
  const meta = decode(
    { metadata: body['metadata'] ?? null },
    {
      kind: 'struct',
      name: 'v1.Object',
      fields: new Map([
        ['metadata', { name: 'metadata', type: goType('ObjectMeta'), pointer: false, always: true, retainKeys: false }],
      ]),
    },
  )
  return { ...meta, value: { ...body, ...(meta.value as JsonObject) } }
}

/** Messages of type faults name no list index; this finds the first entry that has the field, for marking it. */
function indexed(json: Json, path: string): string {
  let at: Json | undefined = json
  let found = ''
  // Embedded structs, which messages name and JSON does not, start with a capital.
  for (const step of path.split('.').filter((name) => !/^[A-Z]/.test(name))) {
    if (Array.isArray(at)) {
      const list = at as readonly Json[]
      const i: number = Math.max(
        list.findIndex((item) => isObject(item) && Object.hasOwn(item, step)),
        0,
      )
      found += `[${i}]`
      at = list[i]
    }
    found += found === '' ? step : `.${step}`
    at = isObject(at) ? at[step] : undefined
  }
  return found
}

/** Defaults of the version's Go types, as decoding applies them. */
export function applyDefaults(object: KubeObject): KubeObject {
  switch (object.kind) {
    case 'Service':
      return { ...object, spec: defaultService((object as Service).spec) }
    case 'Node':
      return { ...object, spec: asLoose(object['spec']) ?? {} }
    case 'Pod':
      return { ...object, spec: defaultPod(asLoose(object['spec']) ?? {}) }
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return defaultWorkload(object)
    case 'Endpoints':
      return defaultEndpoints(object)
    case 'EndpointSlice':
      return defaultEndpointSlice(object as EndpointSlice)
    default:
      return defaultStored(object)
  }
}

/** Defaults only, for objects taken as they are from a cluster's dump: no admission, nothing is refused. */
export function decodeStored(json: KubeObject): KubeObject {
  return applyDefaults(json)
}

/** The fault of `json` as the named Go type; undefined: it fits. For what clients check themselves. */
export function decodeFault(json: Json, typeName: string): string | undefined {
  return decode(json, goType(typeName)).typeFault
}
