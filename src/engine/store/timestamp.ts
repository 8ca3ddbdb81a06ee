import type { SimTime } from '../base/time.ts'

/** Virtual time 0 as the cluster's wall clock: 2026-01-05T08:00:00Z, a Monday morning. */
const epoch = Date.UTC(2026, 0, 5, 8, 0, 0)

/** `metadata.creationTimestamp` and its like: RFC 3339 in whole seconds. */
export function formatTimestamp(now: SimTime): string {
  const second = Math.floor(now / 1000)
  const known = texts.get(second)
  if (known !== undefined) return known
  const text = `${new Date(epoch + second * 1000).toISOString().slice(0, 19)}Z`
  if (texts.size >= 64) texts.clear()
  texts.set(second, text)
  return text
}

/** `eventTime` and its like: RFC 3339 with microseconds. */
export function formatMicroTime(now: SimTime): string {
  const fraction = String(Math.floor((now % 1000) * 1000)).padStart(6, '0')
  return `${formatTimestamp(now).slice(0, -1)}.${fraction}Z`
}

/** Thousands of objects are stamped in the same few seconds. */
const texts = new Map<number, string>()

/** The virtual time of an RFC 3339 timestamp; undefined when there is none or it is not one. Negative before the start. */
export function parseTimestamp(text: string | undefined): SimTime | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time - epoch
}

/** Virtual time as seconds since 1970, whole. */
export function unixSeconds(now: SimTime): number {
  return Math.floor((epoch + now) / 1000)
}
