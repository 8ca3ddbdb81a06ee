import { cidrOrUndefined, hostCidr } from '../base/cidr.ts'
import { flatText } from '../base/flatText.ts'
import { familyOf, ipOrUndefined } from '../base/ip.ts'
import { err, ok } from '../base/result.ts'
import { createModule, implicitModule } from './matchModules.ts'
import { printRule } from './printRule.ts'
import { protocolName } from './protocols.ts'
import { createTarget } from './targets.ts'
import { copyText, splitWords } from './words.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Ip, IpFamily } from '../base/ip.ts'
import type { ModuleDraft, RuleContext, TargetDraft } from './moduleDraft.ts'
import type { Match, Rule, Target } from './rule.ts'
import type { Result } from '../base/result.ts'

/** A rule whose saved text is made when somebody asks for it: most of 100,000 rules are never printed. */
class ParsedRule implements Rule {
  readonly chain: string
  readonly matches: readonly Match[]
  readonly target?: Target
  private printed: string | undefined

  constructor(chain: string, matches: readonly Match[], target: Target | undefined) {
    this.chain = chain
    this.matches = matches
    if (target) this.target = target
  }

  get text(): string {
    return (this.printed ??= printRule(this))
  }
}

const LONG: ReadonlyMap<string, string> = new Map([
  ['--source', '-s'],
  ['--src', '-s'],
  ['--destination', '-d'],
  ['--dst', '-d'],
  ['--in-interface', '-i'],
  ['--out-interface', '-o'],
  ['--protocol', '-p'],
  ['--proto', '-p'],
  ['--match', '-m'],
  ['--jump', '-j'],
  ['--goto', '-g'],
])

type HeadMatch = Extract<Match, { type: 'source' | 'destination' | 'inInterface' | 'outInterface' | 'protocol' }>

/** What is known of a rule while its words are read. */
class RuleDraft {
  private readonly family: IpFamily
  private readonly heads: (HeadMatch | undefined)[] = []
  private readonly modules: ModuleDraft[] = []
  private protocol: string | undefined
  private jump: { name: string; goto: boolean; draft: TargetDraft | undefined } | undefined

  constructor(family: IpFamily) {
    this.family = family
  }

  /** Reads `words` from `start` on. Gives the tool's complaint or nothing. */
  read(words: readonly string[], start: number): string | undefined {
    let negate = false
    for (let at = start; at < words.length; at++) {
      const word = words[at] ?? ''
      if (word === '!') {
        if (at + 1 >= words.length) return 'nothing appropriate following !'
        negate = true
        continue
      }
      if (!word.startsWith('-') || word === '-') return `Bad argument \`${word}'`
      const base = word.startsWith('--') ? LONG.get(word) : word
      const taken =
        base === undefined ? this.readExtension(word, words, at, negate) : this.readBase(base, words[at + 1], negate)
      if (typeof taken === 'string') return taken
      at += taken
      negate = false
    }
    return undefined
  }

  /** How many words after the option were used, or a complaint. */
  private readBase(option: string, value: string | undefined, negate: boolean): number | string {
    if (option.length !== 2 || !'sdiopmjg'.includes(option.charAt(1))) return `unknown option "${option}"`
    if (value === undefined) return `option "${option}" requires an argument`
    switch (option) {
      case '-s':
        return this.address(0, value, negate)
      case '-d':
        return this.address(1, value, negate)
      case '-i':
        return this.interface(2, 'inInterface', value, negate)
      case '-o':
        return this.interface(3, 'outInterface', value, negate)
      case '-p': {
        const name = protocolName(value)
        if (name === undefined) return `unknown protocol "${value}" specified`
        if (!negate && name !== 'all') this.protocol = name
        const match = PROTOCOL_MATCHES.get(name)
        return this.head(
          4,
          match && !negate ? match : { type: 'protocol', protocol: name, negate },
          '-p',
          name === 'all',
        )
      }
      default:
        if (negate) return `cannot have ! before ${option}`
        return option === '-m' ? this.module(value) : this.target(option, value)
    }
  }

