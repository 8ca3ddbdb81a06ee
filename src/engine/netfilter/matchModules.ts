import type { Cidr } from '../base/cidr.ts'
import { hostCidr } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { multiportModule, PortsModule } from './portModules.ts'
import { protocolName, protocolNumber } from './protocols.ts'
import { conntrackModule, stateModule } from './ctStates.ts'
import { recentModule } from './recentModule.ts'
import { iprangeModule } from './iprangeModule.ts'
import { limitModule } from './limitModule.ts'
import { parseMark, parseU32 } from './numbers.ts'
import { copyText } from './words.ts'
import type { Match } from './rule.ts'
import type { ModuleDraft } from './moduleDraft.ts'

const MAX_U32 = 0xffffffff

const single = (options: readonly string[]) => (option: string) => (options.includes(option) ? 1 : undefined)

/** A class, not a closure: every rule of kube-proxy has one. */
class CommentModule implements ModuleDraft {
  readonly name = 'comment'
  private text: string | undefined

  arity(option: string): number | undefined {
    return option === '--comment' ? 1 : undefined
  }

  set(_: string, args: readonly string[]): string | undefined {
    this.text = args[0] ?? ''
    return this.text.length > 256 ? 'comment: "--comment" must be shorter than 256 characters' : undefined
  }

  finish(): readonly Match[] | string {
    if (this.text === undefined) return 'comment: option "--comment" must be specified\n'
    return [commentMatch(this.text)]
  }
}

let lastComment: Extract<Match, { type: 'comment' }> = { type: 'comment', text: '' }

/** Rules that follow each other often say the same; they share one match. */
function commentMatch(text: string): Match {
  if (lastComment.text !== text) lastComment = { type: 'comment', text: copyText(text) }
  return lastComment
}

function markModule(): ModuleDraft {
  let match: Match | undefined
  return {
    name: 'mark',
    arity: single(['--mark']),
    set: (_, [text = ''], negate) => {
      const mark = parseMark(text)
      if (!mark) return 'mark: bad integer value for option "--mark", or out of range.\n'
      match = { type: 'mark', ...mark, negate }
      return undefined
    },
    finish: () => (match ? [match] : 'mark: option "--mark" must be specified\n'),
  }
}

/** A class, as the comment's: most rules of the Services' chains have one. */
class StatisticModule implements ModuleDraft {
  readonly name = 'statistic'
  private mode: string | undefined
  private probability: number | undefined
  private every: number | undefined
  private packet: number | undefined
  private negated = false

  arity(option: string): number | undefined {
    return option === '--mode' || option === '--probability' || option === '--every' || option === '--packet'
      ? 1
      : undefined
  }

  set(option: string, [text = '']: readonly string[], negate: boolean): string | undefined {
    if (option === '--mode') {
      if (negate) return 'statistic: option "--mode" cannot be inverted.\n'
      this.mode = text
      return text === 'random' || text === 'nth' ? undefined : `Bad mode "${text}"`
    }
    this.negated ||= negate
    const value = Number(text)
    const top = option === '--probability' ? 1 : MAX_U32
    const least = option === '--every' ? 1 : 0
    if (text.trim() === '' || !(value >= least && value <= top)) {
      const range = option === '--probability' ? ' (0-1)' : option === '--every' ? ' (1-4294967295)' : ''
      return `statistic: bad value for option "${option}", or out of range${range}.\n`
    }
    if (option === '--probability') this.probability = value
    else if (option === '--every') this.every = value
    else this.packet = value
    return undefined
  }

  finish(): readonly Match[] | string {
    const { mode, probability, every, packet, negated: negate } = this
    if (mode === 'nth') {
      if (every === undefined) return '--every and --packet must be specified when using nth mode'
      if (packet === undefined) return 'statistic: option "--every" also requires "--packet".\n'
      if (packet >= every) return 'the --packet p must be 0 <= p <= n-1'
      return [{ type: 'statistic', mode, every, packet, negate }]
    }
    if (probability === undefined) return '--probability must be specified when using random mode'
    return randomMatch(probability, negate)
  }
}

/** Dice that were read before: thousands of Services have as many endpoints as others. */
const dice = new Map<number, readonly Match[]>()
const DICE_LIMIT = 1000

function randomMatch(probability: number, negate: boolean): readonly Match[] {
  const known = negate ? undefined : dice.get(probability)
  if (known) return known
  const threshold = Math.round(probability * 0x80000000)
  const made: readonly Match[] = [{ type: 'statistic', mode: 'random', probability, threshold, negate }]
  if (!negate && dice.size < DICE_LIMIT) dice.set(probability, made)
  return made
}

const ADDRESS_TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
]

function addrtypeModule(): ModuleDraft {
  const sides: Match[] = []
  return {
    name: 'addrtype',
    arity: single(['--src-type', '--dst-type']),
    set: (option, [text = ''], negate) => {
      const types = text.split(',').map((type) => type.toUpperCase())
      const bad = types.find((type) => !ADDRESS_TYPES.includes(type))
      if (bad !== undefined) return `addrtype: bad type "${bad}"`
      const addressType = ADDRESS_TYPES.filter((type) => types.includes(type)).join(',')
      const side = option === '--src-type' ? 'src' : 'dst'
      sides.push({ type: 'addrtype', side, addressType, negate })
      return undefined
    },
    finish: () => {
      const [first, second] = [...sides].sort((a) => (a.type === 'addrtype' && a.side === 'src' ? -1 : 1))
      if (!first) return 'addrtype: you must specify --src-type or --dst-type'
      return second?.type === 'addrtype' ? [first, { ...second, joined: true }] : [first]
    },
  }
}

