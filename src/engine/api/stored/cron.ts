import { goQuote } from '../json.ts'

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const days = 'sun mon tue wed thu fri sat'.split(' ')

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const bounds: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
]

const descriptors = ['yearly', 'annually', 'monthly', 'weekly', 'daily', 'midnight', 'hourly']

/** What is wrong with a CronJob's schedule, in the words of its parser; undefined: nothing. Source: robfig/cron v3. */
export function cronFault(schedule: string): string | undefined {
  const spec = schedule.replace(/^(CRON_)?TZ=\S* */, '').trim()
  if (spec.startsWith('@every ')) return durationFault(spec)
  if (spec.startsWith('@')) {
    return descriptors.includes(spec.slice(1)) ? undefined : `unrecognized descriptor: ${spec}`
  }
  const fields = spec.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (const [i, field] of fields.entries()) {
    for (const part of field.split(',').filter((text) => text !== '')) {
      const fault = rangeFault(part, bounds[i] ?? { min: 0, max: 0 })
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

function durationFault(spec: string): string | undefined {
  const text = spec.slice(7)
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^0$/.test(text))
    return undefined
  const problem = /^\d+$/.test(text) ? 'missing unit in duration' : 'invalid duration'
  return `failed to parse duration ${spec}: time: ${problem} ${goQuote(text)}`
}

/** `a`, `a-b`, `*` and each with `/step`. */
function rangeFault(text: string, { min, max, names }: Bounds): string | undefined {
  const [range = '', stepText, ...slashes] = text.split('/')
  const [low = '', high, ...hyphens] = range.split('-')
  let [start, end, step] = [min, max, 1]
  if (low !== '*' && low !== '?') {
    const first = numberOf(low, min, names)
    if (typeof first === 'string') return first
    start = first
    end = first
    if (hyphens.length > 0) return `too many hyphens: ${text}`
    if (high !== undefined) {
      const last = numberOf(high, min, names)
      if (typeof last === 'string') return last
      end = last
    }
  }
  if (slashes.length > 0) return `too many slashes: ${text}`
  if (stepText !== undefined) {
    const every = numberOf(stepText, 0)
    if (typeof every === 'string') return every
    step = every
    if (high === undefined) end = max
  }
  if (start < min) return `beginning of range (${start}) below minimum (${min}): ${text}`
  if (end > max) return `end of range (${end}) above maximum (${max}): ${text}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined
}

function numberOf(text: string, first: number, names: readonly string[] = []): number | string {
  const named = names.indexOf(text.toLowerCase())
  if (named >= 0) return named + first
  if (!/^[-+]?\d+$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`
  }
  const value = Number(text)
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value
}
