import type { Notice, SimPort } from './protocol.ts'
import { createSupervised } from './supervised.ts'

/** The engine on this thread: for tests and for machines without workers. Notices come before `send` returns. */
export function inProcessPort(): SimPort {
  const listeners = new Set<(notice: Notice) => void>()
  const execute = createSupervised((notice) => {
    for (const listener of listeners) listener(notice)
  })
  return {
    send: execute,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
