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

/** The first byte of a character by how many follow it, in UTF-8. */
const leads = [0, 0xc0, 0xe0, 0xf0]

/** `text` in UTF-8, as base64. */
export function base64OfText(text: string): string {
  const bytes: number[] = []
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else {
      const extra = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
      bytes.push((leads[extra] ?? 0) | (code >> (6 * extra)))
      for (let i = extra - 1; i >= 0; i--) bytes.push(0x80 | ((code >> (6 * i)) & 0x3f))
    }
  }
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.slice(i, i + 3)
    const digits = [a >> 2, ((a & 3) << 4) | ((b ?? 0) >> 4)]
    if (b !== undefined) digits.push(((b & 15) << 2) | ((c ?? 0) >> 6))
    if (c !== undefined) digits.push(c & 63)
    out += digits
      .map((digit) => alphabet.charAt(digit))
      .join('')
      .padEnd(4, '=')
  }
  return out
}

/** The bytes of canonical base64, each as a character. */
export function textOfBase64(base64: string): string {
  const bits = Array.from(base64.replace(/=+$/, ''), (c) => alphabet.indexOf(c).toString(2).padStart(6, '0')).join('')
  return (bits.match(/.{8}/g) ?? []).map((byte) => String.fromCharCode(parseInt(byte, 2))).join('')
}
