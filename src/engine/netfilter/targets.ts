import { familyOf, ipOrUndefined } from '../base/ip.ts'
import { parseMark, parseU32 } from './numbers.ts'
import { copyText } from './words.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { RuleContext, TargetDraft } from './moduleDraft.ts'
import type { Target } from './rule.ts'

const single = (options: readonly string[]) => (option: string) => (options.includes(option) ? 1 : undefined)

const REJECTS: Readonly<Record<IpFamily, readonly string[]>> = {
  IPv4: [
    'icmp-net-unreachable',
    'icmp-host-unreachable',
    'icmp-proto-unreachable',
    'icmp-port-unreachable',
    'icmp-net-prohibited',
    'icmp-host-prohibited',
    'tcp-reset',
    'icmp-admin-prohibited',
  ],
  IPv6: ['icmp6-no-route', 'icmp6-adm-prohibited', 'icmp6-addr-unreachable', 'icmp6-port-unreachable', 'tcp-reset'],
}
const REJECT_SHORT: Readonly<Record<string, string>> = {
  'net-unreach': 'icmp-net-unreachable',
  'host-unreach': 'icmp-host-unreachable',
  'proto-unreach': 'icmp-proto-unreachable',
  'port-unreach': 'icmp-port-unreachable',
  'net-prohib': 'icmp-net-prohibited',
  'host-prohib': 'icmp-host-prohibited',
  'tcp-rst': 'tcp-reset',
  'admin-prohib': 'icmp-admin-prohibited',
}

function rejectTarget(family: IpFamily): TargetDraft {
  let kind = family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'
  return {
    arity: single(['--reject-with']),
    set: (_, [text = '']) => {
      kind = REJECT_SHORT[text] ?? text
      return REJECTS[family].includes(kind) ? undefined : `unknown reject type "${text}"`
    },
    finish: () => ({ type: 'REJECT', with: kind }),
  }
}

function markTarget(): TargetDraft {
  let target: Target | undefined
  return {
    arity: single(['--set-xmark', '--set-mark', '--and-mark', '--or-mark', '--xor-mark']),
    set: (option, [text = '']) => {
      const pair = option === '--set-xmark' || option === '--set-mark' ? parseMark(text) : undefined
      const value = pair?.value ?? parseU32(text)
      if (value === undefined) return `MARK: bad integer value for option "${option}", or out of range.\n`
      const mask = pair?.mask ?? 0
      // The kernel knows only `mark = (mark & ~mask) ^ value`; every spelling is turned into that.
      if (option === '--set-xmark') target = { type: 'MARK', value, mask }
      else if (option === '--set-mark') target = { type: 'MARK', value, mask: (mask | value) >>> 0 }
      else if (option === '--and-mark') target = { type: 'MARK', value: 0, mask: ~value >>> 0 }
      else if (option === '--or-mark') target = { type: 'MARK', value, mask: value }
      else target = { type: 'MARK', value, mask: 0 }
      return undefined
    },
    finish: () => target ?? 'MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required',
  }
}

/** `1.2.3.4`, `1.2.3.4:80`, `:80`, `[fd00::1]:80`. */
function parseNatAddress(text: string, family: IpFamily): { ip?: Ip; port?: number } | string {
  const v6 = text.startsWith('[') ? /^\[([^\]]*)\](?::(.*))?$/.exec(text) : null
  const colon = family === 'IPv6' ? -1 : text.indexOf(':')
  const ipText = v6 ? v6[1] : colon < 0 ? text : text.slice(0, colon)
  const portText = v6 ? v6[2] : colon < 0 ? undefined : text.slice(colon + 1)
  let port: number | undefined
  if (portText !== undefined) {
    if (portText.includes('-') && /^\d+-\d+$/.test(portText)) return 'port ranges of DNAT and SNAT are not simulated'
    port = /^\d+$/.test(portText) ? Number(portText) : 0
    if (port < 1 || port > 65535) return `Port \`${portText}' not valid`
  }
  if (ipText === undefined || ipText === '') return port === undefined ? `Bad IP address "${text}"` : { port }
  if (ipText.includes('-')) return 'address ranges of DNAT and SNAT are not simulated'
  const ip = ipOrUndefined(ipText)
  if (!ip || familyOf(ip) !== family) return `Bad IP address "${ipText}"`
  const own = copyText(ip)
  return port === undefined ? { ip: own } : { ip: own, port }
}

