/**
 * Splits a line into words as `iptables-restore` does: blanks separate, double quotes hold words together, a backslash
 * inside quotes takes the next character literally.
 */
export function splitWords(line: string): string[] {
  if (!line.includes('"')) {
    const plain = line.split(' ')
    return plain.includes('') || line.includes('\t') || line.includes('\n') ? line.trim().split(/\s+/) : plain
  }
  const words: string[] = []
  let word: string | undefined
  let quoted = false
  let start = 0
  // Runs without quotes or blanks are taken as slices: kube-proxy writes 100,000 of these lines.
  for (let i = 0; i <= line.length; i++) {
    const c = i < line.length ? line.charCodeAt(i) : quoted ? -1 : 32
    if (quoted) {
      if (c === 34 || c === -1) {
        word = (word ?? '') + line.slice(start, i)
        quoted = false
        start = i + 1
      } else if (c === 92 && i + 1 < line.length) {
        word = (word ?? '') + line.slice(start, i)
        start = i + 1
        i++
      }
    } else if (c === 34) {
      word = (word ?? '') + line.slice(start, i)
      quoted = true
      start = i + 1
    } else if (c === 32 || c === 9 || c === 10) {
      if (i > start || word !== undefined) words.push((word ?? '') + line.slice(start, i))
      word = undefined
      start = i + 1
    }
  }
  return words
}

/** As `iptables-save` writes a string: bare when it is only letters, digits, `_` and `-`, else in double quotes. */
export function quoteWord(text: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : `"${text.replace(/(["'\\])/g, '\\$1')}"`
}

/** `text` in memory of its own: a slice of a text of 15 MB would keep all of it. */
export function copyText(text: string): string {
  // Up to twelve characters are copied anyway.
  return text.length <= 12 ? text : ` ${text}`.slice(1)
}
