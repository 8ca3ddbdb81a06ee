import type { Trace } from '../engine/index.ts'
import { formatClock } from './format.ts'
import { say } from './messages.ts'

/** What became of the connection that the client was to keep; undefined: it was to keep none. */
export function connectionSentence({ connection, startedAt }: Trace): string | undefined {
  if (!connection) return undefined
  const { use, lostBy, openedAt, requests, open } = connection
  switch (use) {
    case 'opened':
      return say(open ? 'connection.opened' : 'connection.closed')
    case 'reused':
      return say('connection.reused', { n: requests, age: ageOf(startedAt - openedAt) })
    case 'reopened':
      return say('connection.reopened', {
        how: say(lostBy === 'server' ? 'connection.lostServer' : 'connection.lostReset'),
      })
  }
}

function ageOf(ms: number): string {
  return ms < 1000 ? say('connection.justNow') : formatClock(Math.floor(ms / 1000) * 1000)
}