const NEEDS_PORTS = 'Need TCP, UDP, SCTP or DCCP with port specification'
const PORT_PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp', 'dccp']
const hasPorts = ({ protocol }: RuleContext): boolean => protocol !== undefined && PORT_PROTOCOLS.includes(protocol)

/** A class, not closures: every endpoint of kube-proxy has one. */
class DnatTarget implements TargetDraft {
  private readonly family: IpFamily
  private address: { ip?: Ip; port?: number } | undefined

  constructor(family: IpFamily) {
    this.family = family
  }

  arity(option: string): number | undefined {
    return option === '--to-destination' || option === '--to' ? 1 : undefined
  }

  set(_: string, [text = '']: readonly string[]): string | undefined {
    const parsed = parseNatAddress(text, this.family)
    if (typeof parsed === 'string') return parsed
    this.address = parsed
    return undefined
  }

  finish(context: RuleContext): Target | string {
    if (!this.address) return 'DNAT: option "--to-destination" must be specified\n'
    const { ip, port } = this.address
    if (port === undefined) return ip === undefined ? { type: 'DNAT' } : { type: 'DNAT', ip }
    if (!hasPorts(context)) return NEEDS_PORTS
    return ip === undefined ? { type: 'DNAT', port } : { type: 'DNAT', ip, port }
  }
}

function snatTarget(family: IpFamily): TargetDraft {
  let address: { ip?: Ip; port?: number } | undefined
  let randomFully = false
  return {
    arity: (option) =>
      option === '--random-fully' ? 0 : option === '--to-source' || option === '--to' ? 1 : undefined,
    set: (option, [text = '']) => {
      if (option === '--random-fully') randomFully = true
      else {
        const parsed = parseNatAddress(text, family)
        if (typeof parsed === 'string') return parsed
        address = parsed
      }
      return undefined
    },
    finish: (context) => {
      if (!address) return 'SNAT: option "--to-source" must be specified\n'
      if (!address.ip) return 'SNAT without an address is not simulated'
      if (address.port !== undefined && !hasPorts(context)) return NEEDS_PORTS
      return { type: 'SNAT', ip: address.ip, ...(address.port !== undefined && { port: address.port }), randomFully }
    },
  }
}

function masqueradeTarget(): TargetDraft {
  let randomFully = false
  return {
    arity: (option) => (option === '--random-fully' ? 0 : undefined),
    set: () => {
      randomFully = true
      return undefined
    },
    finish: () => ({ type: 'MASQUERADE', randomFully }),
  }
}

function redirectTarget(): TargetDraft {
  let port: number | undefined
  return {
    arity: single(['--to-ports', '--to-port']),
    set: (_, [text = '']) => {
      port = /^\d+$/.test(text) ? Number(text) : 0
      return port >= 1 && port <= 65535 ? undefined : `Port \`${text}' not valid`
    },
    finish: (context) => {
      if (port === undefined) return 'REDIRECT without --to-ports is not simulated'
      return hasPorts(context) ? { type: 'REDIRECT', port } : NEEDS_PORTS
    },
  }
}

function logTarget(): TargetDraft {
  let prefix = ''
  return {
    arity: single(['--log-prefix']),
    set: (_, [text = '']) => {
      prefix = text.slice(0, 29)
      return undefined
    },
    finish: () => ({ type: 'LOG', prefix }),
  }
}

function bareTarget(target: Target): TargetDraft {
  return { arity: () => undefined, set: () => undefined, finish: () => target }
}

/** The target extension called `name`; nothing when `-j name` must then be a chain. */
export function createTarget(name: string, family: IpFamily): TargetDraft | undefined {
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return bareTarget({ type: name })
    case 'REJECT':
      return rejectTarget(family)
    case 'MARK':
      return markTarget()
    case 'DNAT':
      return new DnatTarget(family)
    case 'SNAT':
      return snatTarget(family)
    case 'MASQUERADE':
      return masqueradeTarget()
    case 'REDIRECT':
      return redirectTarget()
    case 'LOG':
      return logTarget()
    default:
      return undefined
  }
}
