/**
 * The Go types behind the API, as far as a client can see them: which fields there are, what they hold, and the type
 * names that stand in the API server's messages.
 */
export type GoType =
  | { readonly kind: 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes'; readonly name: string }
  /** Types that read their JSON on their own. `any` takes everything. */
  | { readonly kind: 'intOrString' | 'quantity' | 'time' | 'any'; readonly name: string }
  | { readonly kind: 'list' | 'map'; readonly name: string; readonly element: GoType }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: ReadonlyMap<string, GoField> }

export interface GoField {
  readonly name: string
  /** The embedded struct that it comes from, which messages name though JSON does not: `ProbeHandler`. */
  readonly embedded?: string
  readonly type: GoType
  /** A pointer: absent and zero differ. */
  readonly pointer: boolean
  /** Printed even when zero (no `omitempty`). */
  readonly always: boolean
  /** Strategic merge: the key by which list entries are matched; '' for lists of plain values that merge as sets. */
  readonly mergeKey?: string
  /** Strategic merge: a change lists the keys to keep, others go (unions such as `strategy`). */
  readonly retainKeys: boolean
}

/**
 * Types as text, one struct a key: fields `name:type` in Go's order, separated by blanks. `*T` is a pointer, a final
 * `!` has no `omitempty`, `{key}` is the merge key, `+` after the type means retainKeys, and `name@Common` stands in the
 * embedded struct `Common`.
 */
export type TypeTable = Readonly<Record<string, string>>

const basics: Readonly<Record<string, GoType>> = {
  string: { kind: 'string', name: 'string' },
  bool: { kind: 'bool', name: 'bool' },
  int32: { kind: 'int32', name: 'int32' },
  int64: { kind: 'int64', name: 'int64' },
  float64: { kind: 'float64', name: 'float64' },
  '[]byte': { kind: 'bytes', name: '[]uint8' },
  IntOrString: { kind: 'intOrString', name: 'intstr.IntOrString' },
  UID: { kind: 'string', name: 'types.UID' },
  Quantity: { kind: 'quantity', name: 'resource.Quantity' },
  Time: { kind: 'time', name: 'v1.Time' },
  MicroTime: { kind: 'time', name: 'v1.MicroTime' },
  any: { kind: 'any', name: 'interface {}' },
}

/** Go has the same name in two packages here; the tables tell them apart. */
const goNames: Readonly<Record<string, string>> = {
  EndpointsPort: 'v1.EndpointPort',
  AutoscalingV2HorizontalPodAutoscaler: 'v2.HorizontalPodAutoscaler',
  AutoscalingV2HorizontalPodAutoscalerSpec: 'v2.HorizontalPodAutoscalerSpec',
  AutoscalingV2CrossVersionObjectReference: 'v2.CrossVersionObjectReference',
  AutoscalingV2HorizontalPodAutoscalerStatus: 'v2.HorizontalPodAutoscalerStatus',
}

/** Looks types up by name, building each when it is first asked for. Names that no table has are kinds of string. */
export function createTypes(tables: readonly TypeTable[]): (name: string) => GoType {
  const texts = new Map(tables.flatMap((table) => Object.entries(table)))
  const built = new Map<string, GoType>()

  const typeOf = (text: string): GoType => {
    const known = built.get(text)
    if (known) return known
    const basic = Object.hasOwn(basics, text) ? basics[text] : undefined
    if (basic) return basic
    if (text === 'ResourceList') return { kind: 'map', name: 'v1.ResourceList', element: typeOf('Quantity') }
    if (text.startsWith('[]')) {
      const element = typeOf(text.slice(2))
      return { kind: 'list', name: `[]${element.name}`, element }
    }
    if (text.startsWith('map[string]')) {
      const element = typeOf(text.slice(11))
      return { kind: 'map', name: `map[string]${element.name}`, element }
    }
    const fields = texts.get(text)
    if (fields === undefined) return { kind: 'string', name: `v1.${text}` }
    const map = new Map<string, GoField>()
    // Known before its fields are read: types may hold themselves.
    const struct: GoType = { kind: 'struct', name: goNames[text] ?? `v1.${text}`, fields: map }
    built.set(text, struct)
    for (const field of fields.split(/\s+/).filter((word) => word !== '')) {
      const parsed = parseField(field, typeOf)
      map.set(parsed.name, parsed)
    }
    return struct
  }
  return typeOf
}

function parseField(text: string, typeOf: (text: string) => GoType): GoField {
  const match = /^([\w$]+)(?:@([\w.]+))?:(\*?)([\w[\]]+)(?:\{(\w*)\})?(\+?)(!?)$/.exec(text)
  const [, name = text, embedded, pointer, type = 'any', mergeKey, retain, always] = match ?? []
  return {
    name,
    ...(embedded === undefined ? {} : { embedded }),
    type: typeOf(type),
    pointer: pointer === '*',
    always: always === '!',
    ...(mergeKey === undefined ? {} : { mergeKey }),
    retainKeys: retain === '+',
  }
}
