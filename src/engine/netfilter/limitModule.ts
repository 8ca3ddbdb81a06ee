import { parseU32 } from './numbers.ts'
import type { ModuleDraft } from './moduleDraft.ts'

const UNITS: Readonly<Record<string, string>> = { s: 'sec', m: 'min', h: 'hour', d: 'day' }

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `-m limit`. Source: iptables 1.8.9, libxt_limit.c. */
export function limitModule(): ModuleDraft {
  let rate = '3/hour'
  let burst = 5
  return {
    name: 'limit',
    arity: (option) => (option === '--limit' || option === '--limit-burst' ? 1 : undefined),
    set: (option, [text = '']) => {
      if (option === '--limit-burst') {
        burst = parseU32(text) ?? 0
        // 0 counts as not given.
        if (parseU32(text) === 0) burst = 5
        return burst > 0 && burst <= 10000
          ? undefined
          : 'limit: bad value for option "--limit-burst", or out of range (0-10000).\n'
      }
      const parts = /^(\d+)(?:\/(s(?:ec(?:ond)?)?|m(?:in(?:ute)?)?|h(?:our)?|d(?:ay)?))?$/.exec(text)
      if (!parts || Number(parts[1]) === 0) return `bad rate "${text}"'`
      // The kernel counts in parts of 0.1 ms.
      if (Number(parts[1]) > 10_000 * (SECONDS[parts[2]?.charAt(0) ?? 's'] ?? 1)) return `Rate too fast "${text}"`
      rate = `${Number(parts[1])}/${UNITS[parts[2]?.charAt(0) ?? 's'] ?? 'sec'}`
      return undefined
    },
    finish: () => [{ type: 'limit', rate, burst }],
  }
}
