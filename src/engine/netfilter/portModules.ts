import { PORT_NAMES } from '../base/portNames.ts'
import type { Match, PortRange } from './rule.ts'
import type { ModuleDraft, RuleContext } from './moduleDraft.ts'

function parsePortNumber(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Object.hasOwn(PORT_NAMES, text) ? PORT_NAMES[text] : undefined
  return value !== undefined && value <= 65535 ? value : undefined
}

/** `80`, `http`, `1:100`, `:100`, `100:`; or the tool's complaint. */
export function parsePortRange(text: string): PortRange | string {
  const colon = text.indexOf(':')
  const low = colon < 0 ? text : text.slice(0, colon)
  const high = colon < 0 ? text : text.slice(colon + 1)
  const from = low === '' && colon >= 0 ? 0 : parsePortNumber(low)
  const to = high === '' && colon >= 0 ? 65535 : parsePortNumber(high)
  if (from === undefined) return `invalid port/service \`${low}' specified`
  if (to === undefined) return `invalid port/service \`${high}' specified`
  return from > to ? 'invalid portrange (min > max)' : { from, to }
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

/** Flags in the kernel's bit order; or the first word that is none. */
function parseFlags(text: string): readonly string[] | string {
  if (text === 'ALL') return FLAGS
  if (text === 'NONE') return []
  const words = text.split(',')
  const bad = words.find((word) => !FLAGS.includes(word))
  return bad === undefined ? FLAGS.filter((flag) => words.includes(flag)) : `Unknown TCP flag \`${bad}'`
}

type PortsMatch = Extract<Match, { type: 'ports' }>

/** Port tests without flags, shared: thousands of rules say `-m tcp --dport 80`. */
const shared = new Map<string, readonly PortsMatch[]>()
const SHARED_LIMIT = 20_000

/** `-m tcp`, `-m udp`, `-m sctp`. */
export class PortsModule implements ModuleDraft {
  readonly name: 'tcp' | 'udp' | 'sctp'
  private source: PortsMatch['source']
  private destination: PortsMatch['destination']
  private flags: PortsMatch['flags']

  constructor(name: 'tcp' | 'udp' | 'sctp') {
    this.name = name
  }

  arity(option: string): number | undefined {
    switch (option) {
      case '--dport':
      case '--sport':
      case '--destination-port':
      case '--source-port':
        return 1
      case '--tcp-flags':
        return this.name === 'tcp' ? 2 : undefined
      case '--syn':
        return this.name === 'tcp' ? 0 : undefined
      default:
        return undefined
    }
  }

  set(option: string, [text = '', comparison = '']: readonly string[], negate: boolean): string | undefined {
    if (option === '--syn' || option === '--tcp-flags') {
      const mask = option === '--syn' ? ['FIN', 'SYN', 'RST', 'ACK'] : parseFlags(text)
      const set = option === '--syn' ? ['SYN'] : parseFlags(comparison)
      if (typeof mask === 'string') return mask
      if (typeof set === 'string') return set
      if (this.flags) return "Only one of `--syn' or `--tcp-flags'  allowed"
      this.flags = { mask, set, negate }
      return undefined
    }
    const isSource = option === '--sport' || option === '--source-port'
    if (isSource ? this.source : this.destination) {
      return `Only one \`${isSource ? '--source-port' : '--destination-port'}' allowed`
    }
    const range = parsePortRange(text)
    if (typeof range === 'string') return range
    if (isSource) this.source = { ...range, negate }
    else this.destination = { ...range, negate }
    return undefined
  }

  finish(context: RuleContext): readonly Match[] | string {
    const { name: protocol, source, destination, flags } = this
    if (context.protocol !== protocol) return `${protocol.toUpperCase()} match requires '-p ${protocol}'`
    const make = (): PortsMatch[] => [
      {
        type: 'ports',
        protocol,
        ...(source && { source }),
        ...(destination && { destination }),
        ...(flags && { flags }),
      },
    ]
    if (source || flags) return make()
    const key = destination ? `${protocol} ${destination.from} ${destination.to} ${destination.negate}` : protocol
    const known = shared.get(key)
    if (known) return known
    const made = make()
    if (shared.size < SHARED_LIMIT) shared.set(key, made)
    return made
  }
}

const SIDES: Readonly<Record<string, 'source' | 'destination' | 'either'>> = {
  '--sports': 'source',
  '--source-ports': 'source',
  '--dports': 'destination',
  '--destination-ports': 'destination',
  '--ports': 'either',
}

const LISTED = { source: '--source-ports', destination: '--destination-ports', either: '--ports' } as const

export function multiportModule(): ModuleDraft {
  let match: Match | undefined
  return {
    name: 'multiport',
    arity: (option) => (Object.hasOwn(SIDES, option) ? 1 : undefined),
    set: (option, [text = ''], negate) => {
      if (match) {
        const first = match.type === 'multiport' ? match.side : 'either'
        return `multiport: option "${LISTED[SIDES[option] ?? 'either']}" cannot be used together with "${LISTED[first]}".\n`
      }
      const ranges: PortRange[] = []
      for (const part of text.split(',')) {
        const range = parsePortRange(part)
        if (typeof range === 'string') return range.replace('portrange (min > max)', 'portrange specified')
        ranges.push(range)
      }
      if (ranges.length > 15) return 'too many ports specified'
      match = { type: 'multiport', side: SIDES[option] ?? 'either', ranges, negate }
      return undefined
    },
    finish: ({ protocol }) => {
      if (!['tcp', 'udp', 'udplite', 'sctp', 'dccp'].includes(protocol ?? '')) {
        return "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'"
      }
      return match ? [match] : 'multiport expection an option'
    },
  }
}
