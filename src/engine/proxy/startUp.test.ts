import { expect, it } from 'vitest'
import { fullAbilities, startProxier } from './startUp.ts'
import type { NodeAbilities, StartUpRequest } from './startUp.ts'

function without(...modules: readonly string[]): NodeAbilities {
  return { ...fullAbilities, modules: new Set([...fullAbilities.modules].filter((name) => !modules.includes(name))) }
}

const MISSING = 'IPVS proxier will not be used because the following required kernel modules are not loaded:'

it.each<[string, Partial<StartUpRequest>, NodeAbilities, string | undefined, string]>([
  ['all is there', {}, fullAbilities, 'ipvs', 'Using ipvs Proxier'],
  ['v1.35 warns of its end', { release: 35 }, fullAbilities, 'ipvs', "Please use 'nftables' instead."],
  ['the default scheduler is told', { ipvsScheduler: '' }, fullAbilities, 'ipvs', 'use rr by default'],
  ['v1.8 without modules', { release: 8 }, without('ip_vs'), 'userspace', `${MISSING} [ip_vs]`],
  ['v1.20 without modules', { release: 20 }, without('ip_vs', 'ip_vs_rr'), 'iptables', `${MISSING} [ip_vs ip_vs_rr]`],
  ['v1.20 says what it does', { release: 20 }, without('ip_vs_sh'), 'iptables', 'trying iptables proxier'],
  [
    'v1.20, nor route_localnet',
    { release: 20 },
    { ...without('ip_vs'), routeLocalnet: false },
    'userspace',
    'userspace',
  ],
  ['v1.20 wants the scheduler', { release: 20, ipvsScheduler: 'mh' }, without('ip_vs_mh'), 'iptables', '[ip_vs_mh]'],
  ['v1.20 on an old kernel', { release: 20 }, { ...fullAbilities, kernel: '4.18' }, 'iptables', '[nf_conntrack_ipv4]'],
  ['v1.26 ends', { release: 26 }, without('ip_vs'), undefined, "can't use the IPVS proxier: IPVS proxier will not"],
  ['v1.35 does not ask for sh', { release: 35 }, without('ip_vs_sh'), 'ipvs', 'Using ipvs Proxier'],
  ['v1.35 without the scheduler', { release: 35 }, without('ip_vs_rr'), undefined, "can't use the IPVS proxier: "],
  [
    'an old ipset',
    { release: 35 },
    { ...fullAbilities, ipset: '5.9' },
    undefined,
    'less than min required version: 6.0',
  ],
  ['nothing configured', { mode: '' }, fullAbilities, 'iptables', 'Using iptables Proxier'],
  ['v1.25 userspace', { release: 25, mode: 'userspace' }, fullAbilities, 'userspace', 'Using userspace Proxier.'],
  ['v1.26 userspace', { release: 26, mode: 'userspace' }, fullAbilities, undefined, 'unknown proxy mode "userspace"'],
  ['v1.20 with a typo', { release: 20, mode: 'ipvsx' }, fullAbilities, 'iptables', 'assuming iptables proxy'],
  ['nftables', { mode: 'nftables' }, fullAbilities, 'nftables', 'Using nftables Proxier'],
  [
    'nftables, kernel 5.9',
    { mode: 'nftables' },
    { ...fullAbilities, kernel: '5.9' },
    undefined,
    'requires kernel 5.13',
  ],
])('%s', (_, change, node, mode, log) => {
  const start = startProxier({ release: 35, mode: 'ipvs', ipvsScheduler: 'rr', families: 1, ...change }, node)
  expect(start.mode).toBe(mode)
  expect(start.log.join('\n')).toContain(log)
})

// v1.35.4 with github.com/moby/ipvs 1.1.0.
it.each<[string, NodeAbilities, readonly string[]]>([
  [
    'no ip_vs at all',
    without('ip_vs', 'ip_vs_mh'),
    [
      'Could not get ipvs family information from the kernel. It is possible that ipvs is not enabled in your kernel. Native loadbalancing will not work until this is fixed.',
      '"Dummy VS not created" scheduler="mh"',
      "Error running ProxyServer: can't use the IPVS proxier: Ipvs not supported",
    ],
  ],
  [
    'no scheduler',
    without('ip_vs_mh'),
    [
      '"Could not create dummy VS" err="no such file or directory" scheduler="mh"',
      "Error running ProxyServer: can't use the IPVS proxier: no such file or directory",
    ],
  ],
  [
    'an old ipset',
    { ...fullAbilities, ipset: '5.9' },
    [
      "Error running ProxyServer: can't use the IPVS proxier: ipset version: 5.9 is less than min required version: 6.0",
    ],
  ],
])('v1.35 says why it ends: %s', (_, node, log) => {
  expect(startProxier({ release: 35, mode: 'ipvs', ipvsScheduler: 'mh', families: 1 }, node)).toEqual({ log })
})
