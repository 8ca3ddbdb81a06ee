import { describe, expect, it } from 'vitest'
import { parseRule } from './parseRule.ts'
import { formatThreshold } from './printRule.ts'
import type { IpFamily } from '../base/ip.ts'

function saved(rule: string, family: IpFamily = 'IPv4'): string {
  const parsed = parseRule(`-A X ${rule}`, family)
  return parsed.ok ? parsed.value.text.replace(/^-A X ?/, '') : `error: ${parsed.error}`
}

type Case = readonly [typed: string, printed?: string]

/** Left: what was typed. Right: what iptables-save 1.8.9 printed for it; absent: the same. */
const V4: readonly Case[] = [
  [
    '-p tcp --syn -j LOG --log-prefix "x y "',
    '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j LOG --log-prefix "x y "',
  ],
  ['-p tcp ! --syn -j DROP', '-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP'],
  ['-p tcp --sport 80 --dport 1:100 -j DROP', '-p tcp -m tcp --sport 80 --dport 1:100 -j DROP'],
  ['-p tcp -m tcp ! --sport 80 ! --dport 1:100'],
  ['-p tcp --dport http', '-p tcp -m tcp --dport 80'],
  ['-p tcp --dport :100', '-p tcp -m tcp --dport 0:100'],
  ['-p tcp --dport 100:', '-p tcp -m tcp --dport 100:65535'],
  ['-p udp -m udp --dport 53:53', '-p udp -m udp --dport 53'],
  ['-p tcp --destination-port 80 --source-port 90', '-p tcp -m tcp --sport 90 --dport 80'],
  ['-p tcp -m tcp -m tcp --dport 80'],
  ['-m tcp -p tcp -d 10.96.0.10 --dport 80', '-d 10.96.0.10/32 -p tcp -m tcp --dport 80'],
  ['-p udp -m multiport --dports 53,80,100:200 -j DROP'],
  ['-p tcp -m multiport ! --sports 53 -j DROP'],
  ['-p icmp --icmp-type echo-request -j ACCEPT', '-p icmp -m icmp --icmp-type 8 -j ACCEPT'],
  ['-p icmp --icmp-type 3/3 -j ACCEPT', '-p icmp -m icmp --icmp-type 3/3 -j ACCEPT'],
  ['-p icmp --icmp-type any -j ACCEPT', '-p icmp -m icmp --icmp-type any -j ACCEPT'],
  ['-p 6 -j ACCEPT', '-p tcp -j ACCEPT'],
  ['-p 132 -m sctp --dport 5 -j ACCEPT', '-p sctp -m sctp --dport 5 -j ACCEPT'],
  ['-p all -j ACCEPT', '-j ACCEPT'],
  ['! -p tcp -j ACCEPT'],
  ['-p 99 -j ACCEPT'],
  [
    '-m state --state ESTABLISHED,NEW,RELATED,INVALID -j ACCEPT',
    '-m state --state INVALID,NEW,RELATED,ESTABLISHED -j ACCEPT',
  ],
  [
    '-m conntrack ! --ctstate DNAT,NEW,SNAT,UNTRACKED,INVALID',
    '-m conntrack ! --ctstate INVALID,NEW,UNTRACKED,SNAT,DNAT',
  ],
  ['-m mark --mark 0x00004000/0x00004000', '-m mark --mark 0x4000/0x4000'],
  ['-m mark ! --mark 5/0xffffffff', '-m mark ! --mark 0x5'],
  ['-m statistic --mode random --probability 0.33', '-m statistic --mode random --probability 0.33000000007'],
  ['-m statistic --mode random ! --probability 0.33', '-m statistic --mode random ! --probability 0.33000000007'],
  ['-m statistic --mode nth --every 3 --packet 1'],
  ['-m addrtype --src-type LOCAL --dst-type UNICAST'],
  ['-m addrtype ! --dst-type LOCAL,UNICAST', '-m addrtype ! --dst-type UNICAST,LOCAL'],
  [
    '-m recent --name foo --update --seconds 60 --hitcount 4',
    '-m recent --update --seconds 60 --hitcount 4 --name foo --mask 255.255.255.255 --rsource',
  ],
  ['-m recent --name foo ! --rcheck', '-m recent ! --rcheck --name foo --mask 255.255.255.255 --rsource'],
  ['-m recent --set', '-m recent --set --name DEFAULT --mask 255.255.255.255 --rsource'],
  ['-m recent --remove --name q --rdest', '-m recent --remove --name q --mask 255.255.255.255 --rdest'],
  ['-m limit --limit 5/min --limit-burst 7 -j LOG'],
  ['-m limit --limit 1/s', '-m limit --limit 1/sec'],
  ['-m limit', '-m limit --limit 3/hour'],
  ['-m physdev ! --physdev-is-in'],
  ['-m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT'],
  [
    '-s 203.0.113.7 -m ipvs --vaddr 203.0.113.7 --vproto tcp --vport 443 -j DROP',
    '-s 203.0.113.7/32 -m ipvs --vproto 6 --vaddr 203.0.113.7 --vport 443 -j DROP',
  ],
  ['-m nfacct --nfacct-name c -j DROP', '-m nfacct --nfacct-name  c -j DROP'],
  ['-p tcp -j REJECT --reject-with tcp-reset'],
  ['-j REJECT --reject-with host-unreach', '-j REJECT --reject-with icmp-host-unreachable'],
  ['-j REJECT', '-j REJECT --reject-with icmp-port-unreachable'],
  ['-j MARK --set-mark 5', '-j MARK --set-xmark 0x5/0xffffffff'],
  ['-j MARK --set-mark 5/0xff', '-j MARK --set-xmark 0x5/0xff'],
  ['-j MARK --and-mark 5', '-j MARK --set-xmark 0x0/0xfffffffa'],
  ['-j MARK --or-mark 5', '-j MARK --set-xmark 0x5/0x5'],
  ['-j MARK --xor-mark 5', '-j MARK --set-xmark 0x5/0x0'],
  ['-g Y'],
  ['! -i eth+ ! -o lo'],
  ['-i +', ''],
  ['-d 127.0.0.0/8 ! -s 127.0.0.0/8', '! -s 127.0.0.0/8 -d 127.0.0.0/8'],
  ['-s 10.1.2.3/255.255.0.0', '-s 10.1.0.0/16'],
  ['-s 0.0.0.0/0 -d 0/0', ''],
  ['-s 10.1', '-s 10.1.0.0/32'],
  ['-m comment --comment abc-d_9'],
  ['-m comment --comment a:b', '-m comment --comment "a:b"'],
  ['-m comment --comment "a\\"b\\\\c\'"', '-m comment --comment "a\\"b\\\\c\\\'"'],
  ['-m comment --comment ""'],
  ['--source 1.2.3.4 --destination 5.6.7.8 --protocol tcp --jump DROP', '-s 1.2.3.4/32 -d 5.6.7.8/32 -p tcp -j DROP'],
  ['-p tcp --tcp-flags ALL NONE', '-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE'],
  ['-p tcp -j DNAT --to-destination 1.2.3.4:80'],
  ['-p tcp -j DNAT --to-destination :80'],
  ['-p tcp -j DNAT --to 1.2.3.4', '-p tcp -j DNAT --to-destination 1.2.3.4'],
  ['-j SNAT --to-source 1.2.3.4 --random-fully'],
  ['-j MASQUERADE --random-fully'],
  ['-p tcp -j REDIRECT --to-port 80', '-p tcp -j REDIRECT --to-ports 80'],
]

