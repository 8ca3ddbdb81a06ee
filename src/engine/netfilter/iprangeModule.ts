import { ipOrUndefined } from '../base/ip.ts'
import type { IpRange } from './rule.ts'
import type { ModuleDraft } from './moduleDraft.ts'

/** `-m iprange`. Source: iptables 1.8.9, libxt_iprange.c. */
export function iprangeModule(): ModuleDraft {
  const sides: { source?: IpRange; destination?: IpRange } = {}
  return {
    name: 'iprange',
    arity: (option) => (option === '--src-range' || option === '--dst-range' ? 1 : undefined),
    set: (option, [text = ''], negate) => {
      const side = option === '--src-range' ? 'source' : 'destination'
      if (sides[side]) return `iprange: option "${option}" can only be used once.\n`
      const dash = text.indexOf('-')
      const low = dash < 0 ? text : text.slice(0, dash)
      const high = dash < 0 ? text : text.slice(dash + 1)
      const [from, to] = [ipOrUndefined(low), ipOrUndefined(high)]
      if (from === undefined || to === undefined)
        return `iprange: Bad value for "${option}" option: "${from === undefined ? low : high}"`
      sides[side] = { from, to, negate }
      return undefined
    },
    finish: () =>
      sides.source || sides.destination
        ? [{ type: 'iprange', ...sides }]
        : "iprange match: You must specify `--src-range' or `--dst-range'",
  }
}
