import {
  act,
  badNumber,
  deprecated,
  ednsToggle,
  ensureEdns,
  nothing,
  number,
  numberFrom,
  toggle,
} from './digFlagKinds.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import { OPCODES } from './digMessage.ts'
import type { DigLookup, DigSettings } from './digLookup.ts'
import type { Flag } from './digFlagKinds.ts'

/** What became of an option: fine, not known, or a value that does not parse. */
export type FlagResult =
  | { readonly type: 'ok' | 'invalid' | 'empty' }
  | { readonly type: 'bad'; readonly complaint: string; readonly what: string; readonly exitCode: number }

/** Source: BIND 9.18 bin/dig/dig.c, plus_option. */
const FLAGS: readonly Flag[] = [
  toggle('aaonly', 2, 'aaFlag'),
  toggle('aaflag', 2, 'aaFlag'),
  toggle('additional', 3, 'additional'),
  toggle('adflag', 2, 'adFlag'),
  act('all', 2, ({ lookup, settings, on }) => {
    for (const key of ['question', 'authority', 'answer', 'additional', 'comments', 'stats'] as const) lookup[key] = on
    settings.printCommand = on
  }),
  toggle('answer', 2, 'answer'),
  toggle('authority', 2, 'authority'),
  toggle('badcookie', 2, 'badCookie'),
  toggle('besteffort', 2, 'bestEffort'),
  {
    name: 'bufsize',
    shortest: 2,
    positiveOnly: true,
    apply: (context) => {
      if (context.value !== undefined) {
        return numberFrom(context, 65535, 'buffer size', ({ lookup }, n) => {
          // What does not fit into 15 bits is the default again.
          lookup.udpSize = n > 0x7fff ? 1232 : n
        })
      }
      context.lookup.udpSize = 1232
      return undefined
    },
  },
  toggle('cdflag', 2, 'cdFlag'),
  toggle('class', 2, 'classColumn'),
  act('cmd', 2, ({ settings, on }) => {
    settings.printCommand = on
  }),
  act('coflag', 2, ({ lookup, on }) => {
    lookup.ednsFlags = on ? lookup.ednsFlags | 0x4000 : lookup.ednsFlags & ~0x4000
  }),
  toggle('comments', 3, 'comments'),
  {
    name: 'cookie',
    shortest: 3,
    apply: ({ lookup, on, value }) => {
      if (on) ensureEdns(lookup)
      lookup.sendCookie = on
      lookup.cookie = value
      const isHex = value === undefined || /^(?:[0-9a-f]{2})*$/i.test(value)
      return on && !isHex ? { complaint: '', what: 'isc_hex_decodestring: bad hex encoding', exitCode: 1 } : undefined
    },
  },
  nothing('crypto', 2),
  act('defname', 2, ({ settings, on }) => {
    settings.search = on
  }),
  ednsToggle('dnssec', 3, 'dnssec'),
  ednsToggle('do', 2, 'dnssec'),
  {
    name: 'domain',
    shortest: 3,
    value: 'required',
    positiveOnly: true,
    apply: ({ settings, value }) => {
      settings.domain = value
      return undefined
    },
  },
  act('dscp', 2, ({ settings }) => {
    settings.warnings += ';; +dscp option is obsolete and has no effect'
  }),
  {
    name: 'edns',
    shortest: 4,
    apply: (context) => {
      context.lookup.ednsVersion = context.on ? 0 : undefined
      if (!context.on || context.value === undefined) return undefined
      return numberFrom(context, 255, 'edns', ({ lookup }, n) => {
        lookup.ednsVersion = n
      })
    },
  },
  {
    name: 'ednsflags',
    shortest: 5,
    apply: ({ lookup, on, value }) => {
      lookup.ednsFlags = 0
      if (!on || value === undefined) return undefined
      const n = Number(value)
      if (!Number.isInteger(n) || n < 0) return badNumber('ednsflags', value, 'not a valid number')
      if (n > 0xffff) return badNumber('ednsflags', value, 'out of range')
      ensureEdns(lookup)
      lookup.ednsFlags = n
      return undefined
    },
  },
  toggle('ednsnegotiation', 5, 'ednsNegotiation'),
  {
    name: 'ednsopt',
    shortest: 5,
    apply: ({ lookup, on, value }) => {
      if (!on) {
        lookup.ednsOptions = []
        return undefined
      }
      const [code = '', data = ''] = (value ?? '').split(':')
      if (code === '') return { complaint: '', what: 'ednsopt no code point specified' }
      const known = EDNS_OPTION_CODES[code.toUpperCase()] ?? (/^\d+$/.test(code) ? Number(code) : undefined)
      if (known === undefined) {
        const { complaint } = badNumber('ednsopt', code, 'not a valid number')
        return { complaint, what: `bad edns code point: ${code}`, exitCode: 1 }
      }
      lookup.ednsOptions.push({ code: known, data: data.toLowerCase() })
      return undefined
    },
  },
  toggle('expandaaaa', 4, 'expandAaaa'),
  toggle('expire', 4, 'expire'),
  toggle('fail', 2, 'servfailStops'),
  toggle('header-only', 2, 'headerOnly'),
  toggle('identify', 3, 'identify'),
  nothing('idnin', 4),
  nothing('idnout', 4),
  toggle('ignore', 1, 'ignoreTruncation'),
  toggle('keepalive', 5, 'keepAlive'),
  nothing('keepopen', 5),
  deprecated('mapped', 2),
  toggle('multiline', 2, 'multiline'),
  number('ndots', 2, 65535, 'ndots', ({ settings }, n) => {
    settings.ndots = n
  }),
  ednsToggle('nsid', 3, 'nsid'),
  nothing('onesoa', 2),
  {
    name: 'opcode',
    shortest: 2,
    apply: ({ lookup, on, value }) => {
      if (!on) lookup.opcode = 0
      if (!on || value === undefined) return on ? 'invalid' : undefined
      const named = OPCODES.findIndex((name) => name === value.toUpperCase())
      if (named < 0 && !/^\d+$/.test(value)) return badNumber('opcode', value, 'not a valid number')
      if (named < 0 && Number(value) > 15) return badNumber('opcode', value, 'out of range')
      lookup.opcode = named < 0 ? Number(value) : named
      return undefined
    },
  },
  number('padding', 1, 512, 'padding', ({ lookup }, n) => {
    ensureEdns(lookup)
    lookup.padding = n
  }),
  number('qid', 2, 65535, 'qid', ({ lookup }, n) => {
    lookup.id = n
  }),
  toggle('qr', 2, 'showQuery'),
  toggle('question', 2, 'question'),
  toggle('raflag', 2, 'raFlag'),
  toggle('rdflag', 2, 'recurse'),
  toggle('recurse', 3, 'recurse'),
  ...['retry', 'retries'].map((name) =>
    number(name, 3, 254, 'retries', ({ lookup }, n) => {
      lookup.tries = n + 1
    }),
  ),
  act('rrcomments', 2, ({ lookup, on }) => {
    lookup.rrComments = on ? 1 : -1
  }),
  act('search', 2, ({ settings, on }) => {
    settings.search = on
  }),
  act('short', 4, ({ lookup, settings, on }) => {
    settings.shortForm = on
    if (!on) return
    settings.printCommand = false
    for (const key of ['additional', 'authority', 'question', 'comments', 'stats'] as const) lookup[key] = false
    lookup.answer = true
    lookup.rrComments = -1
  }),
  nothing('showbadcookie', 5),
  act('showsearch', 5, ({ settings, on }) => {
    settings.showSearch = on
    settings.search = on
  }),
  deprecated('sigchase', 2),
  {
    name: 'split',
    shortest: 2,
    apply: ({ settings, on, value }) => {
      if (!on || value === undefined) return undefined
      const n = Number.parseInt(value, 10) || 0
      if (n % 4 !== 0 || n === 0) {
        settings.warnings += `;; Warning, split must be a multiple of 4; adjusting to ${Math.ceil(n / 4) * 4}\n`
      }
      return /^\d+$/.test(value) ? undefined : badNumber('split', value, 'not a valid number')
    },
  },
  toggle('stats', 2, 'stats'),
  {
    name: 'subnet',
    shortest: 2,
    apply: ({ lookup, on, value }) => {
      lookup.subnet = on ? value : undefined
      if (!on || value === undefined) return on ? 'invalid' : undefined
      ensureEdns(lookup)
      const isAddress =
        ipOrUndefined(value.replace(/\/.*$/, '')) !== undefined || /^\d{1,3}(\.\d{1,3}){0,3}(\/|$)/.test(value)
      return isAddress ? undefined : { complaint: '', what: `invalid address '${value}'`, exitCode: 1 }
    },
  },
  toggle('tcflag', 3, 'tcFlag'),
  ...['tcp', 'vc'].map((name) =>
    act(name, name === 'tcp' ? 3 : 1, ({ lookup, on }) => {
      lookup.tcp = on
      lookup.tcpSet = true
    }),
  ),
  number('timeout', 2, 65535, 'timeout', ({ settings }, n) => {
    settings.timeout = Math.max(1, n)
  }),
  deprecated('topdown', 2),
  number('tries', 3, 255, 'tries', ({ lookup }, n) => {
    lookup.tries = Math.max(1, n)
  }),
  deprecated('trusted-key', 3),
  toggle('ttl', 3, 'ttl'),
  toggle('ttlid', 4, 'ttl'),
  act('ttlunits', 4, ({ lookup, on }) => {
    lookup.ttl = true
    lookup.ttlUnits = on
  }),
  deprecated('unexpected', 3),
  toggle('unknownformat', 3, 'unknownFormat'),
  act('yaml', 1, ({ settings, on }) => {
    settings.yaml = on
  }),
  toggle('zflag', 1, 'zFlag'),
  ...['trace', 'nssearch', 'dns64prefix', 'https', 'https-get', 'http-plain', 'http-plain-get', 'tls', 'tls-ca'].map(
    (name): Flag => ({
      name,
      shortest: 3,
      apply: ({ on }) =>
        on ? { complaint: '', what: `+${name} is not simulated (docs/fidelity.md)`, exitCode: 10 } : undefined,
    }),
  ),
]

