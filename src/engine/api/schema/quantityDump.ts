const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const most = 2n ** 63n - 1n

type Format = 'DecimalSI' | 'DecimalExponent' | 'BinarySI'

/**
 * The inside of Go's resource.Quantity after it has read `text`, as spew prints it. Small numbers are an int64 with a scale,
 * others an infDec; the text itself is kept when it is canonical beyond doubt. Source: apimachinery api/resource ParseQuantity.
 */
export function dumpQuantity(text: string): string {
  if (text === '0') return small(0n, 0, text, 'DecimalSI')
  const [, sign = '', whole = '', fraction = '', suffix = ''] = pattern.exec(text) ?? []
  // Leading zeros and trailing zeros of a fraction do not count.
  const num = whole.replace(/^0+(?=\d)/, '') || '0'
  const negative = sign === '-'
  const { exponent, format } = unitOf(suffix)
  const base = format === 'BinarySI' ? 2n ** BigInt(exponent) : 1n
  const precision =
    format !== 'BinarySI'
      ? 18 - num.length - fraction.length
      : fraction === ''
        ? 15 - num.length - Math.trunc(Math.fround(exponent * 3) / 10) - 1
        : -1
  const scale = (format === 'BinarySI' ? 0 : exponent) - fraction.length
  const shifted = num + fraction
  const value = BigInt(shifted)
  if (precision >= 0 && scale >= -9 && value * base <= most) {
    const amount = negative ? -value * base : value * base
    const canonical =
      format === 'BinarySI'
        ? exponent % 10 === 0 && (value & 7n) !== 0n
        : scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
    return small(amount, scale, canonical ? text : '', format)
  }
  return large(value * base, format === 'BinarySI' ? fraction.length : -scale, negative, format)
}

function unitOf(suffix: string): { readonly exponent: number; readonly format: Format } {
  if (/^[eE][+-]?\d/.test(suffix)) return { exponent: Number(suffix.slice(1)), format: 'DecimalExponent' }
  if (suffix.endsWith('i')) return { exponent: binary.indexOf(suffix) * 10, format: 'BinarySI' }
  return { exponent: (decimal.indexOf(suffix) - 3) * 3, format: 'DecimalSI' }
}

function small(value: bigint, scale: number, text: string, format: Format): string {
  return printed(value, scale, '<nil>', text, format)
}

/** Rounded up to nano, 2^63-1 at most. */
function large(unscaled: bigint, scale: number, negative: boolean, asked: Format): string {
  const places = scale > 9 ? 10n ** BigInt(scale - 9) : 1n
  let value = scale > 9 ? (unscaled + places - 1n) / places : unscaled * 10n ** BigInt(9 - scale)
  let finalScale = 9
  if (asked === 'BinarySI' && value > most * 10n ** 9n) [value, finalScale] = [most, 0]
  const format = asked === 'BinarySI' && value < 10n ** 9n && value > 0n ? 'DecimalSI' : asked
  const words: string[] = []
  for (let rest = value; rest > 0n; rest >>= 64n) words.push(String(rest & (2n ** 64n - 1n)))
  const abs = words.length === 0 ? '<nil>' : `[${words.join(' ')}]`
  const integer = `{neg:(bool)${negative} abs:(big.nat)${abs}}`
  return printed(0n, 0, `{unscaled:(big.Int)${integer} scale:(inf.Scale)${finalScale}}`, '', format)
}

function printed(value: bigint, scale: number, dec: string, text: string, format: Format): string {
  const amount = `{value:(int64)${value} scale:(resource.Scale)${scale}}`
  return `{i:(resource.int64Amount)${amount} d:(resource.infDecAmount){Dec:(*inf.Dec)${dec}} s:(string)${text} Format:(resource.Format)${format}}`
}
