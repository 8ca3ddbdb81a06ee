import { describe, expect, it } from 'vitest'
import type { Outcome, TraceEvent } from '../engine/index.ts'
import { verdictOf } from './verdict.ts'

const base = { time: 0, packetId: 1 }
const dropped = (at: string, reason: Extract<TraceEvent, { type: 'dropped' }>['reason'], detail = ''): TraceEvent => ({
  ...base,
  at,
  type: 'dropped',
  reason,
  detail,
})
const rejected = (at: string, by: Extract<TraceEvent, { type: 'rejected' }>['by']): TraceEvent => ({
  ...base,
  at,
  type: 'rejected',
  by,
  with: 'icmp-port-unreachable',
})
const timeout: Outcome = { outcome: 'timeout' }
const refused: Outcome = { outcome: 'refused', errno: 'ECONNREFUSED' }

describe('each way to fail has its own words', () => {
  it.each<[string, readonly TraceEvent[], Outcome, string, RegExp]>([
    ['a node refuses', [rejected('node/node02', 'rule')], refused, 'Refused by node02', /refuses it/],
    ['a pod refuses', [rejected('pod/dev/web', 'noListener')], refused, 'Refused by pod web', /nothing listens/],
    ['a rule drops', [dropped('node/node02', 'rule')], timeout, 'Timed out', /says DROP/],
    [
      'a firewall drops',
      [dropped('host/172.16.210.100', 'firewall', 'TCP 30080')],
      timeout,
      'Timed out',
      /before Kubernetes saw it/,
    ],
    [
      'no healthy node',
      [dropped('host/172.16.210.3', 'noHealthyNode', 'dev/web')],
      timeout,
      'Timed out',
      /health check for dev\/web/,
    ],
    ['the router knows no way', [dropped('lan', 'blackhole')], timeout, 'No route', /knows no way/],
    ['the kernel knows no way', [], { outcome: 'unreachable', errno: 'ENETUNREACH' }, 'No route', /./],
    [
      'an answer comes from a stranger',
      [dropped('pod/dev/client', 'unknownSource', '10.244.2.2')],
      timeout,
      'Reply lost',
      /10\.244\.2\.2/,
    ],
    [
      'nobody knows the name',
      [],
      { outcome: 'unreachable', nameError: 'EAI_NONAME', answer: 'Could not resolve host: nope' },
      'No such name',
      /knows nope/,
    ],
    [
      'no name server answers',
      [],
      { outcome: 'unreachable', nameError: 'EAI_AGAIN', answer: 'Could not resolve host: web.dev' },
      'No name server answered',
      /about web\.dev/,
    ],
  ])('%s', (_what, events, outcome, word, cause) => {
    const verdict = verdictOf(events, outcome, new Map(), () => 0)
    expect(verdict.word).toBe(word)
    expect(verdict.cause).toMatch(cause)
    expect(verdict.ok).toBe(false)
  })
})
