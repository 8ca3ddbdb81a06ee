import { createIpvs } from '../src/engine/ipvs/ipvs.ts'
import { createNftables } from '../src/engine/nftables/nftables.ts'
import { createRandom } from '../src/engine/base/random.ts'
import { ipv4FromNumber } from '../src/engine/base/ip.ts'
import type { Cidr } from '../src/engine/base/cidr.ts'
import type { Ip } from '../src/engine/base/ip.ts'
import type { HookContext } from '../src/engine/conntrack/hookContext.ts'
import type { VirtualServerSpec } from '../src/engine/ipvs/model.ts'
import type { NftChain, NftTable, NftVerdict } from '../src/engine/nftables/table.ts'
import type { Packet } from '../src/engine/packet/packet.ts'
import type { Row } from './row.ts'

const SERVICES = 10_000
const ENDPOINTS = 3
const CONNECTIONS = 200_000

const random = createRandom(1)
const chance: HookContext['chance'] = {
  roll: (probability) => {
    const roll = random.next()
    return { roll, won: roll < probability }
  },
  pick: (n) => random.below(n),
  port: (from) => from,
}

const range = (first: number, length: number): Ip[] => Array.from({ length }, (_, i) => ipv4FromNumber(first + i))
const vips = range(0x0a600100, SERVICES)
const pods = range(0x0af40400, SERVICES * ENDPOINTS)
const clients = range(0x0af40102, 200)
const vip = (i: number): Ip => vips[i] as Ip
const pod = (i: number, j: number): Ip => pods[i * ENDPOINTS + j] as Ip

/** What kube-proxy's table has for a packet to a ClusterIP. */
function nftTable(): NftTable {
  const chains = new Map<string, NftChain>()
  const add = (chain: NftChain): void => void chains.set(chain.name, chain)
  const services = new Map<string, { verdict: NftVerdict }>()
  add({
    name: 'nat-prerouting',
    base: { type: 'nat', hook: 'prerouting', priority: -100, priorityText: 'dstnat', policy: 'accept' },
    rules: [jump('services')],
  })
  add({
    name: 'services',
    rules: [
      { expressions: [], statements: [{ type: 'vmap', key: 'daddr.proto.dport', map: 'service-ips' }], text: '' },
    ],
  })
  add({
    name: 'mark-for-masquerade',
    rules: [{ expressions: [], statements: [{ type: 'markOr', value: 0x4000 }], text: '' }],
  })
  for (let i = 0; i < SERVICES; i++) {
    services.set(`${vip(i)} . tcp . 80`, { verdict: { type: 'goto', chain: `service-${i}` } })
    const verdicts: NftVerdict[] = []
    for (let j = 0; j < ENDPOINTS; j++) {
      const ip = pod(i, j)
      verdicts.push({ type: 'goto', chain: `endpoint-${i}-${j}` })
      const hairpin = jump('mark-for-masquerade', { type: 'saddr', negate: false, cidrs: [`${ip}/32` as Cidr] })
      const dnat = { type: 'dnat', ip, port: 8080 } as const
      add({
        name: `endpoint-${i}-${j}`,
        rules: [hairpin, { expressions: [{ type: 'l4proto', protocol: 'tcp' }], statements: [dnat], text: '' }],
      })
    }
    const toService = { type: 'daddr', negate: false, cidrs: [`${vip(i)}/32` as Cidr] } as const
    const fromOutside = { type: 'saddr', negate: true, cidrs: ['10.244.0.0/16' as Cidr] } as const
    add({
      name: `service-${i}`,
      rules: [
        jump('mark-for-masquerade', toService, fromOutside),
        { expressions: [], statements: [{ type: 'numgen', modulus: ENDPOINTS, verdicts }], text: '' },
      ],
    })
  }
  const maps = new Map([
    ['service-ips', { name: 'service-ips', keyType: 'addr.proto.port', elements: services } as const],
  ])
  return { family: 'IPv4', name: 'kube-proxy', sets: new Map(), maps, chains }
}

function jump(chain: string, ...expressions: NftChain['rules'][number]['expressions']): NftChain['rules'][number] {
  return { expressions, statements: [{ type: 'verdict', verdict: { type: 'jump', chain } }], text: '' }
}

/** The first packets of as many connections, spread over all Services. */
function firstPackets(): Packet[] {
  return Array.from({ length: CONNECTIONS }, (_, i): Packet => ({
    id: 1,
    protocol: 'TCP',
    source: { ip: clients[i % 200] as Ip, port: 1024 + Math.floor(i / 200) },
    destination: { ip: vip((i * 7919) % SERVICES), port: 80 },
    mark: 0,
    ttl: 64,
    flags: 'SYN',
  }))
}

function perSecond(name: string, hook: HookContext['hook'], run: (ctx: HookContext) => { readonly type: string }): Row {
  const packets = firstPackets()
  const ctx: HookContext = {
    packet: packets[0] as Packet,
    hook,
    namespace: 'node/node02',
    state: 'NEW',
    direction: 'original',
    hasDnat: false,
    hasSnat: false,
    isLocal: () => false,
    inSet: () => false,
    chance,
    now: 0,
    trace: undefined,
  }
  const ends = new Set<string>()
  const start = performance.now()
  for (const packet of packets) {
    ctx.packet = packet
    ends.add(run(ctx).type)
  }
  const seconds = (performance.now() - start) / 1000
  const value = packets.length / seconds
  return { name: `${name}: ${[...ends].join(', ')}`, value, unit: '/s', target: '>= 200,000 /s' }
}

function ipvsRow(scheduler: string): Row {
  const specs = Array.from({ length: SERVICES }, (_, i): VirtualServerSpec => ({
    protocol: 'TCP',
    address: { ip: vip(i), port: 80 },
    scheduler,
    persistence: 0,
    realServers: Array.from({ length: ENDPOINTS }, (_, j) => ({ address: { ip: pod(i, j), port: 8080 }, weight: 1 })),
  }))
  const ipvs = createIpvs()
  ipvs.applyVirtualServers(specs, 0)
  return perSecond(`ipvs ${scheduler}, ${SERVICES} services x ${ENDPOINTS}`, 'INPUT', ipvs.incoming)
}

function nftablesRow(): Row[] {
  const nft = createNftables()
  nft.load(nftTable())
  const [chain] = nft.baseChains('PREROUTING', 'IPv4')
  if (!chain) return []
  // As for every attempt of the data plane.
  const run = (ctx: HookContext): { readonly type: string } => {
    nft.beginAttempt()
    return chain.run(ctx)
  }
  return [perSecond(`nftables, ${SERVICES} services x ${ENDPOINTS}`, 'PREROUTING', run)]
}

/** The new connections that the ipvs and nftables hooks decide in a second at 10,000 Services. */
export function bench(): Row[] {
  // Once to warm up: what the compiler makes of the code then lasts.
  const measure = (): Row[] => [...['rr', 'lc', 'sh'].map(ipvsRow), ...nftablesRow()]
  measure()
  return measure()
}
