import type { IpFamily } from '../base/ip.ts'
import type { Match, Target } from './rule.ts'

/** What a match module knows of the rule around it. */
export interface RuleContext {
  readonly family: IpFamily
  /** As `protocolName` spells it, when `-p` came before and is not negated. */
  readonly protocol: string | undefined
}

/** One `-m name` while its options are read. */
export interface ModuleDraft {
  readonly name: string
  /** How many words `option` takes; undefined: not an option of this module. */
  arity(option: string): number | undefined
  /** Takes one option; gives an error text or nothing. */
  set(option: string, args: readonly string[], negate: boolean): string | undefined
  /** The matches, or why they are not complete. */
  finish(context: RuleContext): readonly Match[] | string
}

/** One `-j NAME` of an extension target while its options are read. */
export interface TargetDraft {
  arity(option: string): number | undefined
  set(option: string, args: readonly string[]): string | undefined
  finish(context: RuleContext): Target | string
}
