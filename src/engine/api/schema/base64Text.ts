const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Base64 as Go's `encoding/base64` reads it, in its canonical form: line breaks gone, unused bits 0. The byte that a
 * fault names is the bad one, or the first of an unfinished group of four.
 */
export function readBase64(text: string): { readonly text: string } | { readonly problem: string } {
  const corrupt = (at: number): { readonly problem: string } => ({ problem: `illegal base64 data at input byte ${at}` })
  const isBreak = (i: number): boolean => text[i] === '\n' || text[i] === '\r'
  let canonical = ''
  let group: number[] = []
  let i = 0
  for (; i < text.length; i++) {
    if (isBreak(i)) continue
    const c = text.charAt(i)
    const value = alphabet.indexOf(c)
    if (value >= 0) {
      group.push(value)
      if (group.length < 4) continue
      canonical += group.map((digit) => alphabet.charAt(digit)).join('')
      group = []
      continue
    }
    if (c !== '=' || group.length < 2) return corrupt(i)
    let end = i + 1
    const skip = (): void => {
      while (isBreak(end)) end++
    }
    if (group.length === 2) {
      skip()
      if (end >= text.length) return corrupt(text.length)
      if (text[end] !== '=') return corrupt(end - 1)
      end++
    }
    skip()
    if (end < text.length) return corrupt(end)
    return { text: canonical + padded(group) }
  }
  return group.length === 0 ? { text: canonical } : corrupt(text.length - group.length)
}

function padded(group: readonly number[]): string {
  const [first = 0, second = 0, third = 0] = group
  const digits = group.length === 2 ? [first, second & 0x30] : [first, second, third & 0x3c]
  return `${digits.map((digit) => alphabet.charAt(digit)).join('')}${'='.repeat(4 - digits.length)}`
}
