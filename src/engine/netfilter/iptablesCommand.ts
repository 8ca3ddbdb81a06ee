import { compareIps } from '../base/ip.ts'
import { parseRuleWords } from './parseRule.ts'
import { parseIptablesArguments } from './iptablesArguments.ts'
import { isWellPlaced } from './placement.ts'
import { listSpecs, listTable } from './listTables.ts'
import { orderedChains } from './save.ts'
import {
  appendRule,
  deleteChain,
  deleteRuleAt,
  findChain,
  findRule,
  flushChain,
  insertRule,
  jumpOf,
  newChain,
  NO_CHAIN,
  renameChain,
  setPolicy,
  zeroCounters,
} from './tables.ts'
import { createTarget } from './targets.ts'
import type { Result } from '../base/result.ts'
import type { IptablesArguments } from './iptablesArguments.ts'
import type { IptablesTableName, Rule, Tables } from './rule.ts'

type HasSet = (name: string) => boolean

export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/**
 * `iptables` or `ip6tables` with these arguments, on `tables`. Texts and exit codes of iptables 1.8.9 (nf_tables).
 * `hasSet`: whether the kernel has an ipset of that name; absent: any name will do. Differs: without `-n`, only well-known ports have names.
 */
export function iptablesCommand(tables: Tables, argv: readonly string[], hasSet?: HasSet): CommandOutput {
  const tool = tables.family === 'IPv4' ? 'iptables' : 'ip6tables'
  if (argv[0] === '-V' || argv[0] === '--version')
    return { stdout: `${tool} v1.8.9 (nf_tables)\n`, stderr: '', exitCode: 0 }
  const parsed = parseIptablesArguments(argv)
  if (typeof parsed === 'string') return complain(tool, parsed)
  const chains = tables.tables.get(parsed.table)
  if (!chains) return complain(tool, 'no such table')
  const stray = 'AIRDC'.includes(parsed.command) ? undefined : parsed.words.find((word) => !word.startsWith('-'))
  if (stray !== undefined) return complain(tool, `Bad argument \`${stray}'`)
  switch (parsed.command) {
    case 'A':
    case 'I':
    case 'R':
    case 'D':
    case 'C':
      return ruleCommand(tables, tool, parsed, hasSet)
    case 'N':
      return newChainCommand(tables, tool, parsed)
    case 'E':
      return finish(tool, renameChain(tables, parsed.table, parsed.chain ?? '', parsed.argument ?? ''))
    case 'P':
      return finish(tool, setPolicy(tables, parsed.table, parsed.chain ?? '', parsed.argument ?? ''))
    case 'S':
    case 'L':
      return listCommand(tables, tool, parsed)
    case 'X':
    case 'F':
    case 'Z':
      return chainsCommand(tables, tool, parsed)
    default:
      return complain(tool, `-${parsed.command} is not simulated`)
  }
}

function ruleCommand(
  tables: Tables,
  tool: string,
  { table, command, chain = '', argument, words }: IptablesArguments,
  hasSet: HasSet | undefined,
): CommandOutput {
  const position = Number(argument ?? 1)
  if (command === 'D' && argument !== undefined) return finish(tool, deleteRuleAt(tables, table, chain, position))
  const misplaced = misplacedInterface(chain, words)
  if (misplaced !== undefined) return complain(tool, misplaced)
  const lists = spreadAddresses(words)
  if (typeof lists === 'string') return complain(tool, lists)
  if (command === 'R' && lists.length > 1) return complain(tool, 'Replacement rule does not specify a unique address')
  const rules: Rule[] = []
  for (const list of lists) {
    const parsed = parseRuleWords(chain, list, tables.family)
    if (!parsed.ok) return complain(tool, parsed.error)
    if (table === 'nat' && parsed.value.target?.type === 'DROP') return complain(tool, NO_FILTERING)
    const missing = hasSet && parsed.value.matches.find((match) => match.type === 'set' && !hasSet(match.name))
    if (missing?.type === 'set') return complain(tool, `Set ${missing.name} doesn't exist.\n`)
    rules.push(parsed.value)
  }
  for (const rule of rules) {
    const done = changeRule(tables, table, command, rule, position)
    if (!done.ok) return finish(tool, done)
  }
  return { stdout: '', stderr: rules.flatMap(warningsOf).join(''), exitCode: 0 }
}

/** What the tool says of a rule that it takes all the same. */
function warningsOf({ matches }: Rule): readonly string[] {
  return matches.flatMap((match) =>
    match.type !== 'iprange'
      ? []
      : [match.source, match.destination].flatMap((range) =>
          range && compareIps(range.from, range.to) > 0
            ? [`xt_iprange: range ${range.from}-${range.to} is reversed and will never match\n`]
            : [],
        ),
  )
}

