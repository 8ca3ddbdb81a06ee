import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Change, Write } from '../store/store.ts'

export interface Context {
  readonly snapshot: Snapshot
  readonly now: SimTime
  /** Fork it by the name of what it is for; never draw from it directly, or the order of calls would count. */
  readonly random: Random
}

export interface Reconciled {
  readonly writes: readonly Write[]
  /** Keys to look at again later, though nothing may change till then. `background`: a loop that never comes to rest. */
  readonly again?: readonly { readonly key: string; readonly at: SimTime; readonly background?: boolean }[]
}

/** One control loop: which changes concern it, and what it does about a set of keys. */
export interface Controller {
  readonly name: string
  /** Time from a change to the reconcile that answers it: the watch, the work queue and the calls to the API. */
  readonly delay: SimTime
  /** The kinds whose changes it wants to hear of; absent: all. */
  readonly kinds?: readonly string[]
  /** The keys to reconcile because of `change`. `snapshot` already has it. */
  readonly wakes: (change: Change, snapshot: Snapshot) => readonly string[]
  /** `keys` are sorted and unique. On its own result it asks for nothing more. */
  readonly reconcile: (context: Context, keys: readonly string[]) => Reconciled
}

/** Runs `one` for each key by itself. */
export function eachKey(
  one: (context: Context, key: string) => readonly Write[],
): (context: Context, keys: readonly string[]) => Reconciled {
  return (context, keys) => ({ writes: keys.flatMap((key) => one(context, key)) })
}