const V6: readonly Case[] = [
  ['-p icmpv6 --icmpv6-type echo-request', '-p ipv6-icmp -m icmp6 --icmpv6-type 128'],
  ['-s fd00::1 -d FD00:0::/64', '-s fd00::1/128 -d fd00::/64'],
  ['-j REJECT', '-j REJECT --reject-with icmp6-port-unreachable'],
  ['-m recent --set --name a', '-m recent --set --name a --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource'],
  ['-s ::/0', ''],
  ['-p tcp -m tcp -j DNAT --to-destination [fd00:10:244:1::2]:8080'],
]

/** What the tool said after `iptables v1.8.9 (nf_tables): `. */
const ERRORS: readonly (readonly [string, string])[] = [
  ['-m foo -j DROP', "Couldn't load match `foo':No such file or directory\n"],
  ['--foo', 'unknown option "--foo"'],
  ['foo', "Bad argument `foo'"],
  ['-s 999.1.1.1 -j DROP', "host/network `999.1.1.1' not found"],
  ['-s fd00::1', "host/network `fd00::1' not found"],
  ['-d 10.96.0.0/45', "invalid mask `45' specified"],
  ['-p tcp --dport 99999', "invalid port/service `99999' specified"],
  ['-p tcp --dport 100:50', 'invalid portrange (min > max)'],
  ['-p tcp --dport 80 --dport 81', "Only one `--destination-port' allowed"],
  ['--dport 80', 'unknown option "--dport"'],
  ['-m tcp --dport 80', "TCP match requires '-p tcp'"],
  ['-p udp -m tcp --dport 80', "TCP match requires '-p tcp'"],
  ['-p bogus', 'unknown protocol "bogus" specified'],
  ['-p tcp -p udp', 'multiple -p flags not allowed'],
  ['-s 1.1.1.1 -s 2.2.2.2', 'multiple -s flags not allowed'],
  ['-j DROP -j ACCEPT', 'multiple -j flags not allowed'],
  ['! -j ACCEPT', 'cannot have ! before -j'],
  ['!', 'nothing appropriate following !'],
  ['-j', 'option "-j" requires an argument'],
  ['-i averylonginterfacename', "interface name `averylonginterfacename' must be shorter than IFNAMSIZ (15)"],
  ['-m comment -j DROP', 'comment: option "--comment" must be specified\n'],
  ['-m comment --comment', 'option "--comment" requires an argument'],
  ['-m mark --mark zz', 'mark: bad integer value for option "--mark", or out of range.\n'],
  [
    '-m statistic --mode random --probability 2',
    'statistic: bad value for option "--probability", or out of range (0-1).\n',
  ],
  ['-m statistic --mode random', '--probability must be specified when using random mode'],
  ['-m statistic --mode foo', 'Bad mode "foo"'],
  ['-m statistic --mode nth --every 3', 'statistic: option "--every" also requires "--packet".\n'],
  ['-m conntrack --ctstate FOO', 'Bad ctstate "FOO"'],
  ['-m conntrack', 'conntrack: At least one option is required'],
  ['-m state --state FOO', 'Bad state "FOO"'],
  ['-m addrtype --dst-type FOO', 'addrtype: bad type "FOO"'],
  ['-m addrtype', 'addrtype: you must specify --src-type or --dst-type'],
  ['-m physdev', 'PHYSDEV: no physdev option specified'],
  ['-m recent', "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'"],
  ['-m recent --rcheck --set', 'recent: option "--set" cannot be used together with "--rcheck".\n'],
  ['-m recent --rcheck --reap', 'recent: option "--reap" also requires "--seconds".\n'],
  ['-m multiport --dports 80', "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'"],
  ['-p tcp --tcp-flags FOO SYN', "Unknown TCP flag `FOO'"],
  ['-p icmp --icmp-type foo', "Unknown ICMP type `foo'"],
  ['-m limit --limit foo', 'bad rate "foo"\''],
  ['-j REJECT --reject-with foo', 'unknown reject type "foo"'],
  ['-p tcp -j DNAT --to-destination 1.2.3.4.5', 'Bad IP address "1.2.3.4.5"'],
  ['-p tcp -j DNAT --to-destination 1.2.3.4:99999', "Port `99999' not valid"],
  ['-j DNAT --to-destination 1.2.3.4:80', 'Need TCP, UDP, SCTP or DCCP with port specification'],
  ['-j DNAT', 'DNAT: option "--to-destination" must be specified\n'],
  ['-j SNAT', 'SNAT: option "--to-source" must be specified\n'],
  ['-j MARK', 'MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required'],
  ['-j MARK --set-mark x', 'MARK: bad integer value for option "--set-mark", or out of range.\n'],
]

