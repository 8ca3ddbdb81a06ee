const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** Seconds of a Go duration (`1h2m3.5s`, `250ms`, `0`); NaN when it is none, 0 when absent. */
export function durationSeconds(value: unknown): number {
  if (value === undefined || value === null) return 0
  if (value === '0') return 0
  if (typeof value !== 'string' || !/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(value)) return NaN
  let seconds = 0
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    seconds += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  }
  return value.startsWith('-') ? -seconds : seconds
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
