import { applyFlag } from './digFlags.ts'
import { cloneLookup, defaultLookup, DIG_VERSION } from './digLookup.ts'
import { parseRrClass, parseRrType, reverseName } from '../engine/index.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import type { DigExit, DigLookup, DigSettings } from './digLookup.ts'

const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]
`
const USAGE_HINT = `
Use "dig -h" (or "dig -h | more") for complete list of options
`
const SINGLE = '46dhimnruv'
const WITH_VALUE = 'bcfkpqtyx'

/**
 * Reads dig's command line, without the word `dig`. Servers and types before the first name hold for all names, later
 * ones for the last name. Source: BIND 9.18 bin/dig/dig.c.
 */
export function parseDigOptions(words: readonly string[]): DigSettings | DigExit {
  const settings: DigSettings = {
    lookups: [],
    shortForm: false,
    yaml: false,
    printCommand: true,
    search: false,
    showSearch: false,
    ndots: undefined,
    domain: undefined,
    timeout: 5,
    port: 53,
    ipv4Only: false,
    ipv6Only: false,
    warnings: '',
    notes: '',
  }
  const defaults = defaultLookup()
  let lookup = defaults
  let openTypeClass = true

  const add = (name: string, change: (fresh: DigLookup) => void = () => undefined): void => {
    lookup = cloneLookup(defaults)
    lookup.name = name
    change(lookup)
    if (settings.lookups.length === 0) lookup.greeting = greeting(words, settings, lookup.servers.length > 0)
    settings.lookups.push(lookup)
  }

  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word.startsWith('%')) break
    if (word.startsWith('@')) {
      // Before the first name it is for all names, then for the one before it.
      lookup.servers.push(word.slice(1))
      continue
    }
    if (word.startsWith('+')) {
      const result = applyFlag(word.slice(1), lookup, settings)
      if (result.type === 'invalid') return usage(settings, `Invalid option: ${word.replace(/=.*$/s, '')}`)
      if (result.type === 'empty') settings.notes += ';; Invalid option \n'
      if (result.type === 'bad') {
        const { complaint, what, exitCode } = result
        return { stdout: complaint, stderr: `${settings.warnings}dig: ${what}\n`, exitCode }
      }
      continue
    }
    if (word.startsWith('-')) {
      let option = word.slice(1)
      while (option !== '' && SINGLE.includes(option.charAt(0))) {
        const exit = single(option.charAt(0), lookup, settings)
        if (exit) return exit
        option = option.slice(1)
      }
      if (option === '') continue
      const letter = option.charAt(0)
      const inline = option.slice(1)
      const value = inline === '' ? words[++at] : inline
      if (!WITH_VALUE.includes(letter) || value === undefined) return usage(settings, `Invalid option: -${option}`)
      if (letter === 'c' || letter === 't') openTypeClass = false
      const exit = valued(letter, value, { lookup, settings, add })
      if (exit) return exit
      continue
    }
    if (openTypeClass && setTypeOrClass(word, lookup, settings)) continue
    add(word)
  }
  if (settings.lookups.length === 0) {
    add('.', (fresh) => {
      fresh.type = 'NS'
      fresh.typeSet = true
    })
  }
  return settings
}

function greeting(words: readonly string[], settings: DigSettings, hasServer: boolean): string {
  if (!settings.printCommand) return ''
  const servers = hasServer ? '; (1 server found)\n' : ''
  const options = `${settings.shortForm ? ' +short' : ''} +cmd`
  return `\n; <<>> DiG ${DIG_VERSION} <<>>${words.map((word) => ` ${word}`).join('')}\n${servers};; global options:${options}\n`
}

function usage(settings: DigSettings, first: string): DigExit {
  return { stdout: '', stderr: `${settings.warnings}${first}\n${USAGE}${USAGE_HINT}`, exitCode: 1 }
}

function single(letter: string, lookup: DigLookup, settings: DigSettings): DigExit | undefined {
  switch (letter) {
    case '4':
      settings.ipv4Only = true
      break
    case '6':
      settings.ipv6Only = true
      break
    case 'u':
      lookup.microseconds = true
      break
    case 'h':
      return { stdout: USAGE, stderr: '', exitCode: 0 }
    case 'v':
      return { stdout: '', stderr: `DiG ${DIG_VERSION}\n`, exitCode: 0 }
    default:
      // -d, -i, -m, -n and -r change nothing that is simulated.
      break
  }
  if (settings.ipv4Only && settings.ipv6Only) {
    return { stdout: '', stderr: 'dig: only one of -4 and -6 allowed\n', exitCode: 1 }
  }
  return undefined
}

interface Parsing {
  readonly lookup: DigLookup
  readonly settings: DigSettings
  readonly add: (name: string, change?: (fresh: DigLookup) => void) => void
}

function valued(letter: string, value: string, { lookup, settings, add }: Parsing): DigExit | undefined {
  switch (letter) {
    case 'c': {
      if (lookup.classSet) settings.warnings += ';; Warning, extra class option\n'
      const parsed = parseRrClass(value)
      if (parsed === undefined) settings.warnings += `;; Warning, ignoring invalid class ${value}\n`
      else setClass(lookup, parsed)
      return undefined
    }
    case 't': {
      const serial = serialOf(value)
      const parsed = serial === undefined ? parseRrType(value) : 'IXFR'
      if (serial !== undefined) lookup.serial = serial
      if (parsed === 'IXFR' && serial === undefined) settings.warnings += IXFR_WARNING
      else if (parsed === undefined) settings.warnings += `;; Warning, ignoring invalid type ${value}\n`
      else setType(lookup, settings, parsed)
      return undefined
    }
    case 'q':
      add(value)
      return undefined
    case 'x': {
      add(reverseName(value), (fresh) => {
        if (!fresh.typeSet) fresh.type = 'PTR'
        if (!fresh.classSet) fresh.class = 'IN'
      })
      return undefined
    }
    case 'p': {
      const fault = portFault(value)
      if (!fault) settings.port = Number(value)
      return fault
    }
    case 'b': {
      const [address = '', sourcePort] = value.split('#')
      const fault = sourcePort === undefined ? undefined : portFault(sourcePort)
      if (fault) return fault
      if (ipOrUndefined(address) !== undefined) return notSimulated(letter)
      return { stdout: '', stderr: `${settings.warnings}dig: invalid address ${address}\n`, exitCode: 1 }
    }
    case 'f':
      return value === '/dev/null'
        ? notSimulated(letter)
        : {
            stdout: '',
            stderr: `${value}: No such file or directory\ndig: couldn't open specified batch file\n`,
            exitCode: 8,
          }
    case 'k':
      settings.warnings += `Couldn't read key from ${value}: file not found\n`
      return undefined
    default:
      return notSimulated(letter)
  }
}

