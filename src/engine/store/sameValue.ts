/** Whether two JSON values are equal. Key order does not matter; a key with value undefined counts as absent. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, i) => sameValue(item, b[i]))
  }
  const [x, y] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>]
  for (const key of Object.keys(x)) if (!sameValue(x[key], y[key])) return false
  for (const key of Object.keys(y)) if (y[key] !== undefined && x[key] === undefined) return false
  return true
}
