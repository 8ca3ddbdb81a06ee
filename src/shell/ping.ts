import type { CommandResult } from './commandResult.ts'
import type { ToolResult } from './digIo.ts'

/** What ping needs from the place where it runs. Times are virtual milliseconds. */
export interface PingIo {
  /** getaddrinfo. */
  readonly lookUp: (name: string) => readonly string[]
  /** One echo request, waited for at most `limitMs`. Virtual time passes meanwhile. */
  readonly echo: (address: string, limitMs: number) => Echo
  /** Lets virtual time pass between two requests. */
  readonly pass: (ms: number) => void
}

export type Echo =
  | { readonly type: 'reply'; readonly from: string; readonly ttl: number; readonly elapsedMs: number }
  /** An ICMP error came back. */
  | { readonly type: 'error'; readonly from: string; readonly words: string }
  /** The kernel has no way there: ping gives up. */
  | { readonly type: 'noRoute' }
  | { readonly type: 'silence' }

interface Options {
  readonly count: number
  readonly intervalMs: number
  readonly limitMs: number
  readonly size: number
  readonly quiet: boolean
  readonly family: 4 | 6 | undefined
  readonly destination: string
}

const HEADERS = { 4: 28, 6: 8 } as const
/** Nobody presses Ctrl+C here: without `-c` so many are sent. */
const DEFAULT_COUNT = 4

/**
 * `ping` as iputils 20221126 prints it: `-c`, `-i`, `-W`, `-s`, `-q`, `-n`, `-4`, `-6`.
 * Differs: ends after four requests where the real one waits for Ctrl+C.
 */
export function ping(words: readonly string[], io: PingIo): ToolResult {
  const options = parse(words)
  if (typeof options === 'string') return complain(options)
  const found = resolve(options, io)
  if (typeof found === 'string') return complain(found)
  const { shown, address, family } = found
  const lines = [heading(shown, address, family, options.size)]
  const times: number[] = []
  let [errors, spent] = [0, 0]
  for (let sequence = 1; sequence <= options.count; sequence++) {
    const echo = io.echo(address, options.limitMs)
    if (echo.type === 'noRoute') return { ...complain('ping: connect: Network is unreachable\n'), exitCode: 2 }
    const line = echoLine(echo, sequence, shown, options)
    if (line !== undefined && (!options.quiet || echo.type === 'error')) lines.push(line)
    if (echo.type === 'reply') times.push(echo.elapsedMs)
    if (echo.type === 'error') errors++
    const took = echo.type === 'reply' ? echo.elapsedMs : echo.type === 'error' ? 0 : options.limitMs
    const rest = sequence < options.count ? Math.max(0, options.intervalMs - took) : 0
    io.pass(rest)
    if (sequence < options.count) spent += took + rest
    else if (echo.type === 'reply') spent += took
  }
  lines.push('', ...statistics(shown, options.count, times, errors, spent))
  return { stdout: lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode: times.length > 0 ? 0 : 1 }
}

const isNumbered = (letter: string): letter is 'c' | 'i' | 'W' | 's' => 'ciWs'.includes(letter) && letter !== ''

function parse(words: readonly string[]): Options | string {
  const numbers = { c: DEFAULT_COUNT, i: 1, W: 10, s: 56 }
  const flags = new Set<string>()
  const destinations: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (!word.startsWith('-') || word === '-') {
      destinations.push(word)
      continue
    }
    const letter = word.charAt(1)
    if ('qn46'.includes(letter) && letter !== '') {
      flags.add(letter)
      if (word.length > 2) words = [...words.slice(0, i + 1), `-${word.slice(2)}`, ...words.slice(i + 1)]
    } else if (isNumbered(letter)) {
      const value = word.length > 2 ? word.slice(2) : words[++i]
      if (value === undefined) return `ping: option requires an argument -- '${letter}'\n`
      if (!/^\d+(\.\d+)?$/.test(value) || (letter !== 'i' && letter !== 'W' && !/^\d+$/.test(value)))
        return `ping: invalid argument: '${value}'\n`
      if (letter === 'c' && Number(value) === 0)
        return `ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n`
      if (letter === 's' && Number(value) > 65_507)
        return `ping: invalid argument: '${value}': out of range: 0 <= value <= 2147483647\n`
      numbers[letter] = Number(value)
    } else return `ping: invalid option -- '${letter}'\n`
  }
  const destination = destinations.at(-1)
  if (destination === undefined) return 'ping: usage error: Destination address required\n'
  return {
    count: Math.min(numbers.c, 10_000),
    intervalMs: numbers.i * 1000,
    limitMs: numbers.W * 1000,
    size: numbers.s,
    quiet: flags.has('q'),
    family: flags.has('4') ? 4 : flags.has('6') ? 6 : undefined,
    destination,
  }
}

