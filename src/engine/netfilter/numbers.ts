const MAX_U32 = 0xffffffff

/** An unsigned 32-bit number in decimal, `0x` hex or `0` octal. */
export function parseU32(text: string): number | undefined {
  const value = /^0[0-7]+$/.test(text) ? parseInt(text, 8) : /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : NaN
  return value <= MAX_U32 ? value : undefined
}

/** `value` or `value/mask`; the mask defaults to all ones. */
export function parseMark(text: string): { value: number; mask: number } | undefined {
  const slash = text.indexOf('/')
  const value = parseU32(slash < 0 ? text : text.slice(0, slash))
  const mask = slash < 0 ? MAX_U32 : parseU32(text.slice(slash + 1))
  return value === undefined || mask === undefined ? undefined : { value, mask }
}
