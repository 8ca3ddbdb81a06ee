import type { Rule } from './rule.ts'

/** What a chain becomes when its table commits. */
export interface StagedChain {
  /** The one copy of its name that all its rules share. */
  readonly name: string
  /** Absent: to be deleted. */
  rules?: Rule[]
  packets?: number[]
  bytes?: number[]
  policy?: 'ACCEPT' | 'DROP'
  policyCounters?: readonly [number, number]
  /** Where `-X` stands. */
  deletedAt?: number
  /** The height that it will have. */
  height?: number | undefined
}

export type LivingChain = StagedChain & { rules: Rule[] }
