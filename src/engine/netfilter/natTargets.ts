import { familyOf, ipOrUndefined } from '../base/ip.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { RuleContext, TargetDraft } from './moduleDraft.ts'
import { copyText } from './words.ts'
import type { NatAddresses, NatPorts, Target } from './rule.ts'

// Source of all texts: iptables 1.8.9, libxt_NAT.c.

const NEEDS_PORTS = 'Need TCP, UDP, SCTP or DCCP with port specification'
const WITH_PORTS = ['tcp', 'udp', 'sctp', 'dccp', 'icmp']
const hasPorts = ({ protocol }: RuleContext): boolean => WITH_PORTS.includes(protocol ?? '')

/** Reads a number from 0 to 65535 at the start of `text`; the rest of it comes along. */
function leadingPort(text: string): readonly [port: number, rest: string] | undefined {
  const digits = /^\d+/.exec(text)?.[0]
  return digits === undefined || Number(digits) > 65535 ? undefined : [Number(digits), text.slice(digits.length)]
}

/** `80`, `80-90`, `80-90/1000`; or the tool's complaint. */
function parsePorts(text: string): NatPorts | string {
  const first = leadingPort(text)
  if (!first) return `Port \`${text}' not valid`
  const [port, rest] = first
  if (rest === '') return { port }
  if (rest.startsWith(':')) return 'Invalid port:port syntax - use dash'
  if (!rest.startsWith('-')) return `Garbage after port value: \`${rest}'`
  const second = leadingPort(rest.slice(1))
  if (!second) return `Port \`${rest.slice(1)}' not valid`
  const [toPort, behind] = second
  if (toPort < port) return `Port range \`${rest.slice(1)}' funky`
  if (behind === '') return { port, toPort }
  if (!behind.startsWith('/')) return `Garbage after port range: \`${behind}'`
  const base = leadingPort(behind.slice(1))
  return base?.[1] === '' ? { port, toPort, basePort: base[0] } : `Port \`${behind.slice(1)}' not valid`
}

/** `1.2.3.4`, `1.2.3.4-1.2.3.9:80-90`, `:80`, `[fd00::1-fd00::9]:80`. */
function parseTo(text: string, family: IpFamily): (NatAddresses & NatPorts) | string {
  const v6 = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  const colon = family === 'IPv6' ? -1 : text.lastIndexOf(':')
  const portText = v6 ? v6[2] : colon < 0 ? undefined : text.slice(colon + 1)
  if (family === 'IPv4' && text.indexOf(':') !== colon) return `Bad IP address "${text}"`
  const ports = portText === undefined ? {} : parsePorts(portText)
  if (typeof ports === 'string') return ports
  const addresses = v6 ? (v6[1] ?? '') : colon < 0 ? text : text.slice(0, colon)
  if (addresses === '' && portText !== undefined) return ports
  const [low = '', ...more] = addresses.split('-')
  const read = (word: string): Ip | undefined => {
    const ip = ipOrUndefined(word)
    return ip !== undefined && familyOf(ip) === family ? ip : undefined
  }
  const ip = read(low)
  if (ip === undefined) return `Bad IP address "${low}"`
  if (more.length === 0) return { ip, ...ports }
  const toIp = read(more.join('-'))
  return toIp === undefined ? `Bad IP address "${more.join('-')}"` : { ip, toIp, ...ports }
}

const FLAGS: Readonly<Record<string, 'random' | 'randomFully' | 'persistent'>> = {
  '--random': 'random',
  '--random-fully': 'randomFully',
  '--persistent': 'persistent',
}

const PLAIN = /^(\d+\.\d+\.\d+\.\d+):([1-9]\d{0,4})$/

/** DNAT and SNAT. A class, not closures: every endpoint of kube-proxy has one. */
export class AddressNatTarget implements TargetDraft {
  private readonly type: 'DNAT' | 'SNAT'
  private readonly family: IpFamily
  private readonly option: string
  private to: (NatAddresses & NatPorts) | undefined
  private flags: { random?: boolean; randomFully?: boolean; persistent?: boolean } | undefined

  constructor(type: 'DNAT' | 'SNAT', family: IpFamily) {
    this.type = type
    this.family = family
    this.option = type === 'DNAT' ? '--to-destination' : '--to-source'
  }

  arity(word: string): number | undefined {
    if (word === this.option || word === '--to') return 1
    return this.flagOf(word) ? 0 : undefined
  }

  private flagOf(word: string): 'random' | 'randomFully' | 'persistent' | undefined {
    return this.type === 'DNAT' && word === '--random-fully' ? undefined : FLAGS[word]
  }

  set(word: string, [text = '']: readonly string[]): string | undefined {
    const flag = this.flagOf(word)
    if (flag) {
      this.flags = { ...this.flags, [flag]: true }
      return undefined
    }
    if (this.to) return `${this.type}: option "${this.option}" can only be used once.\n`
    const parsed = plainAddress(text) ?? parseTo(text, this.family)
    if (typeof parsed === 'string') return parsed
    this.to = parsed
    return undefined
  }

  finish(context: RuleContext): Target | string {
    const { type, to, flags } = this
    if (!to) return `${type}: option "${this.option}" must be specified\n`
    if (to.port !== undefined && !hasPorts(context)) return NEEDS_PORTS
    return flags ? { type, ...to, ...flags } : { type, ...to }
  }
}

/** The usual case: one IPv4 address with one port. */
function plainAddress(text: string): (NatAddresses & NatPorts) | undefined {
  const [, address, port] = PLAIN.exec(text) ?? []
  const ip = ipOrUndefined(address)
  return ip === undefined || Number(port) > 65535 ? undefined : { ip: copyText(ip), port: Number(port) }
}

/** MASQUERADE and REDIRECT: the address is the machine's own. */
export function ownNatTarget(type: 'MASQUERADE' | 'REDIRECT'): TargetDraft {
  let ports: NatPorts = {}
  const flags: { random?: boolean; randomFully?: boolean } = {}
  const flagOf = (word: string): keyof typeof flags | undefined => {
    if (word === '--random') return 'random'
    return word === '--random-fully' && type === 'MASQUERADE' ? 'randomFully' : undefined
  }
  return {
    arity: (word) => (flagOf(word) ? 0 : word === '--to-ports' || word === '--to-port' ? 1 : undefined),
    set: (word, [text = '']) => {
      const flag = flagOf(word)
      if (flag) {
        flags[flag] = true
        return undefined
      }
      const parsed = parsePorts(text)
      if (typeof parsed === 'string') return parsed
      ports = parsed
      return undefined
    },
    finish: (context) => (ports.port !== undefined && !hasPorts(context) ? NEEDS_PORTS : { type, ...ports, ...flags }),
  }
}