const complete = (cases: readonly Case[]): [string, string][] =>
  cases.map(([typed, printed = typed]) => [typed, printed])

describe('parseRule and its text, against iptables 1.8.9', () => {
  it.each(complete(V4))('%s', (typed, printed) => {
    expect(saved(typed)).toBe(printed)
  })

  it.each(complete(V6))('IPv6: %s', (typed, printed) => {
    expect(saved(typed, 'IPv6')).toBe(printed)
  })

  it.each(complete(V4))('reads its own text again: %s', (_, printed) => {
    expect(saved(printed)).toBe(printed)
  })

  it.each(ERRORS)('refuses %s', (typed, complaint) => {
    expect(saved(typed)).toBe(`error: ${complaint}`)
  })
})

it.each([
  [1 / 2, '0.50000000000'],
  [1 / 3, '0.33333333349'],
  [1 / 5, '0.20000000019'],
  [1 / 6, '0.16666666651'],
  [1 / 7, '0.14285714272'],
  [1 / 9, '0.11111111101'],
  [1 / 10, '0.10000000009'],
  [1 / 100, '0.00999999978'],
  // Exactly between two texts: printf takes the even one.
  [1 / 4096, '0.00024414062'],
  [1, '1.00000000000'],
])('probability %f is saved as %s', (probability, text) => {
  expect(formatThreshold(Math.round(probability * 2 ** 31))).toBe(text)
})
