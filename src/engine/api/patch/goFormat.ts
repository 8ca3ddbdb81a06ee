import { isList, isObject, sortedKeys } from '../json.ts'

/** A JSON value as Go prints it with `%v`: `map[spec:map[foo:bar]]`. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (isList(value)) return `[${value.map(goFormat).join(' ')}]`
  if (isObject(value)) {
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${goFormat(value[key])}`)
      .join(' ')}]`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
