import { drawAgain, sameQuestion, wayOf } from './draws.ts'
import { checksAt, isTaken, perform, recordingOf } from './recording.ts'
import type { RunResult } from './attempt.ts'
import type { Draw } from './draws.ts'
import type { NodeKernel } from './machine.ts'
import type { PortCheck, Recording } from './recording.ts'
import type { Network } from './walk.ts'
import type { SimTime } from '../base/time.ts'
import type { Chance } from '../conntrack/hookContext.ts'

/**
 * Attempts that nobody watches and that differ from an earlier one only in their ports are not walked again: what the
 * earlier one did is done once more. The draws are made in the same order as on the walk, so that the same seed gives
 * the same results whether an attempt is walked or not.
 */
export interface Replays {
  /**
   * The recording, done again; or the draws that were made before it turned out that it cannot be, and whether the walk
   * is worth recording: not where only a port is taken this time.
   */
  readonly tryAgain: (
    key: string,
    network: Network,
    chance: Chance,
    now: SimTime,
  ) => { readonly recording: Recording | undefined; readonly draws: readonly Draw[]; readonly isNew: boolean }
  readonly remember: (key: string, network: Network, result: RunResult, draws: readonly Draw[]) => void
}

/** A question that chance was asked, and for each way that it went what came next. */
interface Fork {
  readonly question: Draw
  readonly ways: (Fork | Recording | undefined)[]
  /** A port was drawn: the tuples that it must leave unique, or the walk would draw another one here. */
  readonly checks: readonly PortCheck[]
}

interface Known {
  first: Fork | Recording | undefined
  readonly guards: Map<NodeKernel, Guard>
  readonly network: Network
  readonly addresses: number
}

/** What must still be the same. */
interface Guard {
  readonly versions: readonly [number, number]
  readonly sysctls: NodeKernel['sysctls']
}

const RECORDINGS_AT_MOST = 50_000

export function createReplays(): Replays {
  const known = new Map<string, Known>()
  let recordings = 0
  return {
    tryAgain: (key, network, chance, now) => {
      const draws: Draw[] = []
      const entry = known.get(key)
      if (!entry) return { recording: undefined, draws, isNew: true }
      if (!stillHolds(entry, network)) {
        known.delete(key)
        return { recording: undefined, draws, isNew: true }
      }
      let next = entry.first
      while (next && 'question' in next) {
        const draw = drawAgain(next.question, chance)
        draws.push(draw)
        if (draw.type === 'port' && next.checks.some((check) => isTaken(check, draw.value, now))) {
          return { recording: undefined, draws, isNew: false }
        }
        next = next.ways[wayOf(draw)]
      }
      return { recording: next && perform(next, draws, now) ? next : undefined, draws, isNew: !next }
    },
    remember: (key, network, result, draws) => {
      const recording = recordingOf(result, draws)
      if (!recording) return
      if (++recordings > RECORDINGS_AT_MOST) {
        known.clear()
        recordings = 1
      }
      let entry = known.get(key)
      if (!entry) {
        entry = { first: undefined, guards: new Map(), network, addresses: network.addresses.version }
        known.set(key, entry)
      }
      for (const { kernel } of result.touched) entry.guards.set(kernel, guardOf(kernel))
      entry.first = grow(entry.first, draws, 0, recording)
    },
  }
}

/** The tree with `recording` at the end of `draws`. Where the tree asks another question, it is left as it is. */
function grow(
  at: Fork | Recording | undefined,
  draws: readonly Draw[],
  depth: number,
  recording: Recording,
): Fork | Recording {
  const draw = draws[depth]
  if (!draw) return at ?? recording
  if (at && (!('question' in at) || !sameQuestion(at.question, draw))) return at
  const fork: Fork = at ?? { question: draw, ways: [], checks: checksAt(recording, depth) }
  const way = wayOf(draw)
  fork.ways[way] = grow(fork.ways[way], draws, depth + 1, recording)
  return fork
}

function guardOf({ tables, sysctls }: NodeKernel): Guard {
  return { versions: [tables.IPv4.version, tables.IPv6.version], sysctls }
}

function stillHolds({ guards, network: before, addresses }: Known, network: Network): boolean {
  if (before !== network || addresses !== network.addresses.version) return false
  for (const [kernel, { versions, sysctls }] of guards) {
    const { tables } = kernel
    if (kernel.nft ?? kernel.ipvs ?? kernel.sets) return false
    if (tables.IPv4.version !== versions[0] || tables.IPv6.version !== versions[1]) return false
    if (kernel.sysctls !== sysctls || kernel.userspace.portals().length > 0) return false
  }
  return true
}
