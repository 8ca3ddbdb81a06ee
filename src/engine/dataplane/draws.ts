import type { Chance } from '../conntrack/hookContext.ts'

/** One answer of chance, with what was asked. */
export type Draw =
  | { readonly type: 'roll'; readonly probability: number; readonly roll: number; readonly won: boolean }
  | { readonly type: 'pick'; readonly n: number; readonly value: number }
  | { readonly type: 'port'; readonly from: number; readonly to: number; readonly value: number }

/** What was asked, and which of its ways was taken. The value of a port changes no way. */
export function wayOf(draw: Draw): number {
  if (draw.type === 'roll') return draw.won ? 0 : 1
  return draw.type === 'pick' ? draw.value : 0
}

export function sameQuestion(a: Draw, b: Draw): boolean {
  if (a.type === 'roll') return b.type === 'roll' && a.probability === b.probability
  if (a.type === 'pick') return b.type === 'pick' && a.n === b.n
  return b.type === 'port' && a.from === b.from && a.to === b.to
}

/** Asks `chance` the question of `draw` anew. */
export function drawAgain(draw: Draw, chance: Chance): Draw {
  switch (draw.type) {
    case 'roll':
      return rolled(draw.probability, chance)
    case 'pick':
      return { type: 'pick', n: draw.n, value: chance.pick(draw.n, 'again') }
    case 'port':
      return { type: 'port', from: draw.from, to: draw.to, value: chance.port(draw.from, draw.to) }
    default:
      return draw satisfies never
  }
}

function rolled(probability: number, chance: Chance): Draw & { readonly type: 'roll' } {
  const { roll, won } = chance.roll(probability)
  return { type: 'roll', probability, roll, won }
}

/** Gives out `drawn` first, in order, then asks `chance`; notes every answer in `draws`. */
export function recordingChance(chance: Chance, drawn: readonly Draw[], draws: Draw[]): Chance {
  const note = <D extends Draw>(draw: D): D => {
    draws.push(draw)
    return draw
  }
  return {
    ...(chance.explores && { explores: true }),
    roll: (probability) => {
      const known = drawn[draws.length]
      if (known?.type === 'roll') return note(known)
      return note(rolled(probability, chance))
    },
    pick: (n, why) => {
      const known = drawn[draws.length]
      return known?.type === 'pick' ? note(known).value : note({ type: 'pick', n, value: chance.pick(n, why) }).value
    },
    port: (from, to) => {
      const known = drawn[draws.length]
      if (known?.type === 'port') return note(known).value
      return note({ type: 'port', from, to, value: chance.port(from, to) }).value
    },
  }
}
