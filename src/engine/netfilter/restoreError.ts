import { err } from '../base/result.ts'
import type { Result } from '../base/result.ts'
import type { Tables } from './rule.ts'

export interface RestoreError {
  /** Counted from 1. */
  readonly line: number
  /** What `iptables-restore` writes to stderr. */
  readonly message: string
  readonly exitCode: 1 | 2 | 4
}

export function toolName({ family }: Tables): string {
  return family === 'IPv4' ? 'iptables-restore' : 'ip6tables-restore'
}

/** `failed`: the tool names the line only; `parse`: it complains first; `bare`: it complains without its own name. */
export type Fault = { readonly kind: 'failed' | 'parse'; readonly text: string }

export function failed(text: string, tool: string, line: number): Result<never, RestoreError> {
  const message = `${text}\nError occurred at line: ${line}\nTry \`${tool} -h' or '${tool} --help' for more information.`
  return err({ line, exitCode: 2, message })
}

export function explain(fault: Fault, tool: string, line: number): RestoreError {
  if (fault.kind === 'failed') return { line, exitCode: 1, message: `${tool}: line ${line} failed: ${fault.text}` }
  const prefix = fault.text.startsWith('Bad argument') ? '' : `${tool} v1.8.9 (nf_tables): `
  const message = `${prefix}${fault.text}\nError occurred at line: ${line}\nTry \`${tool} -h' or '${tool} --help' for more information.`
  return { line, exitCode: 2, message }
}

export function linkError({ line, text }: { line: number; text: string }, tool: string): RestoreError {
  return { line, exitCode: 4, message: `${tool} v1.8.9 (nf_tables): \nline ${line}: ${text}` }
}
