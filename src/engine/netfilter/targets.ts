import { AddressNatTarget, ownNatTarget } from './natTargets.ts'
import { parseMark, parseU32 } from './numbers.ts'
import type { IpFamily } from '../base/ip.ts'
import type { TargetDraft } from './moduleDraft.ts'
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

/** Names that `--log-level` takes. Source: iptables 1.8.9, libxtables. */
const LOG_LEVELS: Readonly<Record<string, number>> = {
  emerg: 0,
  panic: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
}
/** In the order in which they are listed. Source: Linux include/uapi/linux/netfilter/nf_log.h. */
export const LOG_FLAGS: readonly (readonly [option: string, bit: number])[] = [
  ['--log-tcp-sequence', 1],
  ['--log-tcp-options', 2],
  ['--log-ip-options', 4],
  ['--log-uid', 8],
  ['--log-macdecode', 32],
]

function logTarget(): TargetDraft {
  let prefix = ''
  let level: number | undefined
  let flags = 0
  const bitOf = (option: string): number | undefined => LOG_FLAGS.find(([name]) => name === option)?.[1]
  return {
    arity: (option) =>
      bitOf(option) === undefined ? (option === '--log-prefix' || option === '--log-level' ? 1 : undefined) : 0,
    set: (option, [text = '']) => {
      flags |= bitOf(option) ?? 0
      if (option === '--log-prefix') {
        if (text === '') return 'Argument must have a minimum length of 1 characters\n'
        prefix = text.slice(0, 29)
      } else if (option === '--log-level') {
        level = /^[0-7]$/.test(text) ? Number(text) : Object.hasOwn(LOG_LEVELS, text) ? LOG_LEVELS[text] : undefined
        if (level === undefined) return `log level "${text}" unknown\n`
      }
      return undefined
    },
    finish: () => ({
      type: 'LOG',
      prefix,
      ...(level !== undefined && level !== 4 && { level }),
      ...(flags !== 0 && { flags }),
    }),
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
    case 'SNAT':
      return new AddressNatTarget(name, family)
    case 'MASQUERADE':
    case 'REDIRECT':
      return ownNatTarget(name)
    case 'LOG':
      return logTarget()
    default:
      return undefined
  }
}
