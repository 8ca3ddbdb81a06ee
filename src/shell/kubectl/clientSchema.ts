import { isObject } from '../../engine/index.ts'
import type { GoType, Json, JsonObject, Kind } from '../../engine/index.ts'

/**
 * What kubectl itself holds against an object that it does not send as it stands: the items of a `kind: List`, by the
 * server's OpenAPI document. Source: kube-openapi pkg/util/proto/validation. Differs: only kinds of the groups below.
 */
const groups: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core.v1',
  apps: 'io.k8s.api.apps.v1',
  'discovery.k8s.io': 'io.k8s.api.discovery.v1',
}

const metaTypes = /^(ObjectMeta|OwnerReference|ManagedFieldsEntry|LabelSelector\w*|Condition)$/
const ownTypes: Readonly<Record<string, RegExp>> = {
  apps: /^(Deployment|ReplicaSet|StatefulSet|DaemonSet|RollingUpdate|ControllerRevision)/,
  'discovery.k8s.io': /^(Endpoint|For(Zone|Node)$)/,
}

/** Go prints these even when empty, and still they may be left out. */
const optional = new Set(
  `metadata spec status updateStrategy strategy resources lastState state loadBalancer divisor apiGroup
  ReplicaSetSpec.template PodTemplate.template StatefulSetSpec.serviceName GRPCAction.service EndpointSlice.ports
  Endpoint.conditions ProjectedVolumeSource.sources StatefulSetOrdinals.start`.split(/\s+/),
)

/** The other way round. */
const needed = new Set(['EndpointPort.port', 'ContainerRestartRule.action', 'ContainerRestartRuleOnExitCodes.operator'])

/** Types that have a definition of their own, though they are texts or numbers. */
const defined: Readonly<Record<string, string>> = {
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
}

type Struct = GoType & { readonly kind: 'struct' }

const primitives: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int32: 'integer',
  int64: 'integer',
  float64: 'number',
}

function wordOf(json: Json): string {
  if (Array.isArray(json)) return 'array'
  if (typeof json === 'number') return Number.isInteger(json) ? 'integer' : 'number'
  return typeof json === 'object' ? 'map' : typeof json
}

/** The faults of `object`, a manifest of `kind`. */
export function clientFaults(object: JsonObject, kind: Kind): readonly string[] {
  const own = groups[kind.group]
  if (own === undefined || kind.type?.kind !== 'struct') return []
  const faults: string[] = []
  const nameOf = (type: Struct): string => {
    const name = type.name.slice(type.name.indexOf('.') + 1)
    if (metaTypes.test(name)) return `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`
    const isOwn = kind.group === '' || ownTypes[kind.group]?.test(name)
    return `${isOwn ? own : 'io.k8s.api.core.v1'}.${name}`
  }
  const add = (path: string, fault: string): number => faults.push(`ValidationError(${path}): ${fault}`)

  /** `schema`: the place in the document that messages name. */
  const visit = (json: Json, type: GoType, path: string, schema: string): void => {
    const got = wordOf(json)
    const wrong = (expected: string): number =>
      add(
        path,
        `invalid type for ${defined[type.kind] ?? schema}: got ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`,
      )
    switch (type.kind) {
      case 'any':
        return
      case 'struct':
        if (isObject(json)) visitStruct(json, type, path)
        else add(path, `invalid type for ${nameOf(type)}: got ${JSON.stringify(got)}, expected "map"`)
        return
      case 'map':
        if (!isObject(json)) wrong('map')
        else {
          for (const key of Object.keys(json).sort()) {
            const item = json[key] ?? null
            if (item === null) faults.push(`unknown object type "nil" in ${path}.${key}`)
            else visit(item, type.element, `${path}.${key}`, schema)
          }
        }
        return
      case 'list':
        if (!Array.isArray(json)) wrong('array')
        else {
          ;(json as readonly Json[]).forEach((item, i) => {
            const at = `${path}[${i}]`
            if (item === null) add(path, `unknown object type "nil" in ${at}`)
            else visit(item, type.element, at, schema)
          })
        }
        return
      case 'bool':
      case 'int32':
      case 'int64':
      case 'float64':
      case 'string':
      case 'bytes':
      case 'intOrString':
      case 'quantity':
      case 'time': {
        const expected = primitives[type.kind] ?? 'string'
        const isNumber = got === 'integer' || got === 'number'
        const fits = expected === 'boolean' ? got === 'boolean' : expected === 'string' || isNumber
        if (got === 'map' || got === 'array' || !fits) wrong(expected)
      }
    }
  }

  const visitStruct = (json: JsonObject, type: Struct, path: string): void => {
    const name = nameOf(type)
    for (const key of Object.keys(json).sort()) {
      const value = json[key] ?? null
      if (value === null) continue
      const field = type.fields.get(key)
      if (field) visit(value, field.type, `${path}.${key}`, `${name}.${key}`)
      else add(path, `unknown field ${JSON.stringify(key)} in ${name}`)
    }
    const short = name.slice(name.lastIndexOf('.') + 1)
    for (const field of type.fields.values()) {
      const own = `${short}.${field.name}`
      const isRequired =
        (field.always && !optional.has(field.name) && !optional.has(own)) ||
        (needed.has(own) && kind.group !== 'discovery.k8s.io')
      if (isRequired && (json[field.name] ?? null) === null) {
        add(path, `missing required field ${JSON.stringify(field.name)} in ${name}`)
      }
    }
  }
  visitStruct(object, kind.type, kind.kind)
  return faults
}
