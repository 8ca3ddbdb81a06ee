import { parseRuleWords } from './parseRule.ts'
import { parseIptablesArguments } from './iptablesArguments.ts'
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
  newChain,
  NO_CHAIN,
  setPolicy,
  zeroCounters,
} from './tables.ts'
import { createTarget } from './targets.ts'
import type { Result } from '../base/result.ts'
import type { IptablesArguments } from './iptablesArguments.ts'
import type { IptablesTableName, Rule, Tables } from './rule.ts'

export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/**
 * `iptables` or `ip6tables` with these arguments, on `tables`. Texts and exit codes of iptables 1.8.9 (nf_tables).
 * Differs: `-E` and comma lists of addresses are not simulated; without `-n`, only well-known ports have names.
 */
export function iptablesCommand(tables: Tables, argv: readonly string[]): CommandOutput {
  const tool = tables.family === 'IPv4' ? 'iptables' : 'ip6tables'
  const parsed = parseIptablesArguments(argv)
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

function newChainCommand(tables: Tables, tool: string, { table, chain = '' }: IptablesArguments): CommandOutput {
  if (chain.startsWith('-') || chain.startsWith('!'))
    return complain(tool, `chain name not allowed to start with \`${chain.charAt(0)}'`)
  if (createTarget(chain, tables.family)) return complain(tool, 'chain name may not clash with target name')
  if (/\s/.test(chain)) return complain(tool, `Invalid chain name \`${chain}'`)
  return finish(tool, newChain(tables, table, chain))
}

/** `-X`, `-F`, `-Z`, for one chain or for all. */
function chainsCommand(tables: Tables, tool: string, { table, command, chain }: IptablesArguments): CommandOutput {
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

/** `-L` and `-S`, of one chain or of all. */
function listCommand(tables: Tables, tool: string, parsed: IptablesArguments): CommandOutput {
  const { table, chain, argument, words, command } = parsed
  const stray = words.find((word) => !word.startsWith('-'))
  if (stray !== undefined) return complain(tool, `Bad argument \`${stray}'`)
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
