import { cidrOrUndefined, hostCidr } from '../base/cidr.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { parseU32 } from './numbers.ts'
import { parsePortRange } from './portModules.ts'
import { protocolName, protocolNumber } from './protocols.ts'
import type { CtStateName, CtTest, Match } from './rule.ts'
import type { ModuleDraft } from './moduleDraft.ts'

type ConntrackMatch = Extract<Match, { type: 'conntrack' }>

/** In the order in which `iptables-save` lists them. */
const ORDER: readonly CtStateName[] = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
const STATUSES = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED']
const ENDS = ['origsrc', 'origdst', 'replsrc', 'repldst'] as const
/** The listing's order of all options behind the state. */
const TESTS = [
  'ctproto',
  ...ENDS.map((end) => `ct${end}`),
  ...ENDS.map((end) => `ct${end}port`),
  'ctstatus',
  'ctexpire',
  'ctdir',
]

/** `-m state --state`, the older way. */
export function stateModule(): ModuleDraft {
  let match: Match | undefined
  return {
    name: 'state',
    arity: (word) => (word === '--state' ? 1 : undefined),
    set: (_, [text = ''], negate) => {
      const states = parseStates(text, ORDER.slice(0, 5), 'state')
      if (typeof states === 'string') return states
      match = { type: 'state', states, negate }
      return undefined
    },
    finish: () => (match ? [match] : 'state: option "--state" must be specified\n'),
  }
}

/** `-m conntrack` with all its options. Source: iptables 1.8.9, libxt_conntrack.c. */
export function conntrackModule(): ModuleDraft {
  let states: readonly CtStateName[] = []
  let negated = false
  const tests = new Map<string, CtTest>()
  return {
    name: 'conntrack',
    arity: (word) => (word === '--ctstate' || TESTS.includes(word.slice(2)) ? 1 : undefined),
    set: (option, [text = ''], negate) => {
      const name = option.slice(2)
      if (name === 'ctstate') {
        const parsed = parseStates(text, ORDER, name)
        if (typeof parsed === 'string') return parsed
        states = parsed
        negated = negate
        return undefined
      }
      const test = parseTest(name, text, negate)
      if (typeof test === 'string') return test
      tests.set(name, test)
      return undefined
    },
    finish: () => {
      if (states.length === 0 && tests.size === 0) return 'conntrack: At least one option is required'
      const sorted = TESTS.flatMap((name) => tests.get(name) ?? [])
      return [{ type: 'conntrack', states, negate: negated, ...(sorted.length > 0 && { tests: sorted }) }]
    },
  }
}

function parseStates(text: string, known: readonly CtStateName[], option: string): readonly CtStateName[] | string {
  const words = text.toUpperCase().split(',')
  const bad = words.find((word) => !known.some((state) => state === word))
  if (bad !== undefined) return `Bad ${option} "${text.split(',')[words.indexOf(bad)] ?? ''}"`
  return known.filter((state) => words.includes(state))
}

function parseTest(name: string, text: string, negate: boolean): CtTest | string {
  switch (name) {
    case 'ctproto': {
      const protocol = protocolName(text)
      return protocol === undefined
        ? `unknown protocol "${text}" specified`
        : { type: 'proto', protocol: protocolNumber(protocol), negate }
    }
    case 'ctstatus': {
      const words = text.toUpperCase().split(',')
      const bad = words.find((word) => !STATUSES.includes(word))
      if (bad !== undefined) return `Bad ctstatus "${text.split(',')[words.indexOf(bad)] ?? ''}"`
      return { type: 'status', names: STATUSES.filter((status) => words.includes(status)), negate }
    }
    case 'ctexpire': {
      const [low = '', high = low] = text.split(':')
      const from = parseU32(low)
      const to = parseU32(high)
      const wrong = from === undefined ? low : high
      return from === undefined || to === undefined
        ? `conntrack: bad value for option "--ctexpire" near "${wrong}", or out of range (0-4294967295).\n`
        : { type: 'expire', range: { from, to }, negate }
    }
    case 'ctdir': {
      if (negate) return 'conntrack: option "--ctdir" cannot be inverted.\n'
      const direction = text.toUpperCase()
      return direction === 'ORIGINAL' || direction === 'REPLY'
        ? { type: 'direction', direction }
        : `conntrack: Bad value for "--ctdir" option: "${text}"`
    }
    default:
      return parseEnd(name, text, negate)
  }
}

function parseEnd(name: string, text: string, negate: boolean): CtTest | string {
  const end = ENDS.find((each) => name.startsWith(`ct${each}`)) ?? 'origsrc'
  if (name.endsWith('port')) {
    const range = parsePortRange(text)
    return typeof range === 'string'
      ? `Port "${text}" does not resolve to anything.\n`
      : { type: 'port', end, range, negate }
  }
  const ip = ipOrUndefined(text)
  const cidr = ip === undefined ? cidrOrUndefined(text) : hostCidr(ip)
  return cidr === undefined
    ? 'getaddrinfo: Temporary failure in name resolution\n'
    : { type: 'address', end, cidr, negate }
}

/** The options of the match, each with a blank before it: `--` as `iptables-save` lists them, without as `-L` does. */
export function printConntrack({ states, negate, tests = [] }: ConntrackMatch, dash: '' | '--'): string {
  const words = states.length === 0 ? [] : [option('ctstate', states.join(','), negate)]
  for (const test of tests) words.push(wordOf(test))
  return words.join('')

  function option(name: string, value: string | number, not: boolean): string {
    return ` ${not ? '! ' : ''}${dash}${name} ${value}`
  }

  function wordOf(test: CtTest): string {
    switch (test.type) {
      case 'proto':
        return option('ctproto', test.protocol, test.negate)
      case 'address': {
        const host = /\/(32|128)$/.test(test.cidr)
        return option(`ct${test.end}`, host ? test.cidr.replace(/\/\d+$/, '') : test.cidr, test.negate)
      }
      case 'port':
        return option(`ct${test.end}port`, rangeText(test.range), test.negate)
      case 'status':
        return option('ctstatus', [...test.names].sort(byListing).join(','), test.negate)
      case 'expire':
        return option('ctexpire', rangeText(test.range), test.negate)
      case 'direction':
        return option('ctdir', test.direction, false)
      default:
        return test satisfies never
    }
  }
}

const LISTED = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'NONE']
const byListing = (a: string, b: string): number => LISTED.indexOf(a) - LISTED.indexOf(b)

function rangeText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? String(from) : `${from}:${to}`
}
