import type { GoType } from '../schema/goType.ts'

/** How a field of a strategic merge patch is merged. */
export interface MergeRule {
  readonly type: GoType | undefined
  /** Lists: the key of their entries, '' for sets of plain values, undefined: replaced as a whole. */
  readonly mergeKey: string | undefined
  readonly retainKeys: boolean
}

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

/** A merge key's value as text: entries are matched and sorted by it. */
export function keyText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
