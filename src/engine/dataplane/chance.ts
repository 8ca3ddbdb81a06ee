import type { Chance } from '../conntrack/hookContext.ts'
import type { Random } from '../base/random.ts'

/** Chance from a seeded stream. */
export function createChance(random: Random): Chance {
  return {
    roll: (probability) => {
      const roll = random.next()
      return { roll, won: roll < probability }
    },
    pick: (n) => random.below(n),
    port: (from, to) => from + random.below(to - from + 1),
  }
}
