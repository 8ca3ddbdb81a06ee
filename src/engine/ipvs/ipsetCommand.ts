import { parseIpsetEntry } from './ipsetEntry.ts'
import { printIpset, printIpsetSave } from './printIpset.ts'
import { createIpsets, isInSet } from './ipset.ts'
import type { Ipset, Ipsets } from './ipset.ts'
import type { IpsetType } from './model.ts'

export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** By every spelling that the tool takes. */
const COMMANDS: Readonly<Record<string, string>> = {
  create: 'create',
  '-N': 'create',
  add: 'add',
  '-A': 'add',
  del: 'del',
  '-D': 'del',
  test: 'test',
  '-T': 'test',
  destroy: 'destroy',
  '-X': 'destroy',
  list: 'list',
  '-L': 'list',
  save: 'save',
  '-S': 'save',
  flush: 'flush',
  '-F': 'flush',
  restore: 'restore',
  '-R': 'restore',
  rename: 'rename',
  '-E': 'rename',
  swap: 'swap',
  '-W': 'swap',
  help: 'help',
  '-h': 'help',
  '-H': 'help',
  '--help': 'help',
  version: 'version',
  '-v': 'version',
  '-V': 'version',
  '--version': 'version',
}

const SWITCHES: Readonly<Record<string, 'names' | 'terse' | 'sorted' | 'quiet' | 'exist'>> = {
  '-n': 'names',
  '-name': 'names',
  '-t': 'terse',
  '-terse': 'terse',
  '-s': 'sorted',
  '-sorted': 'sorted',
  '-q': 'quiet',
  '-quiet': 'quiet',
  '-!': 'exist',
  '-exist': 'exist',
}

interface Call {
  readonly command: string
  readonly words: readonly string[]
  readonly switches: ReadonlySet<string>
  readonly output: string
}

const NO_SET = 'The set with the given name does not exist'
const DONE: CommandOutput = { stdout: '', stderr: '', exitCode: 0 }

/**
 * `ipset` with these arguments. Texts and exit codes of ipset 7.17. `references` counts the iptables rules that name a
 * set. Differs: members of hash sets are listed in order, as with `-s`; `restore`, `rename`, `swap` and XML are not simulated, nor are
 * new sets where kube-proxy never ran in ipvs mode (`given` is undefined).
 */
export function ipsetCommand(
  given: Ipsets | undefined,
  argv: readonly string[],
  references: (name: string) => number,
): CommandOutput {
  const call = parse(argv)
  if (!('command' in call)) return call
  if (!given && call.command === 'create') return refuse('kubehop simulates new sets in ipvs mode only')
  const sets = given ?? createIpsets()
  const result = run(sets, call, references)
  return call.switches.has('quiet') ? { ...result, stderr: '' } : result
}

/** The kernel refused, or an argument means nothing. */
function refuse(message: string): CommandOutput {
  return { stdout: '', stderr: `ipset v7.17: ${message}\n`, exitCode: 1 }
}

/** The command line is not one. */
function misuse(message: string): CommandOutput {
  return { stdout: '', stderr: `ipset v7.17: ${message}\nTry \`ipset help' for more information.\n`, exitCode: 2 }
}

function parse(argv: readonly string[]): Call | CommandOutput {
  const switches = new Set<string>()
  const words: string[] = []
  let command: string | undefined
  let output = 'plain'
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    const known = Object.hasOwn(SWITCHES, word) ? SWITCHES[word] : undefined
    if (known) switches.add(known)
    else if (word === '-o' || word === '-output') output = argv[++i] ?? ''
    else if (command === undefined) {
      command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
      if (command === undefined) return misuse(`No command specified: unknown argument ${word}`)
    } else words.push(word)
  }
  if (command === undefined) return misuse('No command specified.')
  if (!['plain', 'save', 'xml'].includes(output)) return refuse(`Syntax error: unknown output mode '${output}'`)
  return { command, words, switches, output: command === 'save' ? 'save' : output }
}

function run(sets: Ipsets, call: Call, references: (name: string) => number): CommandOutput {
  const { command, words } = call
  const needed = { create: 2, add: 2, del: 2, test: 2, rename: 2, swap: 2 }[command] ?? 0
  if (words.length < needed) {
    return misuse(`Missing ${words.length === 0 ? '' : 'second '}mandatory argument to command ${command}`)
  }
  switch (command) {
    case 'version':
      return { ...DONE, stdout: 'ipset v7.17, protocol version: 7\n' }
    case 'help':
      return {
        ...DONE,
        stdout:
          'ipset v7.17\nSimulated: create, add, del, test, list, save, flush, destroy; -n -t -s -q -o plain|save -exist\n',
      }
    case 'list':
    case 'save':
      return list(sets, call, references)
    case 'create':
      return create(sets, call)
    case 'flush':
    case 'destroy':
      return takeAway(sets, call, references)
    case 'add':
    case 'del':
    case 'test':
      return member(sets, call)
    default:
      return refuse(`kubehop does not simulate ipset ${command}`)
  }
}

