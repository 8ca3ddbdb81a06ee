import { parseRrClass, parseRrType } from '../engine/index.ts'
import type { ToolResult } from './digIo.ts'

/** What `host` was told. */
export interface HostSettings {
  type: string
  class: string
  /** No type was asked for: A, AAAA and MX. */
  defaultTypes: boolean
  tcp: boolean
  recurse: boolean
  /** Answers section by section, as dig prints them. */
  verbose: boolean
  port: number
  ndots: number
  tries: number
  /** Seconds. */
  timeout: number
  ipv6Only: boolean
}

export const HOST_USAGE =
  'Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p port] hostname [server]\n'
/** A colon follows letters that take a value. Source: BIND 9.18 bin/dig/host.c. */
const LETTERS = 'ac:dilnm:p:rst:vVwCDN:R:TUW:46A'

/** Reads the options as getopt does, changing `settings`; gives the operands, or what ends the run. */
export function parseHostOptions(words: readonly string[], settings: HostSettings): readonly string[] | ToolResult {
  const operands: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') return [...operands, ...words.slice(at + 1)]
    if (!word.startsWith('-') || word === '-') {
      operands.push(word)
      continue
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word.charAt(i)
      const known = letter === ':' ? -1 : LETTERS.indexOf(letter)
      if (known < 0) return refused(`host: illegal option -- ${letter}\n${HOST_USAGE}`, 1)
      const takesValue = LETTERS.charAt(known + 1) === ':'
      const rest = word.slice(i + 1)
      const value = takesValue ? (rest === '' ? words[++at] : rest) : ''
      if (value === undefined) return refused(HOST_USAGE, 1)
      const end = apply(letter, value, settings)
      if (end) return end
      if (takesValue) break
    }
  }
  return operands
}

function refused(stderr: string, exitCode: number): ToolResult {
  return { stdout: '', stderr, exitCode }
}

function apply(letter: string, value: string, settings: HostSettings): ToolResult | undefined {
  // As atoi does.
  const number = Number.parseInt(value, 10) || 0
  switch (letter) {
    case 't': {
      const serial = /^ixfr=\d+$/i.test(value)
      const type = serial ? 'IXFR' : parseRrType(value)
      if (type === undefined) return refused(`host: invalid type: ${value}\n\n`, 2)
      settings.type = type
      settings.defaultTypes = false
      if (type === 'IXFR' || type === 'AXFR') settings.tcp = true
      return undefined
    }
    case 'c': {
      const parsed = parseRrClass(value)
      if (parsed === undefined) return refused(`host: invalid class: ${value}\n\n`, 2)
      settings.class = parsed
      settings.defaultTypes = false
      return undefined
    }
    case 'a':
    case 'A':
      settings.type = 'ANY'
      settings.defaultTypes = false
      settings.verbose = true
      return undefined
    case 'd':
    case 'v':
      settings.verbose = true
      return undefined
    case 'l':
      settings.type = 'AXFR'
      settings.defaultTypes = false
      settings.tcp = true
      return undefined
    case 'p':
      settings.port = number
      return undefined
    case 'N':
      settings.ndots = number
      return undefined
    case 'R':
      settings.tries = Math.max(2, number + 1)
      return undefined
    case 'W':
      settings.timeout = Math.max(1, number)
      return undefined
    case 'r':
      settings.recurse = false
      return undefined
    case 'T':
      settings.tcp = true
      return undefined
    case 'U':
      settings.tcp = false
      return undefined
    case '6':
      settings.ipv6Only = true
      return undefined
    case 'V':
      return refused('host 9.18.49-1~deb12u3-Debian\n', 0)
    case 'C':
      return refused('host: -C is not simulated (docs/fidelity.md)\n', 1)
    default:
      // -4, -D, -i, -m, -n, -s, -w: nothing that shows here.
      return undefined
  }
}
