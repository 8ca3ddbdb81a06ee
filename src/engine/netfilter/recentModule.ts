import { familyOf, ipOrUndefined } from '../base/ip.ts'
import type { Ip } from '../base/ip.ts'
import type { Match } from './rule.ts'
import type { ModuleDraft } from './moduleDraft.ts'

const ACTIONS: Readonly<Record<string, 'set' | 'rcheck' | 'update' | 'remove'>> = {
  '--set': 'set',
  '--rcheck': 'rcheck',
  '--update': 'update',
  '--remove': 'remove',
}

const ORDER = ['set', 'rcheck', 'update', 'remove'] as const

/** `-m recent`: kube-proxy's session affinity. */
export function recentModule(): ModuleDraft {
  let action: 'set' | 'rcheck' | 'update' | 'remove' | undefined
  let actionNegated = false
  let name = 'DEFAULT'
  let seconds: number | undefined
  let hitcount: number | undefined
  let reap = false
  let destination = false
  let rttl = false
  let mask: Ip | undefined
  return {
    name: 'recent',
    arity: (option) => {
      if (
        Object.hasOwn(ACTIONS, option) ||
        option === '--reap' ||
        option === '--rttl' ||
        option === '--rsource' ||
        option === '--rdest'
      )
        return 0
      return ['--name', '--seconds', '--hitcount', '--mask'].includes(option) ? 1 : undefined
    },
    set: (option, [text = ''], negate) => {
      const next = ACTIONS[option]
      if (next) {
        if (action) {
          // The tool names them in the order of its own table.
          const [first, second] = ORDER.filter((each) => each === action || each === next)
          return `recent: option "--${first ?? next}" cannot be used together with "--${second ?? next}".\n`
        }
        action = next
        actionNegated = negate
      } else if (option === '--name') name = text
      else if (option === '--reap') reap = true
      else if (option === '--rttl') {
        if (action === 'set' || action === 'remove')
          return `recent: option "--rttl" cannot be used together with "--${action}".\n`
        rttl = true
      } else if (option === '--rdest') destination = true
      else if (option === '--rsource') destination = false
      else if (option === '--mask') {
        const ip = ipOrUndefined(text)
        if (ip === undefined) return 'getaddrinfo: Temporary failure in name resolution\n'
        if (familyOf(ip) === 'IPv4') mask = ip === '255.255.255.255' ? undefined : ip
        else if (!/^(255\.255\.255\.255|(ffff:){7}ffff)$/.test(text)) return 'recent: only the full --mask is simulated'
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
        ...(rttl && { rttl }),
        ...(mask !== undefined && { mask }),
        ...(destination && { destination }),
        ...(family === 'IPv6' && { family }),
        reap,
        negate: actionNegated,
      }
      return [match]
    },
  }
}