const EDNS_OPTION_CODES: Readonly<Record<string, number>> = {
  NSID: 3,
  ECS: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  PAD: 12,
  EDE: 15,
}

/** Applies one option, written without its `+`. */
export function applyFlag(text: string, lookup: DigLookup, settings: DigSettings): FlagResult {
  const equals = text.indexOf('=')
  const word = equals < 0 ? text : text.slice(0, equals)
  const value = equals < 0 ? undefined : text.slice(equals + 1)
  const on = !/^no/i.test(word)
  const typed = on ? word : word.slice(2)
  const name = typed.toLowerCase()
  if (word === '') return { type: 'empty' }
  const flag = FLAGS.find(
    (candidate) =>
      // dig finds an option by its first letters, in lower case, and compares the rest without case.
      name.length >= candidate.shortest &&
      candidate.name.startsWith(name) &&
      typed.startsWith(name.slice(0, candidate.shortest)),
  )
  if (!flag) return { type: 'invalid' }
  if ((flag.value === 'required' && (value ?? '') === '') || (flag.positiveOnly === true && !on))
    return { type: 'invalid' }
  const problem = flag.apply({ lookup, settings, on, value })
  if (problem === 'invalid') return { type: 'invalid' }
  return problem === undefined ? { type: 'ok' } : { type: 'bad', exitCode: 10, ...problem }
}
