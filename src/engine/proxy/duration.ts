const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  '\u00b5s': 1e-6,
  '\u03bcs': 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
}

/** The longest duration that Go holds: 2^63 ns. */
const LONGEST = 2 ** 63 * 1e-9

/** Seconds of a Go duration (`1h2m3.5s`, `250ms`, `0`); NaN when it is none, 0 when absent. */
export function durationSeconds(value: unknown): number {
  if (value === undefined || value === null) return 0
  const parsed = typeof value === 'string' ? parseDuration(value) : 'not a text'
  return typeof parsed === 'number' ? parsed : NaN
}

/** What Go says about a text that is no duration; nothing when it is one. Source: time.ParseDuration. */
export function durationFault(text: string): string | undefined {
  const parsed = parseDuration(text)
  return typeof parsed === 'string' ? `time: ${parsed} ${quoted(text)}` : undefined
}

/** Seconds, or the fault without the text. */
function parseDuration(text: string): number | string {
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0
  if (rest === '') return 'invalid duration'
  let seconds = 0
  while (rest !== '') {
    const amount = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (amount === undefined) return 'invalid duration'
    rest = rest.slice(amount.length)
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? ''
    if (unit === '') return 'missing unit in duration'
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
    if (size === undefined) return `unknown unit ${quoted(unit)} in duration`
    rest = rest.slice(unit.length)
    seconds += Number(amount) * size
    if (seconds > LONGEST) return 'invalid duration'
  }
  return text.startsWith('-') ? -seconds : seconds
}

/** As the package time quotes: bytes outside of printable ASCII in hexadecimal. */
function quoted(text: string): string {
  const bytes = [...new Set(text)].some((c) => c > '~' || c < ' ') ? utf8(text) : undefined
  if (bytes === undefined) return `"${text.replace(/["\\]/g, '\\$&')}"`
  return `"${bytes.map((byte) => (byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte).replace(/["\\]/, '\\$&'))).join('')}"`
}

function utf8(text: string): number[] {
  return encodeURIComponent(text)
    .split(/(%..)/)
    .flatMap((part) =>
      part.startsWith('%') ? [parseInt(part.slice(1), 16)] : Array.from(part, (c) => c.charCodeAt(0)),
    )
}

/** As Go prints it: `1m30s`, `250ms`, `0s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0) return `-${formatDuration(-seconds)}`
  if (seconds === 0) return '0s'
  if (seconds < 1e-3) return `${trim(seconds * 1e6)}µs`
  if (seconds < 1) return `${trim(seconds * 1e3)}ms`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${trim(seconds % 60)}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)))
}
