import type { SocketAddress } from '../engine/index.ts'

/** `10.98.98.98:80`, `[fd00::1]:80`; without the port where the protocol has none. */
export function formatAddress({ ip, port }: SocketAddress): string {
  if (port === 0) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

const VULGAR: ReadonlyMap<string, string> = new Map([
  ['1/2', '½'],
  ['1/3', '⅓'],
  ['1/4', '¼'],
  ['1/5', '⅕'],
  ['1/6', '⅙'],
  ['1/8', '⅛'],
  ['2/3', '⅔'],
  ['3/4', '¾'],
  ['2/5', '⅖'],
])

/** A chance as a reader says it: `⅓`, `1/7`, `1`, else per cent. */
export function formatChance(probability: number): string {
  if (probability >= 1 - 1e-6) return '1'
  for (let n = 2; n <= 1000; n += 1) {
    if (Math.abs(probability - 1 / n) < 1e-6) return VULGAR.get(`1/${n}`) ?? `1/${n}`
  }
  for (let n = 3; n <= 12; n += 1) {
    const k = Math.round(probability * n)
    if (k > 0 && Math.abs(probability - k / n) < 1e-6) return VULGAR.get(`${k}/${n}`) ?? `${k}/${n}`
  }
  return `${(probability * 100).toFixed(1)} %`
}

/** `0x4000`; `0x0` for none. */
export function formatMark(mark: number): string {
  return `0x${mark.toString(16)}`
}

/** Milliseconds since the request began: `0.02 ms`, `1.40 s`. */
export function formatElapsed(ms: number): string {
  if (ms < 1000) return `${ms.toFixed(2)} ms`
  return `${(ms / 1000).toFixed(2)} s`
}

/** The cluster's age: `12.340 s`, `3 min 05 s`, `2 h 00 min`. */
export function formatClock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${(ms / 1000).toFixed(3)} s`
  const two = (n: number): string => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}

/** `7 rules`, `1 rule`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}
