import type { CtStateName, Match } from './rule.ts'
import type { ModuleDraft } from './moduleDraft.ts'

/** In the order in which `iptables-save` lists them. */
const ORDER: readonly CtStateName[] = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']

/** `-m conntrack --ctstate` and the older `-m state --state`. */
export function ctStatesModule(name: 'conntrack' | 'state'): ModuleDraft {
  const option = name === 'conntrack' ? '--ctstate' : '--state'
  const known = name === 'conntrack' ? ORDER : ORDER.slice(0, 5)
  let match: Match | undefined
  return {
    name,
    arity: (word) => (word === option ? 1 : undefined),
    set: (_, [text = ''], negate) => {
      const words = text.toUpperCase().split(',')
      const bad = words.find((word) => !known.some((state) => state === word))
      if (bad !== undefined) return `Bad ${option.slice(2)} "${text.split(',')[words.indexOf(bad)] ?? ''}"`
      match = { type: name, states: known.filter((state) => words.includes(state)), negate }
      return undefined
    },
    finish: () => {
      if (match) return [match]
      return name === 'state'
        ? 'state: option "--state" must be specified\n'
        : 'conntrack: At least one option is required'
    },
  }
}
