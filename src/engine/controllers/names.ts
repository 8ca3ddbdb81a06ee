import type { Random } from '../base/random.ts'

/** No vowels and no look-alikes, so that no name spells a word. Source: apimachinery util/rand. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Digits of a hash, one by one, in the same alphabet. Source: apimachinery util/rand SafeEncodeString. */
export function safeEncode(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += safeAlphabet.charAt(text.charCodeAt(i) % safeAlphabet.length)
  return encoded
}

/**
 * `base` and 5 random characters, as the API server makes them for `generateName`; `taken` says which names are used.
 * Source: apiserver storage/names.
 */
export function generateName(base: string, random: Random, taken: (name: string) => boolean): string {
  for (;;) {
    let suffix = ''
    for (let i = 0; i < 5; i++) suffix += safeAlphabet.charAt(random.below(safeAlphabet.length))
    const name = `${base.slice(0, 58)}${suffix}`
    if (!taken(name)) return name
  }
}

/** JSON with sorted keys: equal for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