function setModule(): ModuleDraft {
  let match: Match | undefined
  return {
    name: 'set',
    arity: (option) => (option === '--match-set' ? 2 : undefined),
    set: (_, [name = '', list = ''], negate) => {
      const directions = list.split(',').filter((word): word is 'src' | 'dst' => word === 'src' || word === 'dst')
      if (directions.join(',') !== list) return "You must spefify (the comma separated list of) 'src' or 'dst'."
      match = { type: 'set', name, directions, negate }
      return undefined
    },
    finish: () => (match ? [match] : "You must specify `--match-set' with proper arguments"),
  }
}

function physdevModule(): ModuleDraft {
  let match: Match | undefined
  return {
    name: 'physdev',
    arity: (option) => (option === '--physdev-is-in' || option === '--physdev-is-out' ? 0 : undefined),
    set: (option, _, negate) => {
      match = { type: 'physdev', isIn: option === '--physdev-is-in', negate }
      return undefined
    },
    finish: () => (match ? [match] : 'PHYSDEV: no physdev option specified'),
  }
}

function ipvsModule(): ModuleDraft {
  let address: Cidr | undefined
  let port: number | undefined
  let protocol: number | undefined
  return {
    name: 'ipvs',
    arity: single(['--vproto', '--vaddr', '--vport']),
    set: (option, [text = '']) => {
      if (option === '--vproto') {
        const name = protocolName(text)
        if (name === undefined) return `unknown protocol "${text}" specified`
        protocol = protocolNumber(name)
      } else if (option === '--vaddr') {
        const ip = ipOrUndefined(text.replace(/\/(32|128)$/, ''))
        if (!ip) return `host/network \`${text}' not found`
        address = hostCidr(ip)
      } else {
        port = parseU32(text)
        if (port === undefined || port > 65535) return `invalid port/service \`${text}' specified`
      }
      return undefined
    },
    finish: () =>
      address === undefined || port === undefined || protocol === undefined
        ? 'IPVS: At least one option is required'
        : [{ type: 'ipvs', protocol, address, port }],
  }
}

function nfacctModule(): ModuleDraft {
  let name: string | undefined
  return {
    name: 'nfacct',
    arity: single(['--nfacct-name']),
    set: (_, [text = '']) => {
      name = text
      return undefined
    },
    finish: () =>
      name === undefined ? 'nfacct: option "--nfacct-name" must be specified\n' : [{ type: 'nfacct', name }],
  }
}

function icmpModule(name: 'icmp' | 'icmp6', option: string): ModuleDraft {
  let match: Match | undefined
  return {
    name,
    arity: single([option]),
    set: (_, [text = ''], negate) => {
      const type = icmpType(name, text)
      if (type === undefined) return `Unknown ICMP${name === 'icmp' ? '' : 'v6'} type \`${text}'`
      match = { type: 'icmp', icmpType: type, ...(name === 'icmp6' && { family: 'IPv6' }), negate }
      return undefined
    },
    finish: () => (match ? [match] : []),
  }
}

const ICMP_TYPES: Readonly<Record<string, string>> = {
  any: 'any',
  ping: '8',
  pong: '0',
  'echo-reply': '0',
  'destination-unreachable': '3',
  'network-unreachable': '3/0',
  'host-unreachable': '3/1',
  'port-unreachable': '3/3',
  'fragmentation-needed': '3/4',
  redirect: '5',
  'echo-request': '8',
  'time-exceeded': '11',
}
const ICMP6_TYPES: Readonly<Record<string, string>> = {
  'destination-unreachable': '1',
  'no-route': '1/0',
  'address-unreachable': '1/3',
  'port-unreachable': '1/4',
  'packet-too-big': '2',
  'time-exceeded': '3',
  'echo-request': '128',
  'echo-reply': '129',
  'router-solicitation': '133',
  'router-advertisement': '134',
  'neighbour-solicitation': '135',
  'neighbour-advertisement': '136',
}

function icmpType(module: 'icmp' | 'icmp6', text: string): string | undefined {
  const known = (module === 'icmp' ? ICMP_TYPES : ICMP6_TYPES)[text]
  return known ?? (/^\d{1,3}(\/\d{1,3})?$/.test(text) ? text : undefined)
}

const MODULES: ReadonlyMap<string, () => ModuleDraft> = new Map<string, () => ModuleDraft>([
  ['tcp', () => new PortsModule('tcp')],
  ['udp', () => new PortsModule('udp')],
  ['sctp', () => new PortsModule('sctp')],
  ['multiport', multiportModule],
  ['comment', () => new CommentModule()],
  ['conntrack', conntrackModule],
  ['state', stateModule],
  ['iprange', iprangeModule],
  ['mark', markModule],
  ['statistic', () => new StatisticModule()],
  ['addrtype', addrtypeModule],
  ['recent', recentModule],
  ['set', setModule],
  ['physdev', physdevModule],
  ['ipvs', ipvsModule],
  ['nfacct', nfacctModule],
  ['limit', limitModule],
  ['icmp', () => icmpModule('icmp', '--icmp-type')],
  ['icmp6', () => icmpModule('icmp6', '--icmpv6-type')],
])

/** A fresh `-m name`, or nothing when there is no such module. */
export function createModule(name: string): ModuleDraft | undefined {
  return MODULES.get(name === 'icmpv6' ? 'icmp6' : name)?.()
}

/** The module that `-p name` brings along when one of its options is used. */
export function implicitModule(protocol: string | undefined): ModuleDraft | undefined {
  if (protocol === 'ipv6-icmp') return createModule('icmp6')
  return protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp' || protocol === 'icmp'
    ? createModule(protocol)
    : undefined
}
