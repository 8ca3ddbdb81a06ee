import { markText } from './iptablesRules.ts'
import { IPVS_SETS, kernelSetName } from './ipvsSets.ts'
import { ifNotLocal } from './localDetector.ts'
import type { IpFamily } from '../base/ip.ts'
import type { IpvsSetName, SetEntries } from './ipvsSets.ts'
import type { LocalDetector } from './localDetector.ts'
import type { EnsuredJump, ProxyConfig } from './types.ts'

const jump = (table: 'filter' | 'nat', from: string, chain: string, comment: string): EnsuredJump => ({
  table,
  chain,
  from,
  args: `-m comment --comment "${comment}" -j ${chain}`,
})

/** Jumps that every sync ensures, in this order, each prepended. */
export const IPVS_JUMPS: readonly EnsuredJump[] = [
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
  jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
  jump('filter', 'INPUT', 'KUBE-NODE-PORT', 'kubernetes health check rules'),
  jump('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
  jump('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kube-proxy firewall rules'),
  jump('filter', 'INPUT', 'KUBE-IPVS-FILTER', 'kubernetes ipvs access filter'),
  jump('filter', 'OUTPUT', 'KUBE-IPVS-OUT-FILTER', 'kubernetes ipvs access filter'),
]

const NAT_CHAINS = ['KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER', 'KUBE-MARK-MASQ']
const FILTER_CHAINS = [
  'KUBE-FORWARD',
  'KUBE-NODE-PORT',
  'KUBE-PROXY-FIREWALL',
  'KUBE-SOURCE-RANGES-FIREWALL',
  'KUBE-IPVS-FILTER',
  'KUBE-IPVS-OUT-FILTER',
]

export interface IpvsRulesInput {
  readonly config: ProxyConfig
  readonly family: IpFamily
  readonly detector: LocalDetector | undefined
  readonly sets: SetEntries
  /** Rules of KUBE-IPVS-OUT-FILTER. */
  readonly outFilter: readonly string[]
}

/** The text that one sync feeds to `iptables-restore`, nat first. Source: pkg/proxy/ipvs/proxier.go, writeIptablesRules. */
export function ipvsRules(input: IpvsRulesInput): string {
  return [
    '*nat',
    ...NAT_CHAINS.map((chain) => `:${chain} - [0:0]`),
    ...natRules(input),
    'COMMIT',
    '*filter',
    ...FILTER_CHAINS.map((chain) => `:${chain} - [0:0]`),
    ...filterRules(input),
    'COMMIT',
    '',
  ].join('\n')
}

/** `-m comment --comment "..." -m set --match-set NAME dirs`. */
function matchSet(name: IpvsSetName, directions: string, family: IpFamily): string {
  return `-m comment --comment "${IPVS_SETS[name][1]}" ${bareSet(name, directions, family)}`
}

function bareSet(name: IpvsSetName, directions: string, family: IpFamily): string {
  return `-m set --match-set ${kernelSetName(name, family)} ${directions}`
}

function natRules({ config, family, detector, sets }: IpvsRulesInput): string[] {
  const rules = [`-A KUBE-SERVICES -s ${family === 'IPv4' ? '127.0.0.0/8' : '::1/128'} -j RETURN`]
  const set = (name: IpvsSetName, directions: string): string => matchSet(name, directions, family)
  const add = (name: IpvsSetName, rule: string): void => {
    if (!sets.isEmpty(name)) rules.push(rule)
  }
  add('KUBE-LOOP-BACK', `-A KUBE-POSTROUTING ${set('KUBE-LOOP-BACK', 'dst,dst,src')} -j MASQUERADE`)
  add('KUBE-LOAD-BALANCER', `-A KUBE-SERVICES ${set('KUBE-LOAD-BALANCER', 'dst,dst')} -j KUBE-LOAD-BALANCER`)
  add('KUBE-LOAD-BALANCER-LOCAL', `-A KUBE-LOAD-BALANCER ${set('KUBE-LOAD-BALANCER-LOCAL', 'dst,dst')} -j RETURN`)
  for (const [protocol, local, all, directions] of [
    ['tcp', 'KUBE-NODE-PORT-LOCAL-TCP', 'KUBE-NODE-PORT-TCP', 'dst'],
    ['udp', 'KUBE-NODE-PORT-LOCAL-UDP', 'KUBE-NODE-PORT-UDP', 'dst'],
    ['sctp', 'KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'KUBE-NODE-PORT-SCTP-HASH', 'dst,dst'],
  ] as const) {
    add(local, `-A KUBE-NODE-PORT -p ${protocol} ${set(local, directions)} -j RETURN`)
    add(all, `-A KUBE-NODE-PORT -p ${protocol} ${set(all, directions)} -j KUBE-MARK-MASQ`)
  }
  // Without a way to tell pods, only the node's own packets are marked: they carry the VIP as source.
  const clusterIps = config.masqueradeAll
    ? set('KUBE-CLUSTER-IP', 'dst,dst')
    : detector
      ? `${set('KUBE-CLUSTER-IP', 'dst,dst')} ${ifNotLocal(detector)}`
      : set('KUBE-CLUSTER-IP', 'src,dst')
  add('KUBE-CLUSTER-IP', `-A KUBE-SERVICES ${clusterIps} -j KUBE-MARK-MASQ`)
  add('KUBE-EXTERNAL-IP', `-A KUBE-SERVICES ${set('KUBE-EXTERNAL-IP', 'dst,dst')} -j KUBE-MARK-MASQ`)
  for (const name of ['KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL'] as const) {
    const start = `-A KUBE-SERVICES ${set(name, 'dst,dst')}`
    add(name, `${start} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT`)
    add(name, `${start} -m addrtype --dst-type LOCAL -j ACCEPT`)
  }
  rules.push(
    '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT',
    '-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ',
  )
  for (const name of ['KUBE-CLUSTER-IP', 'KUBE-LOAD-BALANCER'] as const) {
    add(name, `-A KUBE-SERVICES ${bareSet(name, 'dst,dst', family)} -j ACCEPT`)
  }
  const mark = markText(config)
  const randomFully = config.ipvsRandomFully === false ? '' : ' --random-fully'
  rules.push(
    `-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}`,
    `-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${randomFully}`,
    `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}`,
  )
  return rules
}

function filterRules({ config, family, sets, outFilter }: IpvsRulesInput): string[] {
  const rules: string[] = []
  const add = (chain: string, name: IpvsSetName, directions: string, target: string): void => {
    if (!sets.isEmpty(name)) rules.push(`-A ${chain} ${matchSet(name, directions, family)} -j ${target}`)
  }
  add('KUBE-PROXY-FIREWALL', 'KUBE-LOAD-BALANCER-FW', 'dst,dst', 'KUBE-SOURCE-RANGES-FIREWALL')
  add('KUBE-SOURCE-RANGES-FIREWALL', 'KUBE-LOAD-BALANCER-SOURCE-CIDR', 'dst,dst,src', 'RETURN')
  add('KUBE-SOURCE-RANGES-FIREWALL', 'KUBE-LOAD-BALANCER-SOURCE-IP', 'dst,dst,src', 'RETURN')
  const mark = markText(config)
  const bare = (name: IpvsSetName, directions: string): string => bareSet(name, directions, family)
  return [
    ...outFilter,
    ...rules,
    '-A KUBE-SOURCE-RANGES-FIREWALL -j DROP',
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT`,
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    `-A KUBE-NODE-PORT ${matchSet('KUBE-HEALTH-CHECK-NODE-PORT', 'dst', family)} -j ACCEPT`,
    ...(
      [
        ['KUBE-LOAD-BALANCER', 'dst,dst'],
        ['KUBE-CLUSTER-IP', 'dst,dst'],
        ['KUBE-EXTERNAL-IP', 'dst,dst'],
        ['KUBE-EXTERNAL-IP-LOCAL', 'dst,dst'],
        ['KUBE-HEALTH-CHECK-NODE-PORT', 'dst'],
      ] as const
    ).map(([name, directions]) => `-A KUBE-IPVS-FILTER ${bare(name, directions)} -j RETURN`),
    `-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW ${bare('KUBE-IPVS-IPS', 'dst')} -j REJECT`,
  ]
}
