import type { Command, Notice, SimPort } from './protocol.ts'

/** The engine in a module worker of its own. */
export function workerPort(): SimPort {
  const listeners = new Set<(notice: Notice) => void>()
  const worker = new Worker(new URL('./simWorker.ts', import.meta.url), { type: 'module', name: 'kubehop engine' })
  worker.addEventListener('message', ({ data }: MessageEvent<Notice>) => {
    for (const listener of listeners) listener(data)
  })
  return {
    send: (command: Command) => {
      worker.postMessage(command)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
