import { describe, expect, it } from 'vitest'
import { ensureJump } from './ensureJump.ts'
import { restore } from './restore.ts'
import { save } from './save.ts'
import { appendRule, createTables, deleteChain, findChain, insertRule, newChain, setPolicy } from './tables.ts'
import { parseRule } from './parseRule.ts'
import type { Tables } from './rule.ts'

const run = (text: string, tables: Tables = createTables('IPv4'), noflush = true): string => {
  const result = restore(tables, text, { noflush, counters: true })
  return result.ok ? 'ok' : `${result.error.line}/${result.error.exitCode}: ${result.error.message}`
}
const HELP = "\nTry `iptables-restore -h' or 'iptables-restore --help' for more information."
const filter = (tables: Tables): string => save(tables, { table: 'filter' })

/** What iptables-nft-restore 1.8.9 said about these. */
const ERRORS: readonly (readonly [string, string])[] = [
  ['*filter\n-A FOO -j DROP\nCOMMIT\n', '2/1: iptables-restore: line 2 failed: No chain/target/match by that name.'],
  [
    '*filter\n:FOO - [0:0]\n-A FOO -j BAR\nCOMMIT\n',
    `4/2: iptables-restore v1.8.9 (nf_tables): Chain 'BAR' does not exist\nError occurred at line: 4${HELP}`,
  ],
  [
    '*filter\n:FOO - [0:0]\n-A FOO -m nope -j DROP\nCOMMIT\n',
    `3/2: iptables-restore v1.8.9 (nf_tables): Couldn't load match \`nope':No such file or directory\n\nError occurred at line: 3${HELP}`,
  ],
  ['*filter\n:FOO - [0:0]\n-A FOO -j DROP\n', '4/1: iptables-restore: COMMIT expected at line 4'],
  [
    '*filter\n:FOO - [0:0]\n-X NOPE\nCOMMIT\n',
    '3/1: iptables-restore: line 3 failed: No chain/target/match by that name.',
  ],
  [
    '*filter\n:FOO - [0:0]\n-X INPUT\nCOMMIT\n',
    '3/4: iptables-restore v1.8.9 (nf_tables): \nline 3: CHAIN_DEL failed (Device or resource busy): chain INPUT',
  ],
  [
    '*foo\n:FOO - [0:0]\nCOMMIT\n',
    `1/2: iptables-restore v1.8.9 (nf_tables): iptables-restore: line 1 table name 'foo' invalid\nError occurred at line: 1${HELP}`,
  ],
  ['-A INPUT -j DROP\nCOMMIT\n', '1/1: iptables-restore: line 1 failed'],
  ['*filter\n:INPUT FOO [0:0]\nCOMMIT\n', '2/1: iptables-restore: line 2 failed: Bad policy name.'],
  [
    '*filter\n:FOO\nCOMMIT\n',
    `2/2: iptables-restore v1.8.9 (nf_tables): iptables-restore: line 2 policy invalid\nError occurred at line: 2${HELP}`,
  ],
  ['*filter\nhello\nCOMMIT\n', `2/2: Bad argument \`hello'\nError occurred at line: 2${HELP}`],
  [
    '*filter\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-X B\nCOMMIT\n',
    '5/4: iptables-restore v1.8.9 (nf_tables): \nline 5: CHAIN_DEL failed (Device or resource busy): chain B',
  ],
  [
    '*filter\n:A - [0:0]\n:B - [0:0]\n-A A -j B\n-A B -j A\nCOMMIT\n',
    '5/4: iptables-restore v1.8.9 (nf_tables): \nline 5: RULE_APPEND failed (Too many links): rule in chain B',
  ],
]

