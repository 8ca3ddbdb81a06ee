import { parseRuleWords } from './parseRule.ts'
import { orderedChains } from './save.ts'
import {
  appendRule,
  deleteChain,
  deleteRuleAt,
  findChain,
  findRule,
  flushChain,
  insertRule,
  isTableName,
  newChain,
  NO_CHAIN,
  setPolicy,
  zeroCounters,
} from './tables.ts'
import { createTarget } from './targets.ts'
import type { Result } from '../base/result.ts'
import type { IptablesTableName, Rule, Tables } from './rule.ts'

export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

const LONG: Readonly<Record<string, string>> = {
  '--table': '-t',
  '--append': '-A',
  '--insert': '-I',
  '--delete': '-D',
  '--replace': '-R',
  '--check': '-C',
  '--new-chain': '-N',
  '--new': '-N',
  '--delete-chain': '-X',
  '--flush': '-F',
  '--policy': '-P',
  '--list-rules': '-S',
  '--zero': '-Z',
  '--list': '-L',
  '--rename-chain': '-E',
  '--wait': '-w',
}
const COMMANDS = 'AIDRCNXFPSZLE'
/** Commands that may stand without a chain. */
const CHAIN_OPTIONAL = 'XFSZL'

interface Parsed {
  readonly table: IptablesTableName
  readonly command: string
  readonly chain: string | undefined
  /** `-I CHAIN 3`, `-D CHAIN 3`, `-R CHAIN 3`, `-P CHAIN POLICY`. */
  readonly argument: string | undefined
  readonly words: readonly string[]
}

/**
 * `iptables` or `ip6tables` with these arguments, on `tables`. Texts and exit codes of iptables 1.8.9 (nf_tables).
 * Differs: `-L`, `-E` and comma lists of addresses are not simulated; `-S` shows the rules.
 */
export function iptablesCommand(tables: Tables, argv: readonly string[]): CommandOutput {
  const tool = tables.family === 'IPv4' ? 'iptables' : 'ip6tables'
  const parsed = parseArguments(argv)
  if (typeof parsed === 'string') return complain(tool, parsed)
  const chains = tables.tables.get(parsed.table)
  if (!chains) return complain(tool, 'no such table')
  switch (parsed.command) {
    case 'A':
    case 'I':
    case 'R':
    case 'D':
    case 'C':
      return ruleCommand(tables, tool, parsed)
    case 'N':
      return newChainCommand(tables, tool, parsed)
    case 'P':
      return finish(tool, setPolicy(tables, parsed.table, parsed.chain ?? '', parsed.argument ?? ''))
    case 'S':
      return listRules(tables, tool, parsed)
    case 'X':
    case 'F':
    case 'Z':
      return chainsCommand(tables, tool, parsed)
    default:
      return complain(tool, `-${parsed.command} is not simulated; -S lists the rules`)
  }
}

function parseArguments(argv: readonly string[]): Parsed | string {
  let table = 'filter'
  let command: string | undefined
  let chain: string | undefined
  let argument: string | undefined
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const word = LONG[argv[i] ?? ''] ?? argv[i] ?? ''
    const letter = word.length === 2 && word.startsWith('-') ? word.charAt(1) : ''
    const next = argv[i + 1]
    if (letter === 't') {
      if (next === undefined) return 'option "-t" requires an argument'
      table = next
      i++
    } else if (letter === 'w') {
      if (next !== undefined && /^\d+$/.test(next)) i++
    } else if (letter !== '' && COMMANDS.includes(letter)) {
      if (command !== undefined) return `Cannot use -${letter} with -${command}`
      command = letter
      if (next !== undefined && (!next.startsWith('-') || !CHAIN_OPTIONAL.includes(letter)) && next !== '!') {
        chain = next
        i++
      } else if (!CHAIN_OPTIONAL.includes(letter)) return `option "-${letter}" requires an argument`
      const after = argv[i + 1]
      const takesNumber = letter === 'I' || letter === 'D' || letter === 'R'
      if ((takesNumber || letter === 'P') && after !== undefined && !after.startsWith('-') && after !== '!') {
        if (takesNumber && !/^[1-9]\d*$/.test(after)) return `Invalid rule number \`${after}'`
        argument = after
        i++
      }
    } else words.push(argv[i] ?? '')
  }
  if (command === undefined) return 'no command specified'
  if (!isTableName(table)) {
    return `table '${table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`
  }
  if (chain !== undefined && chain.length > 28) return `chain name \`${chain}' too long (must be under 29 chars)`
  return { table, command, chain, argument, words }
}