  private head(slot: number, match: HeadMatch, option: string, matchesAll: boolean): 1 | string {
    if (this.heads[slot]) return `multiple ${option} flags not allowed`
    if (!matchesAll) this.heads[slot] = match
    return 1
  }

  private address(slot: 0 | 1, text: string, negate: boolean): 1 | string {
    const cidr = parseAddress(text, this.family)
    if (typeof cidr !== 'string') return cidr.complaint
    const type = slot === 0 ? 'source' : 'destination'
    return this.head(slot, { type, cidr, negate }, slot === 0 ? '-s' : '-d', cidr.endsWith('/0') && !negate)
  }

  private interface(slot: number, type: 'inInterface' | 'outInterface', name: string, negate: boolean): 1 | string {
    if (name.length > 15) return `interface name \`${name}' must be shorter than IFNAMSIZ (15)`
    return this.head(slot, { type, name, negate }, slot === 2 ? '-i' : '-o', name === '+' && !negate)
  }

  private module(name: string): 1 | string {
    const draft = createModule(name)
    if (!draft) return `Couldn't load match \`${name}':No such file or directory\n`
    this.modules.push(draft)
    return 1
  }

  private target(option: string, name: string): 1 | string {
    if (this.jump) return `multiple ${option} flags not allowed`
    if (name === '') return 'Invalid target name (too short)'
    if (name.length > 28) return `Invalid target name \`${name}' (28 chars max)`
    this.jump = { name, goto: option === '-g', draft: option === '-g' ? undefined : createTarget(name, this.family) }
    return 1
  }

  private readExtension(option: string, words: readonly string[], at: number, negate: boolean): number | string {
    const draft = this.jump?.draft
    const targetArity = draft?.arity(option)
    if (draft && targetArity !== undefined) {
      const args = argumentsAt(words, at + 1, targetArity)
      if (args.length < targetArity) return `option "${option}" requires an argument`
      return draft.set(option, args) ?? targetArity
    }
    let module: ModuleDraft | undefined
    let arity: number | undefined
    for (let i = this.modules.length - 1; i >= 0 && arity === undefined; i--) {
      module = this.modules[i]
      arity = module?.arity(option)
    }
    if (arity === undefined && !this.modules.some(({ name }) => name === this.protocol)) {
      module = implicitModule(this.protocol)
      arity = module?.arity(option)
      if (module && arity !== undefined) this.modules.push(module)
    }
    if (!module || arity === undefined) return `unknown option "${option}"`
    const args = argumentsAt(words, at + 1, arity)
    if (args.length < arity) return `option "${option}" requires an argument`
    return module.set(option, args, negate) ?? arity
  }

  /** The matches of the modules follow those of the head. Where there is but one list, rules share it. */
  private matches(context: RuleContext): readonly Match[] | string {
    const found: Match[] = []
    for (const head of this.heads) if (head) found.push(head)
    let shared: readonly Match[] | undefined
    for (const module of this.modules) {
      const made = module.finish(context)
      if (typeof made === 'string') return made
      shared = made
      for (const match of made) found.push(match)
    }
    if (found.length === 0) return NO_MATCHES
    if (shared?.length === found.length) return shared
    // A copy of just the needed size: an array that grew has room for many more.
    return found.slice()
  }

  finish(chain: string): Result<Rule, string> {
    const context: RuleContext = { family: this.family, protocol: this.protocol }
    const matches = this.matches(context)
    if (typeof matches === 'string') return err(matches)
    if (!this.jump) return ok(new ParsedRule(chain, matches, undefined))
    const { name, goto, draft } = this.jump
    if (!draft) return ok(new ParsedRule(chain, matches, jumpTarget(name, goto)))
    const target = draft.finish(context)
    return typeof target === 'string' ? err(target) : ok(new ParsedRule(chain, matches, target))
  }
}

/** Most options have one. */
function argumentsAt(words: readonly string[], at: number, count: number): readonly string[] {
  const first = words[at]
  return count === 1 && first !== undefined ? [first] : words.slice(at, at + count)
}

const NO_MATCHES: readonly Match[] = []

