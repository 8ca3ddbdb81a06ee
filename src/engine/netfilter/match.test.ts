import { describe, expect, it } from 'vitest'
import { aHookContext, aPacket, socketAddress } from '../testing/hookContext.ts'
import { createMatchState } from './matchState.ts'
import { matches } from './match.ts'
import { parseRule } from './parseRule.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { MatchEnvironment } from './match.ts'
import type { Packet } from '../packet/packet.ts'

function matchesRule(words: string, ctx: HookContext, env: MatchEnvironment = { state: createMatchState() }): boolean {
  const family = ctx.packet.destination.ip.includes(':') ? 'IPv6' : 'IPv4'
  const rule = parseRule(`-A INPUT ${words} -j ACCEPT`, family)
  if (!rule.ok) throw new Error(rule.error)
  return rule.value.matches.every((match) => matches(match, ctx, env))
}

const udp: Partial<Packet> = { protocol: 'UDP' }
const ping: Partial<Packet> = { protocol: 'ICMP', icmp: { kind: 'echo-request' } }
const v6: Partial<Packet> = { source: socketAddress('[fd00::5]:4000'), destination: socketAddress('[fd00::9]:80') }

describe('matches', () => {
  it.each<[string, boolean, Partial<Packet>?, Partial<HookContext>?]>([
    ['-s 10.244.0.0/16', true],
    ['! -s 10.244.0.0/16', false],
    ['-s 10.245.0.0/16', false],
    ['-d 10.98.98.98/32', true],
    ['! -d 10.98.98.98', false],
    ['-d fd00::/64', true, v6],
    ['-d fd01::/64', false, v6],
    ['-i cni0', true],
    ['-i cni+', true],
    ['-i veth+', false],
    ['! -i veth+', true],
    ['! -i cni0', true, {}, { inInterface: undefined }],
    ['-i cni0', false, {}, { inInterface: undefined }],
    ['-i +', true, {}, { inInterface: undefined }],
    ['-o eth0', true, {}, { outInterface: 'eth0' }],
    ['-p tcp', true],
    ['-p tcp', false, udp],
    ['! -p udp', true],
    ['-p 6', true],
    ['-p icmp', true, ping],
    ['-p sctp', true, { protocol: 'SCTP' }],
    ['-p tcp -m tcp --dport 80', true],
    ['-p tcp -m tcp --dport 79:81', true],
    ['-p tcp -m tcp ! --dport 80', false],
    ['-p tcp -m tcp --sport 40000', true],
    ['-p udp -m udp --dport 80', false],
    ['-p udp -m udp --dport 80', true, udp],
    ['-p tcp -m tcp --syn', true],
    ['-p tcp -m tcp --syn', false, { flags: 'SYN,ACK' }],
    ['-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK', true, { flags: 'SYN,ACK' }],
    ['-p tcp -m tcp --tcp-flags ALL FIN,ACK', true, { flags: 'FIN,ACK' }],
    ['-p tcp -m tcp --tcp-flags RST RST', true, { flags: 'RST,ACK' }],
    ['-p tcp -m multiport --dports 22,80,443', true],
    ['-p tcp -m multiport --dports 1000:2000', false],
    ['-p tcp -m multiport --sports 39999:40001', true],
    ['-p tcp -m multiport --ports 40000', true],
    ['-p icmp -m icmp --icmp-type 8', true, ping],
    ['-p icmp -m icmp --icmp-type 0', false, ping],
    ['-p icmp -m icmp --icmp-type 3/3', true, { protocol: 'ICMP', icmp: { kind: 'port-unreachable' } }],
    ['-m comment --comment "any thing"', true],
    ['-m conntrack --ctstate NEW', true],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', false],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', true],
    ['-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', false, {}, { hasDnat: true }],
    ['-m conntrack --ctstate SNAT', true, {}, { hasSnat: true }],
    ['-m conntrack --ctstate INVALID', true, {}, { state: 'INVALID' }],
    ['-m state --state NEW', true],
    ['-m mark --mark 0x4000/0x4000', false],
    ['-m mark --mark 0x4000/0x4000', true, { mark: 0x4001 }],
    ['-m mark ! --mark 0x4000/0x4000', true, { mark: 1 }],
    ['-m mark --mark 0x80000000/0x80000000', true, { mark: 0x80000000 }],
    ['-m addrtype --dst-type LOCAL', false],
    ['-m addrtype --dst-type LOCAL', true, {}, { isLocal: (ip) => ip === '10.98.98.98' }],
    ['-m addrtype --src-type LOCAL', true, {}, { isLocal: (ip) => ip === '10.244.1.20' }],
    ['-m addrtype ! --dst-type LOCAL', true],
    ['-m addrtype --dst-type UNICAST', true],
    ['-m addrtype --dst-type MULTICAST', true, { destination: socketAddress('224.0.0.1:1') }],
    ['-m set --match-set KUBE-CLUSTER-IP dst,dst', true, {}, { inSet: (name) => name === 'KUBE-CLUSTER-IP' }],
    ['-m set ! --match-set KUBE-CLUSTER-IP dst,dst', true],
    ['-m physdev --physdev-is-in', true, {}, { physInInterface: 'veth1' }],
    ['-m physdev ! --physdev-is-in', true],
    ['-m physdev ! --physdev-is-in', false, {}, { physInInterface: 'veth1' }],
  ])('%s -> %s', (words, want, packet = {}, ctx = {}) => {
    expect(matchesRule(words, aHookContext({ packet: aPacket(packet), ...ctx }))).toBe(want)
  })

  it('draws 31 bits against the threshold that the kernel made of the probability', () => {
    const asked: number[] = []
    const roll = (probability: number): { roll: number; won: boolean } => {
      asked.push(probability)
      return { roll: 0.2, won: true }
    }
    const chance = { roll, pick: () => 0, port: () => 1 }
    expect(matchesRule('-m statistic --mode random --probability 0.33333333349', aHookContext({ chance }))).toBe(true)
    expect(asked).toEqual([715827883 / 2147483648])
  })

  it('lets every nth packet match', () => {
    const state = createMatchState()
    const rule = parseRule('-A INPUT -m statistic --mode nth --every 3 --packet 1 -j ACCEPT', 'IPv4')
    if (!rule.ok) throw new Error(rule.error)
    const hits = Array.from({ length: 7 }, () =>
      rule.value.matches.every((match) => matches(match, aHookContext(), { state })),
    )
    expect(hits).toEqual([false, true, false, false, true, false, false])
  })

  it('spends the burst of a limit, then waits for credit', () => {
    const state = createMatchState()
    const rule = parseRule('-A INPUT -m limit --limit 1/sec --limit-burst 2 -j ACCEPT', 'IPv4')
    if (!rule.ok) throw new Error(rule.error)
    const at = (now: number): boolean => rule.value.matches.every((m) => matches(m, aHookContext({ now }), { state }))
    expect([at(0), at(0), at(0), at(500), at(1100)]).toEqual([true, true, false, false, true])
  })
})

