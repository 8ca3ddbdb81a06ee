import { isObject, plainJson } from '../json.ts'
import type { Json } from '../json.ts'
import type { GoType } from '../schema/goType.ts'

/** How a field of a strategic merge patch is merged. */
export interface MergeRule {
  readonly type: GoType | undefined
  /** Lists: the key of their entries, '' for sets of plain values, undefined: replaced as a whole. */
  readonly mergeKey: string | undefined
  readonly retainKeys: boolean
}

/** Directives that stand beside a list in a patch, before its name. */
export const orderPrefix = '$setElementOrder/'
export const removePrefix = '$deleteFromPrimitiveList/'

/** The rule for `key` within `type`. A kind without types merges maps and replaces lists. */
export function mergeRule(type: GoType | undefined, key: string): MergeRule {
  if (type?.kind === 'struct') {
    const field = type.fields.get(key)
    return { type: field?.type, mergeKey: field?.mergeKey, retainKeys: field?.retainKeys ?? false }
  }
  return { type: type?.kind === 'map' ? type.element : undefined, mergeKey: undefined, retainKeys: false }
}

/** The type of a list's entries. */
export function elementOf(type: GoType | undefined): GoType | undefined {
  return type?.kind === 'list' ? type.element : undefined
}

/** A value as Go's `%v` prints it: entries are paired up and sorted by it. */
export function keyText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What an entry of a list is known by: its merge key's value, or itself. */
export function identity(entry: Json, mergeKey: string): string {
  return isObject(entry) && mergeKey !== '' ? plainJson(entry[mergeKey]) : plainJson(entry)
}

/** The first place of each entry. */
function places(list: readonly Json[], mergeKey: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  list.forEach((entry, i) => {
    const name = identity(entry, mergeKey)
    if (!found.has(name)) found.set(name, i)
  })
  return found
}

/** `list` in the order in which `order` names its entries; what it does not name stays where it is, deletions come last. */
export function sortedBy(list: readonly Json[], order: readonly Json[], mergeKey: string): readonly Json[] {
  const at = places(order, mergeKey)
  const isDeletion = (entry: Json): boolean => isObject(entry) && entry['$patch'] === 'delete'
  const kept = list.filter((entry) => !isDeletion(entry))
  const sorted = kept.sort((a, b) => {
    const [i, j] = [at.get(identity(a, mergeKey)), at.get(identity(b, mergeKey))]
    return i === undefined || j === undefined ? 0 : i - j
  })
  return [...sorted, ...list.filter(isDeletion)]
}

/** Entries that `order` names in its order, the others in the server's, the two merged by the server's order. */
export function ordered(
  merged: readonly Json[],
  order: readonly Json[],
  server: readonly Json[],
  mergeKey: string,
): readonly Json[] {
  const [wanted, held] = [places(order, mergeKey), places(server, mergeKey)]
  const isNamed = (entry: Json): boolean => wanted.has(identity(entry, mergeKey))
  const mine = sortedBy(merged.filter(isNamed), order, mergeKey)
  const others = sortedBy(
    merged.filter((entry) => !isNamed(entry)),
    server,
    mergeKey,
  )
  const result: Json[] = []
  let [i, j] = [0, 0]
  while (i < others.length || j < mine.length) {
    const [other, own] = [others[i], mine[j]]
    const left = other === undefined ? undefined : held.get(identity(other, mergeKey))
    const right = own === undefined ? undefined : held.get(identity(own, mergeKey))
    const isEarlier = left !== undefined && right !== undefined && left < right
    if (other !== undefined && (own === undefined || isEarlier)) {
      result.push(other)
      i++
    } else if (own !== undefined) {
      result.push(own)
      j++
    }
  }
  return result
}
