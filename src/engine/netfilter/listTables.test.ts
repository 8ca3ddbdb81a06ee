import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { iptablesCommand } from './iptablesCommand.ts'
import { restore } from './restore.ts'
import { createTables } from './tables.ts'

interface Recording {
  readonly family: 'IPv4' | 'IPv6'
  readonly rules: string
  readonly commands: readonly {
    readonly args: string
    readonly stdout: string
    readonly stderr: string
    readonly rc: number
  }[]
}

/** What iptables 1.8.9 (nf_tables) printed in a fresh network namespace that had these rules. */
const recordings = JSON.parse(
  readFileSync(new URL('./testdata/list.json', import.meta.url), 'utf8'),
) as readonly Recording[]

describe.each(recordings)('the listing of recorded $family rules', ({ family, rules, commands }) => {
  it.each(commands)('$args', ({ args, stdout, stderr, rc }) => {
    const tables = createTables(family)
    expect(restore(tables, rules)).toMatchObject({ ok: true })
    expect(iptablesCommand(tables, args.split(' '))).toEqual({ stdout, stderr, exitCode: rc })
  })
})
