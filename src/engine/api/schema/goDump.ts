import type { GoField, GoType } from './goType.ts'
import { goFieldName } from './goFieldName.ts'
import { dumpQuantity } from './quantityDump.ts'

/**
 * `value`, an object as JSON, as Go's spew package prints the struct that it is decoded into, types and empty fields
 * included: the text over which controllers hash. Source: apimachinery pkg/util/dump ForHash, go-spew format.go.
 */
export function goDump(value: unknown, type: GoType): string {
  return `(${type.name})${dumpValue(value, type)}`
}

type Loose = Readonly<Record<string, unknown>>

/** Of a struct that is not there. */
const nothing: Loose = {}

const emptyTime = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'

function dumpValue(value: unknown, type: GoType): string {
  switch (type.kind) {
    case 'string':
      return typeof value === 'string' ? value : ''
    case 'bool':
      return value === true ? 'true' : 'false'
    case 'int32':
    case 'int64':
    case 'float64':
      return typeof value === 'number' ? String(value) : '0'
    case 'intOrString': {
      const text = typeof value === 'string'
      const number = typeof value === 'number' ? value : 0
      return `{Type:(intstr.Type)${text ? 1 : 0} IntVal:(int32)${number} StrVal:(string)${text ? value : ''}}`
    }
    case 'quantity':
      return dumpQuantity(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '0')
    case 'list': {
      const items = Array.isArray(value) ? (value as readonly unknown[]) : []
      return items.length === 0 ? '<nil>' : `[${items.map((item) => dumpValue(item, type.element)).join(' ')}]`
    }
    case 'map': {
      const entries = Object.entries((value ?? nothing) as Loose).sort(([a], [b]) => (a < b ? -1 : 1))
      if (entries.length === 0) return '<nil>'
      return `map[${entries.map(([key, item]) => `${key}:${dumpValue(item, type.element)}`).join(' ')}]`
    }
    case 'struct':
      return dumpStruct((value ?? nothing) as Loose, type)
    // Nothing that is hashed holds these.
    case 'time':
      return emptyTime
    case 'bytes':
    case 'any':
      return '<nil>'
  }
}

function dumpStruct(value: Loose, { name, fields }: GoType & { readonly kind: 'struct' }): string {
  const parts: string[] = []
  let group: string[] = []
  let embedded: string | undefined
  const close = (): void => {
    if (embedded !== undefined) parts.push(`${embedded}:(v1.${embedded}){${group.join(' ')}}`)
    group = []
    embedded = undefined
  }
  for (const field of fields.values()) {
    // Fields of one embedded struct stand together.
    if (embedded !== field.embedded) close()
    embedded = field.embedded
    const owner = embedded === undefined ? name : `v1.${embedded}`
    const text = `${goFieldName(owner, field.name)}:${dumpField(value[field.name], field)}`
    if (embedded === undefined) parts.push(text)
    else group.push(text)
  }
  close()
  return `{${parts.join(' ')}}`
}

function dumpField(value: unknown, { pointer, type }: GoField): string {
  if (!pointer) return `(${type.name})${dumpValue(value, type)}`
  return `(*${type.name})${value === undefined || value === null ? '<nil>' : dumpValue(value, type)}`
}
