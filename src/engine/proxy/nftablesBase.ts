import { familyOfCidr } from '../base/cidr.ts'
import { nftRule } from '../nftables/printRule.ts'
import type { Cidr } from '../base/cidr.ts'
import type { IpFamily } from '../base/ip.ts'
import type { NftBaseChain, NftChain, NftExpression, NftMap, NftStatement } from '../nftables/table.ts'
import type { NftMapName } from './nftablesService.ts'
import type { ProxyConfig } from './types.ts'

const base = (
  type: NftBaseChain['type'],
  hook: NftBaseChain['hook'],
  priority: number,
  priorityText: string,
): NftBaseChain => ({ type, hook, priority, priorityText, policy: 'accept' })

const jump = (chain: string): NftStatement => ({ type: 'verdict', verdict: { type: 'jump', chain } })
const verdict = (type: 'reject' | 'drop' | 'return'): NftStatement => ({ type: 'verdict', verdict: { type } })

/** The chains that do not depend on Services, in creation order. `matchAll`: NodePorts on every address. */
export function nftBaseChains(config: ProxyConfig, family: IpFamily, matchAll: boolean): readonly NftChain[] {
  const ofNew = (...chains: readonly string[]): NftChain['rules'] =>
    chains.map((chain) => nftRule(family, [{ type: 'ctStateNew' }], [jump(chain)]))
  const mark = 2 ** config.masqueradeBit
  const loopback = (family === 'IPv4' ? '127.0.0.0/8' : '::1/128') as Cidr
  const notLoopback: NftExpression = { type: 'daddr', negate: true, cidrs: [loopback] }
  const onNodePortIp: NftExpression = { type: 'daddrInSet', set: 'nodeport-ips' }
  const byAddress = (map: NftMapName): NftStatement => ({ type: 'vmap', key: 'daddr.proto.dport', map })
  const byPort = (map: NftMapName): NftStatement => ({ type: 'vmap', key: 'proto.dport', map })
  const serviceCidrs = config.serviceCidrs.filter((cidr) => familyOfCidr(cidr) === family)
  return [
    {
      name: 'filter-prerouting-pre-dnat',
      base: base('filter', 'prerouting', -110, 'dstnat - 10'),
      rules: ofNew('firewall-check'),
    },
    { name: 'filter-output-pre-dnat', base: base('filter', 'output', -110, '-110'), rules: ofNew('firewall-check') },
    {
      name: 'filter-input',
      base: base('filter', 'input', 0, 'filter'),
      rules: ofNew('nodeport-endpoints-check', 'service-endpoints-check'),
    },
    {
      name: 'filter-forward',
      base: base('filter', 'forward', 0, 'filter'),
      rules: ofNew('service-endpoints-check', 'cluster-ips-check'),
    },
    {
      name: 'filter-output',
      base: base('filter', 'output', 0, 'filter'),
      rules: ofNew('service-endpoints-check', 'cluster-ips-check'),
    },
    {
      name: 'nat-prerouting',
      base: base('nat', 'prerouting', -100, 'dstnat'),
      rules: [nftRule(family, [], [jump('services')])],
    },
    { name: 'nat-output', base: base('nat', 'output', -100, '-100'), rules: [nftRule(family, [], [jump('services')])] },
    {
      name: 'nat-postrouting',
      base: base('nat', 'postrouting', 100, 'srcnat'),
      rules: [nftRule(family, [], [jump('masquerading')])],
    },
    {
      name: 'nodeport-endpoints-check',
      rules: [nftRule(family, [matchAll ? notLoopback : onNodePortIp], [byPort('no-endpoint-nodeports')])],
    },
    { name: 'service-endpoints-check', rules: [nftRule(family, [], [byAddress('no-endpoint-services')])] },
    { name: 'firewall-check', rules: [nftRule(family, [], [byAddress('firewall-ips')])] },
    {
      name: 'services',
      rules: [
        nftRule(family, [], [byAddress('service-ips')]),
        nftRule(family, matchAll ? [{ type: 'fib', side: 'daddr' }, notLoopback] : [onNodePortIp], [
          byPort('service-nodeports'),
        ]),
      ],
    },
    {
      name: 'masquerading',
      rules: [
        nftRule(family, [{ type: 'markMask', mask: mark, value: 0 }], [verdict('return')]),
        nftRule(family, [], [{ type: 'markXor', value: mark }]),
        nftRule(family, [], [{ type: 'masquerade', fullyRandom: true }]),
      ],
    },
    {
      name: 'cluster-ips-check',
      rules: [
        nftRule(
          family,
          [{ type: 'daddrInSet', set: 'cluster-ips' }],
          [verdict('reject')],
          'Reject traffic to invalid ports of ClusterIPs',
        ),
        ...(serviceCidrs.length === 0
          ? []
          : [
              nftRule(
                family,
                [{ type: 'daddr', negate: false, cidrs: serviceCidrs }],
                [verdict('drop')],
                'Drop traffic to unallocated ClusterIPs',
              ),
            ]),
      ],
    },
    { name: 'mark-for-masquerade', rules: [nftRule(family, [], [{ type: 'markOr', value: mark }])] },
    {
      name: 'reject-chain',
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
      rules: [nftRule(family, [], [verdict('reject')])],
    },
  ]
}

/** The verdict maps without elements, in creation order. */
export const NFT_MAPS: readonly Omit<NftMap, 'elements'>[] = [
  {
    name: 'no-endpoint-services',
    keyType: 'addr.proto.port',
    comment: 'vmap to drop or reject packets to services with no endpoints',
  },
  {
    name: 'no-endpoint-nodeports',
    keyType: 'proto.port',
    comment: 'vmap to drop or reject packets to service nodeports with no endpoints',
  },
  {
    name: 'firewall-ips',
    keyType: 'addr.proto.port',
    comment: 'destinations that are subject to LoadBalancerSourceRanges',
  },
  {
    name: 'service-ips',
    keyType: 'addr.proto.port',
    comment: 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
  },
  { name: 'service-nodeports', keyType: 'proto.port', comment: 'NodePort traffic' },
]