const NO_FILTERING = '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n'
const VERBS: Readonly<Record<string, string>> = { A: 'RULE_APPEND', I: 'RULE_INSERT', R: 'RULE_REPLACE' }

function changeRule(
  tables: Tables,
  table: IptablesTableName,
  command: string,
  rule: Rule,
  position: number,
): Result<unknown, string> {
  const { chain } = rule
  const verb = VERBS[command]
  if (command === 'R') {
    const size = findChain(tables, table, chain)?.rules.length
    if (size !== undefined && position > size) return { ok: false, error: 'Index of replacement too big.' }
  }
  if (verb !== undefined && findChain(tables, table, chain) && !isWellPlaced(tables, table, rule))
    return { ok: false, error: `${verb} failed (Invalid argument): rule in chain ${chain}` }
  if (command === 'A') return appendRule(tables, table, rule)
  if (command === 'I') return insertRule(tables, table, rule, position)
  const to = jumpOf(rule)
  if (to !== undefined && !findChain(tables, table, to)) return { ok: false, error: `Chain '${to}' does not exist` }
  if (!findChain(tables, table, chain)) return { ok: false, error: NO_CHAIN }
  if (command === 'R') {
    deleteRuleAt(tables, table, chain, position)
    return insertRule(tables, table, rule, position)
  }
  const found = findRule(tables, table, rule)
  if (found === 0) return { ok: false, error: 'Bad rule (does a matching rule exist in that chain?).' }
  return command === 'C' ? { ok: true, value: undefined } : deleteRuleAt(tables, table, chain, found)
}

const ADDRESS_OPTIONS: Readonly<Record<string, 'source' | 'destination'>> = {
  '-s': 'source',
  '--source': 'source',
  '--src': 'source',
  '-d': 'destination',
  '--destination': 'destination',
  '--dst': 'destination',
}

/** `-s A,B -d C,D` is four rules: the words of each. */
function spreadAddresses(words: readonly string[]): readonly (readonly string[])[] | string {
  let lists: readonly (readonly string[])[] = [words]
  for (const side of ['source', 'destination'] as const) {
    const at = words.findIndex((word, i) => ADDRESS_OPTIONS[word] === side && (words[i + 1] ?? '').includes(','))
    if (at < 0) continue
    if (words[at - 1] === '!') return '! not allowed with multiple source or destination IP addresses'
    const each = (words[at + 1] ?? '').split(',')
    lists = lists.flatMap((list) => each.map((address) => list.with(at + 1, address)))
  }
  return lists
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

function newChainCommand(tables: Tables, tool: string, { table, chain = '' }: IptablesArguments): CommandOutput {
  if (chain.startsWith('-') || chain.startsWith('!'))
    return complain(tool, `chain name not allowed to start with \`${chain.charAt(0)}'`)
  if (createTarget(chain, tables.family)) return complain(tool, 'chain name may not clash with target name')
  if (/\s/.test(chain)) return complain(tool, `Invalid chain name \`${chain}'`)
  return finish(tool, newChain(tables, table, chain))
}

/** `-X`, `-F`, `-Z`, for one chain or for all. */
function chainsCommand(
  tables: Tables,
  tool: string,
  { table, command, chain, argument }: IptablesArguments,
): CommandOutput {
  const all = orderedChains(tables, table)
  const wanted =
    chain === undefined ? all.filter(({ policy }) => command !== 'X' || !policy).map(({ name }) => name) : [chain]
  for (const name of wanted) {
    const found = findChain(tables, table, name)
    if (!found) return finish(tool, { ok: false, error: NO_CHAIN })
    if (command === 'Z') zeroCounters(found, argument === undefined ? undefined : Number(argument))
    const done =
      command === 'X' ? deleteChain(tables, table, name) : command === 'F' ? flushChain(tables, table, name) : undefined
    if (done && !done.ok) return finish(tool, done)
  }
  return { stdout: '', stderr: '', exitCode: 0 }
}

/** `-L` and `-S`, of one chain or of all. */
function listCommand(tables: Tables, tool: string, parsed: IptablesArguments): CommandOutput {
  const { table, chain, argument, command } = parsed
  if (chain !== undefined && !findChain(tables, table, chain)) {
    const text = `chain \`${chain}' in table \`${table}' is incompatible, use 'nft' tool.`
    return { stdout: '', stderr: `${tool} v1.8.9 (nf_tables): ${text}\n`, exitCode: 1 }
  }
  const { numeric, verbose, exact, lineNumbers } = parsed
  const where = {
    ...(chain === undefined ? {} : { chain }),
    ...(argument === undefined ? {} : { position: Number(argument) }),
  }
  const stdout =
    command === 'L'
      ? listTable(tables, table, { numeric, verbose, exact, lineNumbers, ...where })
      : listSpecs(tables, table, { verbose, ...where })
  return { stdout, stderr: '', exitCode: 0 }
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