function ruleCommand(
  tables: Tables,
  tool: string,
  { table, command, chain = '', argument, words }: Parsed,
): CommandOutput {
  const position = Number(argument ?? 1)
  if (command === 'D' && argument !== undefined) return finish(tool, deleteRuleAt(tables, table, chain, position))
  const misplaced = misplacedInterface(chain, words)
  if (misplaced !== undefined) return complain(tool, misplaced)
  const parsed = parseRuleWords(chain, words, tables.family)
  if (!parsed.ok) return complain(tool, parsed.error)
  const rule = parsed.value
  const refused = tableFault(table, rule, command)
  if (refused !== undefined) return complain(tool, refused)
  if (command === 'A') return finish(tool, appendRule(tables, table, rule))
  if (command === 'I') return finish(tool, insertRule(tables, table, rule, position))
  if (!findChain(tables, table, chain)) return finish(tool, { ok: false, error: NO_CHAIN })
  if (command === 'R') {
    const removed = deleteRuleAt(tables, table, chain, position)
    return removed.ok
      ? finish(tool, insertRule(tables, table, rule, position))
      : finish(tool, { ok: false, error: 'Index of replacement too big.' })
  }
  const found = findRule(tables, table, rule)
  if (found === 0) {
    return finish(tool, { ok: false, error: 'Bad rule (does a matching rule exist in that chain?).' })
  }
  return command === 'C'
    ? finish(tool, { ok: true, value: undefined })
    : finish(tool, deleteRuleAt(tables, table, chain, found))
}

/** A packet has no out-interface where it comes in, and no in-interface where it goes out. */
function misplacedInterface(chain: string, words: readonly string[]): string | undefined {
  const has = (...names: readonly string[]): boolean => words.some((word) => names.includes(word))
  if ((chain === 'INPUT' || chain === 'PREROUTING') && has('-o', '--out-interface'))
    return `Can't use -o with ${chain}\n`
  if ((chain === 'OUTPUT' || chain === 'POSTROUTING') && has('-i', '--in-interface'))
    return `Can't use -i with ${chain}\n`
  return undefined
}

/** Targets that work in some tables only. */
function tableFault(table: IptablesTableName, { target, chain }: Rule, command: string): string | undefined {
  if (table === 'nat' && target?.type === 'DROP') {
    return '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n'
  }
  const isNat = target !== undefined && ['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT'].includes(target.type)
  const misplaced = (isNat && table !== 'nat') || (target?.type === 'REJECT' && table !== 'filter')
  const verb = command === 'I' ? 'RULE_INSERT' : 'RULE_APPEND'
  return misplaced ? ` ${verb} failed (Invalid argument): rule in chain ${chain}` : undefined
}

function newChainCommand(tables: Tables, tool: string, { table, chain = '' }: Parsed): CommandOutput {
  if (chain.startsWith('-') || chain.startsWith('!'))
    return complain(tool, `chain name not allowed to start with \`${chain.charAt(0)}'`)
  if (createTarget(chain, tables.family)) return complain(tool, 'chain name may not clash with target name')
  if (/\s/.test(chain)) return complain(tool, `Invalid chain name \`${chain}'`)
  return finish(tool, newChain(tables, table, chain))
}

/** `-X`, `-F`, `-Z`, for one chain or for all. */
function chainsCommand(tables: Tables, tool: string, { table, command, chain }: Parsed): CommandOutput {
  const all = orderedChains(tables, table)
  const wanted =
    chain === undefined ? all.filter(({ policy }) => command !== 'X' || !policy).map(({ name }) => name) : [chain]
  for (const name of wanted) {
    const found = findChain(tables, table, name)
    if (!found) return finish(tool, { ok: false, error: NO_CHAIN })
    if (command === 'Z') zeroCounters(found)
    const done =
      command === 'X' ? deleteChain(tables, table, name) : command === 'F' ? flushChain(tables, table, name) : undefined
    if (done && !done.ok) return finish(tool, done)
  }
  return { stdout: '', stderr: '', exitCode: 0 }
}

function listRules(tables: Tables, tool: string, { table, chain }: Parsed): CommandOutput {
  const all = orderedChains(tables, table).filter(({ name }) => chain === undefined || name === chain)
  if (chain !== undefined && all.length === 0) {
    const text = `chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.`
    return { stdout: '', stderr: `${tool} v1.8.9 (nf_tables): ${text}\n`, exitCode: 1 }
  }
  const heads = all.map(({ name, policy }) => (policy ? `-P ${name} ${policy}` : `-N ${name}`))
  const lines = [...heads, ...all.flatMap(({ rules }) => rules.map(({ text }) => text))]
  return { stdout: lines.map((line) => `${line}\n`).join(''), stderr: '', exitCode: 0 }
}

/** What the tool says of its own accord: exit code 2, 3 (no such table) or 4 (the kernel refused). */
function complain(tool: string, text: string): CommandOutput {
  if (text.includes('failed (')) return { stdout: '', stderr: `${tool} v1.8.9 (nf_tables): ${text}\n`, exitCode: 4 }
  if (text.startsWith('table ')) return { stdout: '', stderr: `${tool} v1.8.9 (nf_tables): ${text}\n`, exitCode: 3 }
  const prefix = text.startsWith('Bad argument') ? '' : `${tool} v1.8.9 (nf_tables): `
  const help = `Try \`${tool} -h' or '${tool} --help' for more information.`
  return { stdout: '', stderr: `${prefix}${text}\n${help}\n`, exitCode: 2 }
}

/** What becomes of a change of the tables. */
function finish(tool: string, result: Result<unknown, string>): CommandOutput {
  if (result.ok) return { stdout: '', stderr: '', exitCode: 0 }
  const { error } = result
  if (error.includes('failed (')) return complain(tool, ` ${error}`)
  if (error.startsWith("Chain '")) return complain(tool, error)
  return { stdout: '', stderr: `${tool}: ${error}\n`, exitCode: 1 }
}
