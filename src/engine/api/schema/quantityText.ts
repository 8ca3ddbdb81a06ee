/** A resource quantity in its canonical text, as the API server stores it. */
export type QuantityText = { readonly text: string } | { readonly problem: string }

const wrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const pattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** `1000m` is `1`, `0.5` is `500m`, `1024Mi` is `1Gi`. Source: apimachinery pkg/api/resource. */
export function parseQuantity(text: string): QuantityText {
  if (text === '') return { problem: wrong }
  const match = pattern.exec(text)
  if (!match) return { problem: wrong }
  const [, sign = '', number = '0', suffix = ''] = match
  if (suffix.endsWith('i')) return { text: sign + canonicalBinary(number, suffix) }
  const [whole = '', fraction = ''] = number.split('.')
  const exponent = /^[eE][+-]?\d/.test(suffix) ? Number(suffix.slice(1)) : (decimal.indexOf(suffix) - 3) * 3
  if (Math.abs(exponent) > 100) return { problem: "unable to parse quantity's suffix" }
  return { text: canonicalDecimal(sign, BigInt(whole + fraction || '0'), exponent - fraction.length, suffix) }
}

function canonicalDecimal(sign: string, digits: bigint, exponent: number, suffix: string): string {
  if (digits === 0n) return '0'
  let [value, power] = [digits, exponent]
  while (power < -9) {
    // Finer than nano rounds up.
    value = (value + 9n) / 10n
    power += 1
  }
  while (value % 10n === 0n) {
    value /= 10n
    power += 1
  }
  while (((power % 3) + 3) % 3 !== 0 || power > 18) {
    value *= 10n
    power -= 1
  }
  const minus = sign === '-' ? '-' : ''
  if (/^[eE]/.test(suffix) && suffix.length > 1) return `${minus}${value}${power === 0 ? '' : `e${power}`}`
  return `${minus}${value}${decimal[power / 3 + 3] ?? ''}`
}

function canonicalBinary(number: string, suffix: string): string {
  const [whole = '', fraction = ''] = number.split('.')
  let step = binary.indexOf(suffix)
  const scale = 10n ** BigInt(fraction.length)
  const bytes = BigInt(whole + fraction || '0') * 1024n ** BigInt(step)
  let value = (bytes + scale - 1n) / scale
  if (value === 0n) return '0'
  for (step = 0; step < binary.length - 1 && value % 1024n === 0n; step++) value /= 1024n
  return `${value}${binary[step] ?? ''}`
}
