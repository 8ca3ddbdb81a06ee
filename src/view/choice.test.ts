import { describe, expect, it } from 'vitest'
import type { TraceEvent } from '../engine/index.ts'
import { choiceOf } from './choice.ts'
import { formatChance } from './format.ts'
import { address } from './testing/traces.ts'

const base = { time: 0, at: 'node/node02', packetId: 1 } as const
const labels = ['KUBE-SEP-A', 'KUBE-SEP-B', 'KUBE-SEP-C']
const candidates = labels.map((label, i) => ({ label, address: address(`10.0.0.${i + 1}:80`), probability: 1 / 3 }))
const rule = (text: string, table = 'nat') => ({ table, chain: 'KUBE-SVC-X', index: 0, text })

const roll = (i: number, won: boolean): TraceEvent => ({
  ...base,
  type: 'diceRolled',
  hook: 'PREROUTING',
  rule: rule(labels[i] ?? ''),
  roll: won ? 0.1 : 0.9,
  probability: 1 / (3 - i),
  won,
  candidates: candidates.slice(i),
  ...(won && { chosen: 0 }),
})
const matched = (verdict: string): TraceEvent => ({
  ...base,
  type: 'ruleMatched',
  hook: 'PREROUTING',
  rule: rule(verdict),
  verdict,
})

const choose = (...events: readonly TraceEvent[]) => choiceOf(events, [...events.keys()])

describe('choiceOf', () => {
  it.each<[string, readonly TraceEvent[], number | undefined]>([
    ['the first rule wins', [roll(0, true), matched('KUBE-SEP-A')], 0],
    ['the second wins', [roll(0, false), roll(1, true), matched('KUBE-SEP-B')], 1],
    ['all lose: the rule without dice takes it', [roll(0, false), roll(1, false), matched('KUBE-SEP-C')], 2],
    ['still rolling', [roll(0, false)], undefined],
  ])('iptables: %s', (_, events, want) => {
    const choice = choose(...events)
    expect(choice?.by).toBe('iptables')
    expect(choice?.chosen).toBe(want)
    expect(choice?.candidates).toHaveLength(3)
  })

  it('nftables: one draw among all', () => {
    const draw: TraceEvent = {
      ...base,
      type: 'diceRolled',
      hook: 'PREROUTING',
      rule: rule('numgen random mod 3 vmap', 'ip kube-proxy'),
      roll: 0.7,
      probability: 1 / 3,
      won: true,
      candidates,
      chosen: 2,
    }
    expect(choose(draw)).toMatchObject({ by: 'nftables', chosen: 2 })
  })

  it('ipvs and userspace say why', () => {
    const ipvs: TraceEvent = {
      ...base,
      type: 'ipvsScheduled',
      hook: 'INPUT',
      virtual: 'TCP 10.98.98.98:80',
      scheduler: 'rr',
      candidates,
      chosen: 1,
      because: 'scheduler',
    }
    expect(choose(ipvs)).toMatchObject({ by: 'ipvs', method: 'rr', chosen: 1 })
    const picked: TraceEvent = {
      ...base,
      type: 'proxyPicked',
      service: 'dev/web',
      candidates,
      chosen: 0,
      attempt: 1,
      because: 'affinity',
    }
    expect(choose(picked)).toMatchObject({ by: 'userspace', because: 'affinity' })
  })

  it('is nothing where nothing was chosen', () => {
    expect(choose(matched('ACCEPT'))).toBeUndefined()
  })
})

describe('formatChance', () => {
  it.each([
    [1, '1'],
    [0.5, '½'],
    [0.33333333349, '⅓'],
    [0.25, '¼'],
    [1 / 7, '1/7'],
    [1 / 192, '1/192'],
    [2 / 3, '⅔'],
    [0.123, '12.3 %'],
  ])('%d is %s', (chance, want) => {
    expect(formatChance(chance)).toBe(want)
  })
})