describe('restore', () => {
  it.each(ERRORS)('refuses %j', (text, message) => {
    const tables = createTables('IPv4')
    const before = save(tables)
    expect(run(text, tables)).toBe(message)
    expect(save(tables)).toBe(before)
  })

  it('keeps a table that committed before the faulty one', () => {
    const tables = createTables('IPv4')
    run('*filter\n-A INPUT -j DROP\nCOMMIT\n*nat\n-A NOPE -j ACCEPT\nCOMMIT\n', tables)
    expect(filter(tables)).toContain('-A INPUT -j DROP')
  })

  it('with --noflush empties the chains that it declares and leaves the others', () => {
    const tables = createTables('IPv4')
    run('*filter\n:A - [0:0]\n:B - [0:0]\n-A A -j ACCEPT\n-A B -j ACCEPT\n-A INPUT -j A\nCOMMIT\n', tables)
    run('*filter\n:A - [0:0]\n-A A -j DROP\nCOMMIT\n', tables)
    expect(filter(tables)).toBe(
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n' +
        '-A INPUT -j A\n-A A -j DROP\n-A B -j ACCEPT\nCOMMIT\n',
    )
  })

  it('without it replaces the table', () => {
    const tables = createTables('IPv4')
    run('*filter\n:A - [0:0]\n-A INPUT -j A\nCOMMIT\n', tables)
    run('*filter\n:INPUT DROP [0:0]\nCOMMIT\n', tables, false)
    expect(filter(tables)).toBe('*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n')
  })

  it('takes counters and prints them again', () => {
    const tables = createTables('IPv4')
    const text = save(createTables('IPv4'), { table: 'filter' }).replace(
      ':INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n',
      ':INPUT ACCEPT [7:420]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[5:300] -A INPUT -p tcp -j DROP\n[0:0] -A INPUT -j ACCEPT\n',
    )
    expect(run(text, tables, false)).toBe('ok')
    expect(save(tables, { table: 'filter', counters: true })).toBe(text)
  })

  it('finds a circle that closes through chains of an earlier restore', () => {
    const tables = createTables('IPv4')
    run('*nat\n:A - [0:0]\n:B - [0:0]\n:C - [0:0]\n-A A -j B\n-A B -j C\nCOMMIT\n', tables)
    expect(run('*nat\n:C - [0:0]\n-A C -j RETURN\nCOMMIT\n', tables)).toBe('ok')
    expect(run('*nat\n:C - [0:0]\n-A C -j A\nCOMMIT\n', tables)).toContain('Too many links')
    expect(run('*nat\n:A - [0:0]\n:C - [0:0]\n-A C -j A\nCOMMIT\n', tables)).toBe('ok')
  })

  it('sees rules that came by other ways than a restore', () => {
    const tables = createTables('IPv4')
    run('*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j B\nCOMMIT\n', tables)
    expect(newChain(tables, 'nat', 'D').ok).toBe(true)
    const rule = parseRule('-A B -j D', 'IPv4')
    expect(rule.ok && appendRule(tables, 'nat', rule.value).ok).toBe(true)
    expect(run('*nat\n:D - [0:0]\n-A D -j A\nCOMMIT\n', tables)).toContain('Too many links')
  })

  it('reads 2,000 rules of a long chain again without a difference', () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `-A L -s 10.0.${i >> 8}.${i & 255}/32 -j ACCEPT\n`)
    const text = (all: readonly string[]): string => `*filter\n:L - [0:0]\n${all.join('')}COMMIT\n`
    const tables = createTables('IPv4')
    run(text(lines), tables)
    run(text(lines.toReversed()), tables)
    const rules = findChain(tables, 'filter', 'L')?.rules ?? []
    expect(rules.map((rule) => `${rule.text}\n`)).toEqual(lines.toReversed())
  })
})

describe('tables', () => {
  const add = (tables: Tables, text: string): string => {
    const rule = parseRule(text, 'IPv4')
    if (!rule.ok) return rule.error
    const done = insertRule(tables, 'filter', rule.value)
    return done.ok ? 'ok' : done.error
  }

  it('refuses as the tool does', () => {
    const tables = createTables('IPv4')
    newChain(tables, 'filter', 'A')
    expect(add(tables, '-A NOPE -j DROP')).toBe('No chain/target/match by that name.')
    expect(add(tables, '-A INPUT -j NOPE')).toBe("Chain 'NOPE' does not exist")
    expect(add(tables, '-A A -j INPUT')).toBe('RULE_APPEND failed (Operation not supported): rule in chain A')
    expect(add(tables, '-A INPUT -j A')).toBe('ok')
    expect(deleteChain(tables, 'filter', 'A')).toEqual({
      ok: false,
      error: 'CHAIN_DEL failed (Device or resource busy): chain A',
    })
    expect(setPolicy(tables, 'filter', 'A', 'DROP')).toEqual({ ok: false, error: 'Bad built-in chain name.' })
    expect(setPolicy(tables, 'filter', 'INPUT', 'DROP').ok).toBe(true)
  })

  it('raises the versions with every change', () => {
    const tables = createTables('IPv4')
    const version = findChain(tables, 'filter', 'INPUT')?.version ?? 0
    add(tables, '-A INPUT -j DROP')
    expect(findChain(tables, 'filter', 'INPUT')?.version).toBe(version + 1)
    expect(tables.version).toBe(1)
  })

  it('ensures a jump once, at the head or the end', () => {
    const tables = createTables('IPv4')
    add(tables, '-A INPUT -j DROP')
    const jump = { table: 'filter', chain: 'A', from: 'INPUT', args: '-m comment --comment "to a" -j A' } as const
    for (let i = 0; i < 2; i++) {
      ensureJump(tables, jump)
      ensureJump(tables, { ...jump, chain: 'B', args: '-j B', append: true })
    }
    expect(findChain(tables, 'filter', 'INPUT')?.rules.map(({ text }) => text)).toEqual([
      '-A INPUT -m comment --comment "to a" -j A',
      '-A INPUT -j DROP',
      '-A INPUT -j B',
    ])
  })
})