describe('recent', () => {
  const env = (): MatchEnvironment => ({ state: createMatchState() })
  const check = '-m recent --rcheck --seconds 10 --reap --name L --mask 255.255.255.255 --rsource'
  const set = '-m recent --set --name L --mask 255.255.255.255 --rsource'
  const at = (now: number, source = '10.244.1.20:1'): HookContext =>
    aHookContext({ now, packet: aPacket({ source: socketAddress(source) }) })

  it('remembers sources for so many seconds, from the last set on', () => {
    const e = env()
    expect(matchesRule(check, at(0), e)).toBe(false)
    expect(matchesRule(set, at(0), e)).toBe(true)
    expect(matchesRule(check, at(10_000), e)).toBe(true)
    expect(matchesRule(check, at(10_001), e)).toBe(false)
    expect(matchesRule(check, at(5000, '10.244.1.21:1'), e)).toBe(false)
  })

  it('reaps an old entry when its own source is checked', () => {
    const e = env()
    matchesRule(set, at(0), e)
    matchesRule(check, at(20_000), e)
    expect(e.state.recent.entries()).toEqual([])
  })

  it('keeps a hundred sources, the oldest gives way', () => {
    const e = env()
    for (let i = 0; i <= 100; i++) matchesRule(set, at(i, `10.0.0.${i}:1`), e)
    expect(e.state.recent.entries()).toHaveLength(100)
    expect(matchesRule(check, at(200, '10.0.0.0:1'), e)).toBe(false)
    expect(matchesRule(check, at(200, '10.0.0.1:1'), e)).toBe(true)
  })

  it('refreshes with --update and forgets with --remove', () => {
    const e = env()
    matchesRule(set, at(0), e)
    expect(matchesRule('-m recent --update --seconds 10 --name L --rsource', at(9000), e)).toBe(true)
    expect(matchesRule(check, at(18_000), e)).toBe(true)
    expect(matchesRule('-m recent --remove --name L --rsource', at(18_000), e)).toBe(true)
    expect(matchesRule(check, at(18_000), e)).toBe(false)
  })

  it('counts hits', () => {
    const e = env()
    const often = '-m recent --rcheck --seconds 60 --hitcount 3 --name L --rsource'
    for (const now of [0, 1, 2]) {
      expect(matchesRule(often, at(now), e)).toBe(false)
      matchesRule(set, at(now), e)
    }
    expect(matchesRule(often, at(3), e)).toBe(true)
  })
})
