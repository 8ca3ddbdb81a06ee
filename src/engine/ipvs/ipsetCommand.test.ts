import { expect, it } from 'vitest'
import { createIpsets } from './ipset.ts'
import { ipsetCommand } from './ipsetCommand.ts'

const HELP = "Try `ipset help' for more information."
const EXISTS = 'Set cannot be created: set with the same name already exists'
const NO_SET = 'The set with the given name does not exist'

/** One after the other, as ipset 7.17 answered on Linux 6.1: exit code, then stderr after `ipset v7.17: `. */
const CALLS: readonly (readonly [string, number, string])[] = [
  ['', 2, `No command specified.\n${HELP}`],
  ['-n', 2, `No command specified.\n${HELP}`],
  ['create CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536', 0, ''],
  ['create CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536', 1, EXISTS],
  ['create CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536 -exist', 0, ''],
  ['create CLUSTER-IP hash:ip -exist', 1, EXISTS],
  ['create NODE-PORT-TCP bitmap:port range 0-65535', 0, ''],
  ['create LOOP-BACK hash:ip,port,ip', 0, ''],
  ['create SOURCE-CIDR hash:ip,port,net', 0, ''],
  ['create IPS hash:ip', 0, ''],
  ['create SIX hash:ip,port family inet6', 0, ''],
  [
    'create a-name-that-is-much-too-long-for-a-set hash:ip',
    1,
    "Syntax error: setname 'a-name-that-is-much-too-long-for-a-set' is longer than 31 characters",
  ],
  ['create x hash:nosuch', 1, "Syntax error: typename 'hash:nosuch' is unknown"],
  ['create x', 2, `Missing second mandatory argument to command create\n${HELP}`],
  ['create', 2, `Missing mandatory argument to command create\n${HELP}`],
  ['create y bitmap:port', 2, `Mandatory option \`range' is missing\n${HELP}`],
  ['create z hash:ip family inet7', 1, 'Syntax error: unknown inet family inet7'],
  ['add CLUSTER-IP 10.98.98.98,tcp:80', 0, ''],
  ['add CLUSTER-IP 10.98.98.98,tcp:80', 1, "Element cannot be added to the set: it's already added"],
  ['add CLUSTER-IP 10.98.98.98,tcp:80 -exist', 0, ''],
  ['add CLUSTER-IP 10.98.98.98,udp:53', 0, ''],
  ['add CLUSTER-IP 10.98.98.99,sctp:53', 0, ''],
  ['add CLUSTER-IP 10.98.98.97,80', 0, ''],
  ['add CLUSTER-IP 10.98.98.97,tcp:http', 1, "Element cannot be added to the set: it's already added"],
  ['add CLUSTER-IP 10.98.98.98', 1, 'Syntax error: Second element is missing from 10.98.98.98.'],
  ['add CLUSTER-IP foo,tcp:80', 1, 'Syntax error: cannot parse foo: resolving to IPv4 address failed'],
  ['add CLUSTER-IP 10.98.98.98,foo:80', 1, "Syntax error: cannot parse 'foo' as a protocol"],
  [
    'add CLUSTER-IP 10.98.98.98,tcp:99999',
    1,
    "Syntax error: '99999' is out of range 0-65535\nSyntax error: 'tcp' is invalid as number\ncannot parse '99999' as a tcp port",
  ],
  ['add CLUSTER-IP fd00::1,tcp:80', 1, 'Syntax error: cannot parse fd00::1: resolving to IPv4 address failed'],
  ['add SIX fd00::1,tcp:80', 0, ''],
  ['add SIX 10.1.1.1,tcp:80', 1, 'Syntax error: cannot parse 10.1.1.1: resolving to IPv6 address failed'],
  ['add NODE-PORT-TCP 30443', 0, ''],
  ['add NODE-PORT-TCP 30090-30091', 0, ''],
  [
    'add NODE-PORT-TCP abc',
    1,
    "Syntax error: 'abc' is invalid as number\nSyntax error: 'tcp' is invalid as number\ncannot parse 'abc' as a tcp port",
  ],
  ['add LOOP-BACK 10.244.1.5,tcp:80,10.244.1.5', 0, ''],
  ['add SOURCE-CIDR 10.244.1.5,tcp:80,10.0.0.0/8', 0, ''],
  ['add SOURCE-CIDR 10.244.1.5,tcp:80,10.1.2.3', 0, ''],
  ['add SOURCE-CIDR 10.244.1.5,tcp:80,0.0.0.0/0', 1, 'The value of the CIDR parameter of the IP address is invalid'],
  ['add SOURCE-CIDR 10.244.1.5,tcp:80,10.1.2.3/24', 0, ''],
  ['add IPS 10.98.98.98', 0, ''],
  ['add nosuch 1.2.3.4', 1, NO_SET],
  ['list nosuch', 1, NO_SET],
  ['list -x', 1, NO_SET],
  ['list CLUSTER-IP LOOP-BACK', 2, `Unknown argument LOOP-BACK\n${HELP}`],
  ['list -o foo', 1, "Syntax error: unknown output mode 'foo'"],
  ['save nosuch', 1, NO_SET],
  ['test nosuch 1.1.1.1', 1, NO_SET],
  ['test IPS', 2, `Missing second mandatory argument to command test\n${HELP}`],
  ['del CLUSTER-IP 10.98.98.98,udp:53', 0, ''],
  ['del CLUSTER-IP 10.98.98.98,udp:53', 1, "Element cannot be deleted from the set: it's not added"],
  ['del CLUSTER-IP 10.98.98.98,udp:53 -exist', 0, ''],
  ['del nosuch 1.1.1.1', 1, NO_SET],
  ['foo bar', 2, `No command specified: unknown argument foo\n${HELP}`],
  ['--foo', 2, `No command specified: unknown argument --foo\n${HELP}`],
  ['destroy CLUSTER-IP', 1, 'Set cannot be destroyed: it is in use by a kernel component'],
  ['destroy', 1, 'Set cannot be destroyed: it is in use by a kernel component'],
  ['destroy nosuch', 1, NO_SET],
  ['flush nosuch', 1, NO_SET],
  ['flush LOOP-BACK', 0, ''],
  ['destroy LOOP-BACK', 0, ''],
]