function portFault(value: string): DigExit | undefined {
  const isNumber = /^\d+$/.test(value)
  if (isNumber && Number(value) <= 65535) return undefined
  const stdout = `invalid port number '${value}': ${isNumber ? 'out of range' : 'not a valid number'}\n`
  return { stdout, stderr: `dig: Couldn't parse port number\n`, exitCode: 1 }
}

/** Source addresses and keys. */
function notSimulated(letter: string): DigExit {
  return { stdout: '', stderr: `dig: -${letter} is not simulated (docs/fidelity.md)\n`, exitCode: 1 }
}

const IXFR_WARNING = ';; Warning, ixfr requires a serial number\n'

/** `ixfr=3` */
function serialOf(word: string): number | undefined {
  const digits = /^ixfr=(\d+)$/i.exec(word)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Takes `word` as a type or a class if it is one. */
function setTypeOrClass(word: string, lookup: DigLookup, settings: DigSettings): boolean {
  const serial = serialOf(word)
  const type = serial === undefined ? parseRrType(word) : 'IXFR'
  if (serial !== undefined) lookup.serial = serial
  if (type === 'IXFR' && serial === undefined) {
    settings.warnings += IXFR_WARNING
    return true
  }
  if (type !== undefined) {
    setType(lookup, settings, type)
    return true
  }
  const parsed = parseRrClass(word)
  if (parsed === undefined) return false
  if (lookup.classSet) settings.warnings += ';; Warning, extra class option\n'
  setClass(lookup, parsed)
  return true
}

function setType(lookup: DigLookup, settings: DigSettings, type: string): void {
  if (lookup.typeSet) settings.warnings += ';; Warning, extra type option\n'
  lookup.type = type
  lookup.typeSet = true
  if (type === 'AXFR' || type === 'IXFR') {
    lookup.question = false
    lookup.comments = false
    if (type === 'IXFR' && !lookup.tcpSet) lookup.tcp = true
  }
  if (type === 'ANY' && !lookup.tcpSet) lookup.tcp = true
}

function setClass(lookup: DigLookup, value: string): void {
  lookup.class = value
  lookup.classSet = true
}
