import type { Match } from './rule.ts'
import type { ModuleDraft } from './moduleDraft.ts'

const ACTIONS: Readonly<Record<string, 'set' | 'rcheck' | 'update' | 'remove'>> = {
  '--set': 'set',
  '--rcheck': 'rcheck',
  '--update': 'update',
  '--remove': 'remove',
}

/** `-m recent`: kube-proxy's session affinity. */
export function recentModule(): ModuleDraft {
  let action: 'set' | 'rcheck' | 'update' | 'remove' | undefined
  let actionNegated = false
  let name = 'DEFAULT'
  let seconds: number | undefined
  let hitcount: number | undefined
  let reap = false
  let destination = false
  return {
    name: 'recent',
    arity: (option) => {
      if (Object.hasOwn(ACTIONS, option) || option === '--reap' || option === '--rsource' || option === '--rdest')
        return 0
      return ['--name', '--seconds', '--hitcount', '--mask'].includes(option) ? 1 : undefined
    },
    set: (option, [text = ''], negate) => {
      const next = ACTIONS[option]
      if (next) {
        if (action) return `recent: option "${option}" cannot be used together with "--${action}".\n`
        action = next
        actionNegated = negate
      } else if (option === '--name') name = text
      else if (option === '--reap') reap = true
      else if (option === '--rdest') destination = true
      else if (option === '--rsource') destination = false
      else if (option === '--mask') {
        if (!/^(255\.255\.255\.255|(ffff:){7}ffff)$/.test(text)) return 'recent: only the full --mask is simulated'
      } else {
        const value = /^\d+$/.test(text) ? Number(text) : 0
        if (value < 1) return `recent: bad value for option "${option}", or out of range (1-4294967295).\n`
        if (option === '--seconds') seconds = value
        else hitcount = value
      }
      return undefined
    },
    finish: ({ family }) => {
      if (!action) return "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'"
      if (reap && seconds === undefined) return 'recent: option "--reap" also requires "--seconds".\n'
      const match: Match = {
        type: 'recent',
        action,
        name,
        ...(seconds !== undefined && { seconds }),
        ...(hitcount !== undefined && { hitcount }),
        ...(destination && { destination }),
        ...(family === 'IPv6' && { family }),
        reap,
        negate: actionNegated,
      }
      return [match]
    },
  }
}