interface Found {
  readonly shown: string
  readonly address: string
  readonly family: 4 | 6
}

function resolve({ destination, family }: Options, io: PingIo): Found | string {
  const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4)
  if (/^[0-9.]+$/.test(destination) || destination.includes(':')) {
    const own = familyOf(destination)
    if (family !== undefined && family !== own)
      return `ping: ${destination}: Address family for hostname not supported\n`
    return { shown: destination, address: destination, family: own }
  }
  const addresses = io.lookUp(destination)
  const address = addresses.find((each) => family === undefined || familyOf(each) === family)
  if (address === undefined) return `ping: ${destination}: Name or service not known\n`
  return { shown: destination, address, family: familyOf(address) }
}

function heading(shown: string, address: string, family: 4 | 6, size: number): string {
  if (family === 6) return `PING ${shown}(${address}) ${size} data bytes`
  return `PING ${shown} (${address}) ${size}(${size + HEADERS[4]}) bytes of data.`
}

function echoLine(echo: Echo, sequence: number, shown: string, { size }: Options): string | undefined {
  if (echo.type === 'error') return `From ${echo.from} icmp_seq=${sequence} ${echo.words}`
  if (echo.type !== 'reply') return undefined
  const from = shown === echo.from ? shown : `${shown} (${echo.from})`
  return `${size + 8} bytes from ${from}: icmp_seq=${sequence} ttl=${echo.ttl} time=${shownTime(echo.elapsedMs)} ms`
}

/** Three digits below 10 ms, then one less for each power of ten. */
function shownTime(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms >= 1 ? ms.toFixed(2) : ms.toFixed(3)
}

function statistics(
  shown: string,
  sent: number,
  times: readonly number[],
  errors: number,
  spentMs: number,
): readonly string[] {
  const loss = Number(((100 * (sent - times.length)) / sent).toPrecision(6))
  const bad = errors > 0 ? `, +${errors} errors` : ''
  const lines = [
    `--- ${shown} ping statistics ---`,
    `${sent} packets transmitted, ${times.length} received${bad}, ${loss}% packet loss, time ${Math.round(spentMs)}ms`,
  ]
  if (times.length === 0) return [...lines, '']
  // In whole microseconds, cut off: as the tool does.
  const micros = times.map((ms) => Math.round(ms * 1000))
  const sum = micros.reduce((total, each) => total + each, 0)
  const squares = micros.reduce((total, each) => total + each * each, 0)
  const mean = Math.floor(sum / micros.length)
  const deviation = Math.floor(Math.sqrt((squares - Math.floor((sum * sum) / micros.length)) / micros.length))
  const all = [Math.min(...micros), mean, Math.max(...micros), deviation]
  return [...lines, `rtt min/avg/max/mdev = ${all.map((each) => (each / 1000).toFixed(3)).join('/')} ms`]
}

/** `ping` as the shell's program. */
export function pingProgram(io: PingIo): (words: readonly string[]) => CommandResult {
  return (words) => {
    const { stdout, stderr, exitCode } = ping(words, io)
    return { stdout, stderr, rc: exitCode }
  }
}

function complain(text: string): ToolResult {
  return { stdout: '', stderr: text, exitCode: /not known|invalid option|not supported/.test(text) ? 2 : 1 }
}
