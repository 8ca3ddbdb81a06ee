import { isTableName } from './tables.ts'
import type { IptablesTableName } from './rule.ts'

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
  '--numeric': '-n',
  '--verbose': '-v',
  '--exact': '-x',
}
const COMMANDS = 'AIDRCNXFPSZLE'
/** Commands that may stand without a chain. */
const CHAIN_OPTIONAL = 'XFSZL'

/** What the words behind `iptables` ask for. */
export interface IptablesArguments {
  readonly table: IptablesTableName
  readonly command: string
  readonly chain: string | undefined
  /** `-I CHAIN 3`, `-D CHAIN 3`, `-R CHAIN 3`, `-L CHAIN 3`, `-S CHAIN 3`, `-P CHAIN POLICY`. */
  readonly argument: string | undefined
  /** What describes the rule. */
  readonly words: readonly string[]
  readonly numeric: boolean
  readonly verbose: boolean
  readonly exact: boolean
  readonly lineNumbers: boolean
}

/** `-nvL`, `-nL`, `-tnat`: as getopt reads them, the rest of a word is the argument of its first option that takes one. */
function splitShortOptions(argv: readonly string[]): string[] {
  return argv.flatMap((word) => {
    if (!/^-[nvxtLSFXZ][^-]/.test(word)) return [word]
    const words: string[] = []
    for (let i = 1; i < word.length; i++) {
      words.push(`-${word.charAt(i)}`)
      if ('nvx'.includes(word.charAt(i))) continue
      if (i + 1 < word.length) words.push(word.slice(i + 1))
      break
    }
    return words
  })
}

/** Reads the command line; a text is what the tool complains of. Source: iptables 1.8.9, xshared.c. */
export function parseIptablesArguments(given: readonly string[]): IptablesArguments | string {
  const argv = splitShortOptions(given)
  let table = 'filter'
  let command: string | undefined
  let chain: string | undefined
  let argument: string | undefined
  const words: string[] = []
  const flags = new Set<string>()
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
    } else if (letter !== '' && 'nvx'.includes(letter)) flags.add(letter)
    else if (word === '--line-numbers') flags.add(word)
    else if (letter !== '' && COMMANDS.includes(letter)) {
      if (command !== undefined) return `Cannot use -${letter} with -${command}`
      command = letter
      if (next !== undefined && (!next.startsWith('-') || !CHAIN_OPTIONAL.includes(letter)) && next !== '!') {
        chain = next
        i++
      } else if (!CHAIN_OPTIONAL.includes(letter)) return `option "-${letter}" requires an argument`
      const after = argv[i + 1]
      const takesNumber = chain !== undefined && 'IDRLSZ'.includes(letter)
      if (
        (takesNumber || letter === 'P' || letter === 'E') &&
        after !== undefined &&
        !after.startsWith('-') &&
        after !== '!'
      ) {
        if (takesNumber && !/^[1-9]\d*$/.test(after)) return `Invalid rule number \`${after}'`
        argument = after
        i++
      } else if (letter === 'P') return '-P requires a chain and a policy'
      else if (letter === 'E') return '-E requires old-chain-name and new-chain-name'
    } else words.push(argv[i] ?? '')
  }
  if (command === undefined) return 'no command specified'
  if (!isTableName(table)) {
    return `table '${table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`
  }
  if (chain !== undefined && chain.length > 28) return `chain name \`${chain}' too long (must be under 29 chars)`
  return {
    table,
    command,
    chain,
    argument,
    words,
    numeric: flags.has('n'),
    verbose: flags.has('v'),
    exact: flags.has('x'),
    lineNumbers: flags.has('--line-numbers'),
  }
}