it('makes, fills and lists sets', () => {
  const sets = createIpsets()
  const run = (line: string) =>
    ipsetCommand(sets, line === '' ? [] : line.split(' '), (name) => (name === 'CLUSTER-IP' ? 1 : 0))
  for (const [line, exitCode, stderr] of CALLS) {
    expect({ line, ...run(line) }).toEqual({ line, stdout: '', stderr: stderr && `ipset v7.17: ${stderr}\n`, exitCode })
  }
  expect(run('list -n').stdout).toBe('CLUSTER-IP\nNODE-PORT-TCP\nSOURCE-CIDR\nIPS\nSIX\n')
  expect(run('-n list CLUSTER-IP').stdout).toBe('CLUSTER-IP\n')
  const block = (entries: number, lines: string): string =>
    `Name: NODE-PORT-TCP\nType: bitmap:port\nRevision: 3\nHeader: range 0-65535\nSize in memory: 8264\nReferences: 0\nNumber of entries: ${entries}\n${lines}`
  expect(run('list NODE-PORT-TCP').stdout).toBe(block(3, 'Members:\n30090\n30091\n30443\n'))
  for (const line of ['list NODE-PORT-TCP -t', 'list -terse NODE-PORT-TCP', '-t -L NODE-PORT-TCP']) {
    expect(run(line).stdout).toBe(block(3, ''))
  }
  expect(run('list -t').stdout).toContain('Number of entries: 3\n\nName: NODE-PORT-TCP\n')
  const saved =
    'create NODE-PORT-TCP bitmap:port range 0-65535\nadd NODE-PORT-TCP 30090\nadd NODE-PORT-TCP 30091\nadd NODE-PORT-TCP 30443\n'
  for (const line of ['save NODE-PORT-TCP', '-S NODE-PORT-TCP', 'list NODE-PORT-TCP -o save']) {
    expect(run(line).stdout).toBe(saved)
  }
  expect(run('save SOURCE-CIDR').stdout.replace(/0x\w+/, '0x0')).toBe(
    [
      'create SOURCE-CIDR hash:ip,port,net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x0',
      'add SOURCE-CIDR 10.244.1.5,tcp:80,10.0.0.0/8',
      'add SOURCE-CIDR 10.244.1.5,tcp:80,10.1.2.0/24',
      'add SOURCE-CIDR 10.244.1.5,tcp:80,10.1.2.3',
      '',
    ].join('\n'),
  )
  expect(run('version').stdout).toBe('ipset v7.17, protocol version: 7\n')
})

it.each([
  ['test CLUSTER-IP 10.98.98.98,tcp:80', 0, 'Warning: 10.98.98.98,tcp:80 is in set CLUSTER-IP.\n'],
  ['test CLUSTER-IP 10.98.98.98,tcp:81', 1, '10.98.98.98,tcp:81 is NOT in set CLUSTER-IP.\n'],
  [
    'test SOURCE-CIDR 10.244.1.5,tcp:80,10.200.0.1',
    0,
    'Warning: 10.244.1.5,tcp:80,10.200.0.1 is in set SOURCE-CIDR.\n',
  ],
  ['-T IPS 10.98.98.98', 0, 'Warning: 10.98.98.98 is in set IPS.\n'],
  ['-q test IPS 10.98.98.90', 1, ''],
  ['test NODE-PORT-TCP 30081', 1, '30081 is NOT in set NODE-PORT-TCP.\n'],
])('%s', (line, exitCode, stderr) => {
  const sets = createIpsets()
  const none = (): number => 0
  for (const call of [
    'create CLUSTER-IP hash:ip,port',
    'add CLUSTER-IP 10.98.98.98,tcp:80',
    'create SOURCE-CIDR hash:ip,port,net',
    'add SOURCE-CIDR 10.244.1.5,tcp:80,10.0.0.0/8',
    'create IPS hash:ip',
    'add IPS 10.98.98.98',
    'create NODE-PORT-TCP bitmap:port range 0-65535',
  ]) {
    ipsetCommand(sets, call.split(' '), none)
  }
  expect(ipsetCommand(sets, line.split(' '), none)).toEqual({ stdout: '', stderr, exitCode })
})
