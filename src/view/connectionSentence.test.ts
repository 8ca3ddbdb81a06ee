import { expect, it } from 'vitest'
import type { ConnectionUse, Ip, SocketAddress, Trace } from '../engine/index.ts'
import { connectionSentence } from './connectionSentence.ts'

const end = (ip: string, port: number): SocketAddress => ({ ip: ip as Ip, port })
const used = (use: ConnectionUse['use'], change: Partial<ConnectionUse> = {}): ConnectionUse => ({
  name: 'kept',
  use,
  local: end('10.244.1.2', 41822),
  remote: end('10.98.98.98', 80),
  openedAt: 1_000,
  requests: 1,
  open: true,
  ...change,
})

it.each<[ConnectionUse | undefined, RegExp | undefined]>([
  [undefined, undefined],
  [used('opened'), /^A new connection. The client keeps it open/],
  [used('opened', { open: false }), /^A new connection, closed/],
  [used('reused', { requests: 3 }), /^Request 3 over the connection that was opened 1 min 05 s ago/],
  [used('reused', { requests: 2, openedAt: 65_800 }), /^Request 2 .* less than a second ago/],
  [used('reopened', { lostBy: 'server' }), /^The kept connection was gone \(the server had closed it\)/],
  [used('reopened', { lostBy: 'reset' }), /^The kept connection was gone \(it was reset\)/],
])('%o', (connection, want) => {
  const trace = { startedAt: 66_000, ...(connection && { connection }) } as Trace
  if (want) expect(connectionSentence(trace)).toMatch(want)
  else expect(connectionSentence(trace)).toBeUndefined()
})
