/** Character classes of YAML 1.1 as kubectl's parser has them, on UTF-16 code units. NaN stands for the end of the text. */

export function isBreak(c: number): boolean {
  return c === 10 || c === 13 || c === 0x85 || c === 0x2028 || c === 0x2029
}

export function isBlank(c: number): boolean {
  return c === 32 || c === 9
}

/** A blank, a line break or the end of the text. */
export function isBlankOrEnd(c: number): boolean {
  return c === 32 || c === 9 || c !== c || isBreak(c)
}

export function isBreakOrEnd(c: number): boolean {
  return c !== c || isBreak(c)
}

export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57
}

/** Letters, digits, `_` and `-`: what names of anchors and directives consist of. */
export function isWord(c: number): boolean {
  return isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 45
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(c: number): number {
  if (isDigit(c)) return c - 48
  if (c >= 65 && c <= 70) return c - 55
  if (c >= 97 && c <= 102) return c - 87
  return -1
}

// eslint-disable-next-line no-control-regex -- finding control characters is the point
const unprintable = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** Whether the text holds a character that YAML does not allow anywhere. */
export function hasControlCharacter(text: string): boolean {
  return unprintable.test(text)
}