let lastJump: Extract<Target, { type: 'jump' }> = { type: 'jump', chain: '', goto: false }

/** Rules that follow each other often jump to the same chain; they share one target. */
function jumpTarget(name: string, goto: boolean): Target {
  if (lastJump.chain !== name || lastJump.goto !== goto) lastJump = { type: 'jump', chain: copyText(name), goto }
  return lastJump
}

const PROTOCOL_MATCHES: ReadonlyMap<string, HeadMatch> = new Map(
  ['tcp', 'udp', 'sctp'].map((protocol): [string, HeadMatch] => [
    protocol,
    { type: 'protocol', protocol, negate: false },
  ]),
)

const prefixes = { IPv4: new Map<string, Cidr>(), IPv6: new Map<string, Cidr>() }
const PREFIX_LIMIT = 10_000

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `0/0`. Prefixes are remembered: there are few. */
function parseAddress(text: string, family: IpFamily): Cidr | { readonly complaint: string } {
  const slash = text.indexOf('/')
  const known = slash < 0 ? undefined : prefixes[family].get(text)
  if (known) return known
  const host = slash < 0 ? text : text.slice(0, slash)
  const ip = ipOrUndefined(host) ?? (family === 'IPv4' && /^\d+(\.\d+){0,2}$/.test(host) ? padAddress(host) : undefined)
  if (!ip || familyOf(ip) !== family) return { complaint: `host/network \`${host}' not found` }
  if (slash < 0) return flatText(hostCidr(ip))
  const mask = text.slice(slash + 1)
  const bits = /^\d+$/.test(mask) ? Number(mask) : dottedBits(mask)
  const cidr = bits === undefined ? undefined : cidrOrUndefined(`${ip}/${bits}`)
  if (!cidr) return { complaint: `invalid mask \`${mask}' specified` }
  if (prefixes[family].size >= PREFIX_LIMIT) prefixes[family].clear()
  prefixes[family].set(copyText(text), cidr)
  return cidr
}

/** The tool reads `10.1` as 10.1.0.0. */
function padAddress(text: string): Ip | undefined {
  return ipOrUndefined([...text.split('.'), '0', '0', '0'].slice(0, 4).join('.'))
}

function dottedBits(mask: string): number | undefined {
  const ip = ipOrUndefined(mask)
  if (!ip || familyOf(ip) !== 'IPv4') return undefined
  const bits = ip
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
  return /^1*0*$/.test(bits) ? bits.indexOf('0') + (bits.includes('0') ? 0 : 33) : undefined
}

/**
 * Reads the words of a rule, those after `-A CHAIN`. Error: what the tool says after `iptables v1.8.9 (nf_tables): `
 * (`Bad argument ...` stands alone). Source: iptables 1.8.9. A chain that is not there is found when the rule is added.
 */
export function parseRuleWords(
  chain: string,
  words: readonly string[],
  family: IpFamily,
  start = 0,
): Result<Rule, string> {
  const draft = new RuleDraft(family)
  const complaint = draft.read(words, start)
  return complaint === undefined ? draft.finish(chain) : err(complaint)
}

const lines = { IPv4: new Map<string, Rule>(), IPv6: new Map<string, Rule>() }
const LINE_LIMIT = 100_000

/** Reads `-A CHAIN ...` as `iptables-restore` and `iptables-save` write it. `chain`: its name, where the caller has it. */
export function parseRule(line: string, family: IpFamily, chain?: string): Result<Rule, string> {
  const words = splitWords(line)
  return parseRuleWords(chain ?? copyText(words[1] ?? ''), words, family, 2)
}

/** The rule of a line that `rememberRule` keeps. */
export function knownRule(line: string, family: IpFamily): Rule | undefined {
  return lines[family].get(line)
}

/** Keeps the rule of a line: kube-proxy's long chains come again and again, nearly unchanged. */
export function rememberRule(line: string, rule: Rule, family: IpFamily): void {
  if (lines[family].size >= LINE_LIMIT) lines[family].clear()
  lines[family].set(copyText(line), rule)
}