function find(sets: Ipsets, name: string | undefined): Readonly<Ipset> | undefined {
  return sets.all().find((set) => set.name === name)
}

function list(sets: Ipsets, { words, switches, output }: Call, references: (name: string) => number): CommandOutput {
  const [name, more] = words
  if (more !== undefined) return misuse(`Unknown argument ${more}`)
  const one = find(sets, name)
  if (name !== undefined && !one) return refuse(NO_SET)
  const shown = one ? [one] : sets.all()
  if (switches.has('names')) return { ...DONE, stdout: shown.map((set) => `${set.name}\n`).join('') }
  if (output === 'xml') return refuse('kubehop does not simulate -o xml')
  if (output === 'save') return { ...DONE, stdout: shown.map(printIpsetSave).join('') }
  const blocks = shown.map((set) => printIpset(set, references(set.name)))
  const stdout = (switches.has('terse') ? blocks.map((block) => block.replace(/Members:\n[^]*/, '')) : blocks).join(
    '\n',
  )
  return { ...DONE, stdout }
}

const TYPES: ReadonlySet<string> = new Set<IpsetType>([
  'hash:ip,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:ip',
  'bitmap:port',
])
function isType(text: string): text is IpsetType {
  return TYPES.has(text)
}

/** Of the options only `family` makes a difference here. */
function create(sets: Ipsets, { words, switches }: Call): CommandOutput {
  const [name = '', type = '', ...options] = words
  if (name.length > 31) return refuse(`Syntax error: setname '${name}' is longer than 31 characters`)
  if (!isType(type)) return refuse(`Syntax error: typename '${type}' is unknown`)
  const given = options.indexOf('family')
  const family = given < 0 ? 'inet' : (options[given + 1] ?? '')
  if (family !== 'inet' && family !== 'inet6') return refuse(`Syntax error: unknown inet family ${family}`)
  if (type === 'bitmap:port' && !options.includes('range')) return misuse("Mandatory option `range' is missing")
  const old = find(sets, name)
  if (old && !(switches.has('exist') && old.type === type)) {
    return refuse('Set cannot be created: set with the same name already exists')
  }
  if (!old) sets.apply([{ name, type, family: family === 'inet' ? 'IPv4' : 'IPv6', entries: [] }])
  return DONE
}

/** `flush` and `destroy`, of one set or of all. */
function takeAway(sets: Ipsets, { command, words }: Call, references: (name: string) => number): CommandOutput {
  const [name] = words
  const one = find(sets, name)
  if (name !== undefined && !one) return refuse(NO_SET)
  const chosen = one ? [one] : sets.all()
  if (command === 'flush') sets.apply(chosen.map((set) => ({ ...set, entries: [] })))
  else if (chosen.some((set) => references(set.name) > 0)) {
    return refuse('Set cannot be destroyed: it is in use by a kernel component')
  } else for (const set of chosen) sets.destroy(set.name)
  return DONE
}

function member(sets: Ipsets, { command, words, switches }: Call): CommandOutput {
  const [name, text = ''] = words
  const set = find(sets, name)
  if (!set) return refuse(NO_SET)
  const parsed = parseIpsetEntry(set, text)
  if (!parsed.ok) return refuse(parsed.error)
  const [entry = ''] = parsed.value
  if (command === 'test') {
    const word = isInSet(set, entry) ? 'is' : 'is NOT'
    const stderr = `${word === 'is' ? 'Warning: ' : ''}${text} ${word} in set ${set.name}.\n`
    return { stdout: '', stderr, exitCode: word === 'is' ? 0 : 1 }
  }
  const has = parsed.value.every((one) => set.members.has(one))
  const exist = switches.has('exist')
  if (command === 'add') {
    if (has && !exist) return refuse("Element cannot be added to the set: it's already added")
    sets.apply([{ ...set, entries: [...new Set([...set.members, ...parsed.value])] }])
  } else {
    if (!has && !exist) return refuse("Element cannot be deleted from the set: it's not added")
    sets.apply([{ ...set, entries: [...set.members].filter((one) => !parsed.value.includes(one)) }])
  }
  return DONE
}
