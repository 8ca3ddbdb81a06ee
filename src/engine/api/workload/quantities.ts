/** Quantities as whole numbers of nano units: what they say exactly. */

const exponents: Readonly<Record<string, number>> = {
  n: 0,
  u: 3,
  m: 6,
  '': 9,
  k: 12,
  M: 15,
  G: 18,
  T: 21,
  P: 24,
  E: 27,
}

/** Quantities come out of the decoder as text. */
export function quantityOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** A canonical quantity (`100m`, `1Gi`, `5e3`), which is a whole number of its unit. */
export function nanos(quantity: unknown): bigint {
  const match = /^(-?\d+)([a-zA-Z]*)(-?\d*)$/.exec(quantityOf(quantity))
  if (!match) return 0n
  const [, digits = '0', suffix = '', exponent = ''] = match
  const value = BigInt(digits)
  if (suffix.endsWith('i')) return value * 1024n ** BigInt(1 + 'KMGTPE'.indexOf(suffix.charAt(0))) * 1_000_000_000n
  if (exponent !== '') {
    const power = Number(exponent) + 9
    return power < 0 ? 0n : value * 10n ** BigInt(power)
  }
  return value * 10n ** BigInt(exponents[suffix] ?? 9)
}

const milli = 1_000_000n
const whole = 1_000_000_000n

/** Rounded up to a thousandth of the unit: lists of resources hold nothing finer. */
export function roundedToMilli(quantity: string): string {
  const value = nanos(quantity)
  if (value % milli === 0n) return quantity
  const up = value > 0n ? value / milli + 1n : value / milli
  return up % 1000n === 0n ? String(up / 1000n) : `${up}m`
}

/** Not a whole number of units: half a byte. */
export function isFractional(quantity: unknown): boolean {
  return quantity !== undefined && nanos(roundedToMilli(quantityOf(quantity))) % whole !== 0n
}

/** A sum or the like in canonical text; `like` decides between `1Gi` and `1G`. */
export function quantityText(value: bigint, like: string): string {
  if (value === 0n) return '0'
  if (like.endsWith('i') && value % whole === 0n) {
    let bytes = value / whole
    const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
    let unit = 0
    for (; bytes % 1024n === 0n && unit < units.length - 1; unit++) bytes /= 1024n
    return `${bytes}${units[unit] ?? ''}`
  }
  const units = Object.keys(exponents)
  let [rest, unit] = [value, 0]
  for (; rest % 1000n === 0n && unit < units.length - 1; unit++) rest /= 1000n
  return `${rest}${units[unit] ?? ''}`
}
