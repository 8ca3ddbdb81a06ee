import { flatText } from '../base/flatText.ts'

/**
 * Splits a line into words as `iptables-restore` does: blanks separate, double quotes hold words together, a backslash
 * inside quotes takes the next character literally.
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  /** What was read of a word that has quotes or backslashes in it. */
  let word: string | undefined
  let quoted = false
  let start = 0
  const { length } = line
  // Runs without quotes or blanks are taken as slices: kube-proxy writes 100,000 of these lines.
  for (let i = 0; i < length; i++) {
    const c = line.charCodeAt(i)
    if (c > 34 && c !== 92) continue
    if (quoted) {
      if (c === 34) {
        word = word === undefined ? line.slice(start, i) : word + line.slice(start, i)
        quoted = false
        start = i + 1
      } else if (c === 92 && i + 1 < length) {
        word = (word ?? '') + line.slice(start, i)
        start = i + 1
        i++
      }
    } else if (c === 34) {
      word = (word ?? '') + line.slice(start, i)
      quoted = true
      start = i + 1
    } else if (c === 32 || c === 9 || c === 10) {
      if (word !== undefined) words.push(i > start ? word + line.slice(start, i) : word)
      else if (i > start) words.push(line.slice(start, i))
      word = undefined
      start = i + 1
    }
  }
  // A word whose quotes stay open is lost, as it is there.
  if (quoted) return words
  if (start < length) words.push((word ?? '') + line.slice(start))
  else if (word !== undefined) words.push(word)
  return words
}

/** As `iptables-save` writes a string: bare when it is only letters, digits, `_` and `-`, else in double quotes. */
export function quoteWord(text: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : `"${text.replace(/(["'\\])/g, '\\$1')}"`
}

/** `text` in memory of its own: a slice of a text of 15 MB would keep all of it. */
export function copyText<T extends string>(text: T): T {
  // Up to twelve characters are copied anyway.
  return text.length <= 12 ? text : flatText((text.charAt(0) + text.slice(1)) as T)
}
