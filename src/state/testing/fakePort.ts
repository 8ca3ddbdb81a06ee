import type { Command, Notice, SimPort } from '../../bridge/protocol.ts'

/** A port that only records: the test plays the engine. */
export interface FakePort extends SimPort {
  readonly sent: Command[]
  readonly tell: (notice: Notice) => void
}

export function createFakePort(): FakePort {
  const listeners = new Set<(notice: Notice) => void>()
  const sent: Command[] = []
  return {
    sent,
    send: (command) => {
      sent.push(command)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell: (notice) => {
      for (const listener of listeners) listener(notice)
    },
  }
}
