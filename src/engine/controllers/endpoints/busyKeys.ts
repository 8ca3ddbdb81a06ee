import type { SimTime } from '../../base/time.ts'
import type { Context, Reconciled } from '../controller.ts'
import type { Write } from '../../store/store.ts'

/**
 * Runs `one` for each key by itself. A sync takes time: until its writes are through, as `busyMs` tells, what happens to
 * the same key has to wait for the next one. Source: client-go util/workqueue, which never hands out a key twice at once.
 */
export function eachKeyInTurn(
  one: (context: Context, key: string) => { readonly writes: readonly Write[]; readonly busyMs: SimTime },
): (context: Context, keys: readonly string[]) => Reconciled {
  const busyUntil = new Map<string, SimTime>()
  return (context, keys) => {
    const all: Write[] = []
    const again: { key: string; at: SimTime }[] = []
    for (const key of keys) {
      const until = busyUntil.get(key) ?? 0
      if (until > context.now) {
        again.push({ key, at: until })
        continue
      }
      const { writes, busyMs } = one(context, key)
      if (busyMs > 0) busyUntil.set(key, context.now + busyMs)
      else busyUntil.delete(key)
      for (const write of writes) all.push(write)
    }
    return { writes: all, again }
  }
}
