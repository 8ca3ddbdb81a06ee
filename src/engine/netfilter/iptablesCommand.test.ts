import { expect, it } from 'vitest'
import { iptablesCommand } from './iptablesCommand.ts'
import { createTables } from './tables.ts'

const TRY = "\nTry `iptables -h' or 'iptables --help' for more information.\n"
const own = (text: string): string => `iptables v1.8.9 (nf_tables): ${text}`

/** A session: what iptables-nft 1.8.9 answered, command after command. */
const SESSION: readonly (readonly [command: string, stderr: string, exitCode: number])[] = [
  ['-A INPUT -m foo -j DROP', `${own("Couldn't load match `foo':No such file or directory\n")}${TRY}`, 2],
  ['-A INPUT -j NOPE', `${own("Chain 'NOPE' does not exist")}${TRY}`, 2],
  ['-A NOPE -j DROP', 'iptables: No chain/target/match by that name.\n', 1],
  ['-N INPUT', 'iptables: Chain already exists.\n', 1],
  ['-N ABC', '', 0],
  ['-N ABC', 'iptables: Chain already exists.\n', 1],
  ['-X NOPE', 'iptables: No chain/target/match by that name.\n', 1],
  ['-A INPUT -j ABC', '', 0],
  ['-X ABC', `${own(' CHAIN_DEL failed (Device or resource busy): chain ABC')}\n`, 4],
  ['-X INPUT', `${own(' CHAIN_DEL failed (Device or resource busy): chain INPUT')}\n`, 4],
  ['-A INPUT foo', `Bad argument \`foo'${TRY}`, 2],
  ['-D INPUT -j DROP', 'iptables: Bad rule (does a matching rule exist in that chain?).\n', 1],
  ['-D INPUT 9', 'iptables: Index of deletion too big.\n', 1],
  ['-D INPUT 0', `${own("Invalid rule number `0'")}${TRY}`, 2],
  ['-C INPUT -j ABC', '', 0],
  ['-C INPUT -j DROP', 'iptables: Bad rule (does a matching rule exist in that chain?).\n', 1],
  ['-P ABC DROP', 'iptables: Bad built-in chain name.\n', 1],
  ['-P INPUT REJECT', "iptables: Bad policy name. Run `dmesg' for more information.\n", 1],
  [
    '-t nat -A OUTPUT -j DROP',
    `${own('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n')}${TRY}`,
    2,
  ],
  [
    '-t foo -A OUTPUT -j DROP',
    `${own("table 'foo' does not exist\nPerhaps iptables or your kernel needs to be upgraded.")}\n`,
    3,
  ],
  [
    '-A INPUT -j DNAT --to-destination 1.2.3.4',
    `${own(' RULE_APPEND failed (Invalid argument): rule in chain INPUT')}\n`,
    4,
  ],
  ['-A INPUT -j MASQUERADE', `${own(' RULE_APPEND failed (Invalid argument): rule in chain INPUT')}\n`, 4],
  ['-I INPUT 99 -j DROP', 'iptables: Index of insertion too big.\n', 1],
  ['-I INPUT x -j DROP', `${own("Invalid rule number `x'")}${TRY}`, 2],
  ['-A', `${own('option "-A" requires an argument')}${TRY}`, 2],
  ['', `${own('no command specified')}${TRY}`, 2],
  ['-F NOPE', 'iptables: No chain/target/match by that name.\n', 1],
  ['-A INPUT -o eth0 -j DROP', `${own("Can't use -o with INPUT\n")}${TRY}`, 2],
  ['-t nat -A POSTROUTING -i eth0 -j MASQUERADE', `${own("Can't use -i with POSTROUTING\n")}${TRY}`, 2],
  ['-A INPUT -D INPUT', `${own('Cannot use -D with -A')}${TRY}`, 2],
  ['-N DROP', `${own('chain name may not clash with target name')}${TRY}`, 2],
  ['-N -x', `${own("chain name not allowed to start with `-'")}${TRY}`, 2],
  [
    '-N AVERYLONGCHAINNAMETHATISTOOLONGFORIT',
    `${own("chain name `AVERYLONGCHAINNAMETHATISTOOLONGFORIT' too long (must be under 29 chars)")}${TRY}`,
    2,
  ],
  ['-N B', '', 0],
  ['-A ABC -j B', '', 0],
  ['-A B -j ABC', `${own(' RULE_APPEND failed (Too many links): rule in chain B')}\n`, 4],
  ['-A INPUT -j INPUT', `${own(' RULE_APPEND failed (Operation not supported): rule in chain INPUT')}\n`, 4],
  ['-S FOO', `${own("chain `FOO' in table `filter' is incompatible, use 'nft' tool.")}\n`, 1],
]

it('answers a session as the tool does', () => {
  const tables = createTables('IPv4')
  for (const [command, stderr, exitCode] of SESSION) {
    const argv = command.split(' ').filter(Boolean)
    expect({ command, ...iptablesCommand(tables, argv) }).toEqual({ command, stdout: '', stderr, exitCode })
  }
  expect(iptablesCommand(tables, ['-S']).stdout).toBe(
    '-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-N ABC\n-N B\n-A INPUT -j ABC\n-A ABC -j B\n',
  )
})

it('changes the tables', () => {
  const tables = createTables('IPv4')
  const run = (command: string): string => {
    const { stdout, stderr } = iptablesCommand(tables, command.split(' '))
    return stdout + stderr
  }
  run('-w 5 -t nat -N A')
  run('-t nat -I PREROUTING -p tcp --dport 80 -j A')
  run('-t nat -A PREROUTING -j ACCEPT')
  run('-t nat -I PREROUTING 2 -s 10.0.0.1 -j RETURN')
  run('-t nat -R PREROUTING 3 -j RETURN')
  expect(run('-t nat -S PREROUTING')).toBe(
    '-P PREROUTING ACCEPT\n-A PREROUTING -p tcp -m tcp --dport 80 -j A\n-A PREROUTING -s 10.0.0.1/32 -j RETURN\n-A PREROUTING -j RETURN\n',
  )
  run('-t nat -D PREROUTING 1')
  run('-t nat -D PREROUTING -j RETURN')
  run('-t nat -X A')
  run('--policy FORWARD DROP')
  expect(run('-t nat -S')).toBe(
    '-P PREROUTING ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n-P POSTROUTING ACCEPT\n-A PREROUTING -s 10.0.0.1/32 -j RETURN\n',
  )
  expect(run('-S FORWARD')).toBe('-P FORWARD DROP\n')
  run('-t nat -F')
  expect(run('-t nat -S PREROUTING')).toBe('-P PREROUTING ACCEPT\n')
})
