import { describe, expect, it } from 'vitest'
import { createIpvs } from './ipvs.ts'
import { ipvsadmCommand } from './ipvsadmCommand.ts'

/** Commands one after the other on one node, and what ipvsadm 1.31 answered on Linux 6.1: exit code, then stderr. */
const CALLS: readonly (readonly [string, number, string])[] = [
  ['-A -t 10.98.98.98:80 -s rr', 0, ''],
  ['-A -t 10.98.98.98:80 -s rr', 255, 'Service already exists'],
  ['-A -u 10.96.0.10:53 -s rr -p', 0, ''],
  ['-A -t 10.97.1.2:443 -s sh -b sh-port,sh-fallback -p 600', 0, ''],
  ['-A -t 10.97.1.4:443 -s mh -b mh-fallback,mh-port', 0, ''],
  ['-A -t 10.97.1.5:443 -s mh -b flag-1', 0, ''],
  ['-A -t 10.97.1.7:443', 0, ''],
  ['-A -t 10.97.1.8:443 -s nosuch', 255, 'Scheduler or persistence engine not found'],
  ['-A --sctp-service 10.97.1.9:443 -s wrr -p 100', 0, ''],
  ['-A -t [fd00::1]:80 -s rr -p 300', 0, ''],
  ['-A -t 172.16.210.11:30080 -s rr', 0, ''],
  ['-A -t 10.97.1.11 -s rr', 2, 'Zero port specified for non-persistent service'],
  ['-A -t 10.97.1.11 -s rr -p', 0, ''],
  ['-a -t 10.98.98.98:80 -r 10.244.1.10:8080 -m', 0, ''],
  ['-a -t 10.98.98.98:80 -r 10.244.1.10:8080 -m', 255, 'Destination already exists'],
  ['-a -t 10.98.98.98:80 -r 10.244.1.11:8080 -m -w 5', 0, ''],
  ['-a -t 10.98.98.98:80 -r 10.244.1.12 -m -w 65535', 0, ''],
  ['-a -t 10.98.98.98:80 -r 10.244.1.13:8080 -w 65536 -m', 0, ''],
  ['-a -t 10.98.98.99:80 -r 10.244.1.10:8080 -m', 255, 'Service not defined'],
  ['-a -u 10.96.0.10:53 -r 10.244.1.10:53 -m', 0, ''],
  ['-a -t [fd00::1]:80 -r [fd00::aa]:8080 -m', 0, ''],
  ['-a -t 172.16.210.11:30080 -r 172.16.210.12:80 -m', 0, ''],
]

const table = (port: (name: string, number: number) => string): string => `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  172.16.210.11:30080 rr
  -> ${`172.16.210.12:${port('http', 80)}`.padEnd(28)} Masq    1      0          0         
TCP  10.97.1.2:${port('https', 443)} sh (sh-fallback,sh-port) persistent 600
TCP  10.97.1.4:${port('https', 443)} mh (mh-fallback,mh-port)
TCP  10.97.1.5:${port('https', 443)} mh (mh-fallback)
TCP  10.97.1.7:${port('https', 443)} wlc
TCP  10.97.1.11:0 rr persistent 360
TCP  10.98.98.98:${port('http', 80)} rr
  -> ${`10.244.1.10:${port('http-alt', 8080)}`.padEnd(28)} Masq    1      0          0         
  -> ${`10.244.1.11:${port('http-alt', 8080)}`.padEnd(28)} Masq    5      0          0         
  -> ${`10.244.1.12:${port('http', 80)}`.padEnd(28)} Masq    65535  0          0         
  -> ${`10.244.1.13:${port('http-alt', 8080)}`.padEnd(28)} Masq    65536  0          0         
UDP  10.96.0.10:${port('domain', 53)} rr persistent 360
  -> ${`10.244.1.10:${port('domain', 53)}`.padEnd(28)} Masq    1      0          0         
SCTP 10.97.1.9:443 wrr persistent 100
TCP  [fd00::1]:${port('http', 80)} rr persistent 300
  -> ${`[fd00::aa]:${port('http-alt', 8080)}`.padEnd(28)} Masq    1      0          0         
`

/** A node on which `CALLS` were made. */
function node() {
  const ipvs = createIpvs()
  const run = (line: string) => ipvsadmCommand(ipvs, line === '' ? [] : line.split(' '), 0)
  for (const [line, exitCode, stderr] of CALLS) {
    expect({ line, ...run(line) }).toEqual({ line, stdout: '', stderr: stderr && `${stderr}\n`, exitCode })
  }
  return run
}

describe('ipvsadm', () => {
  it('adds, and lists with numbers or names', () => {
    const run = node()
    for (const line of ['-Ln', '-L -n', '-ln', '--list --numeric', '-Ln --sort']) {
      expect(run(line).stdout).toBe(table((_, number) => String(number)))
    }
    for (const line of ['', '-l', '-L']) expect(run(line).stdout).toBe(table((name) => name))
  })

  it('lists one virtual server without the banner', () => {
    const run = node()
    expect(run('-Ln -u 10.96.0.10:53').stdout).toBe(
      `Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
UDP  10.96.0.10:53 rr persistent 360
  -> 10.244.1.10:53               Masq    1      0          0         
`,
    )
    expect(run('-Ln -t 172.16.210.11:30080 --stats').stdout).toBe(
      `Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  172.16.210.11:30080                 0        0        0        0        0
  -> 172.16.210.12:80                    0        0        0        0        0
`,
    )
  })

  it('saves', () => {
    const run = node()
    expect(run('-S -n').stdout).toBe(`-A -t 172.16.210.11:30080 -s rr
-a -t 172.16.210.11:30080 -r 172.16.210.12:80 -m -w 1
-A -t 10.97.1.2:443 -s sh -p 600 -b sh-fallback,sh-port
-A -t 10.97.1.4:443 -s mh -b mh-fallback,mh-port
-A -t 10.97.1.5:443 -s mh -b mh-fallback
-A -t 10.97.1.7:443 -s wlc
-A -t 10.97.1.11:0 -s rr -p 360
-A -t 10.98.98.98:80 -s rr
-a -t 10.98.98.98:80 -r 10.244.1.10:8080 -m -w 1
-a -t 10.98.98.98:80 -r 10.244.1.11:8080 -m -w 5
-a -t 10.98.98.98:80 -r 10.244.1.12:80 -m -w 65535
-a -t 10.98.98.98:80 -r 10.244.1.13:8080 -m -w 65536
-A -u 10.96.0.10:53 -s rr -p 360
-a -u 10.96.0.10:53 -r 10.244.1.10:53 -m -w 1
-A --sctp-service 10.97.1.9:443 -s wrr -p 100
-A -t [fd00::1]:80 -s rr -p 300
-a -t [fd00::1]:80 -r [fd00::aa]:8080 -m -w 1
`)
    expect(run('--save').stdout).toContain('-a -t 10.98.98.98:http -r 10.244.1.10:http-alt -m -w 1\n')
  })

  it('edits and deletes', () => {
    const run = node()
    const calls: readonly (readonly [string, number, string])[] = [
      ['-e -t 10.98.98.98:80 -r 10.244.1.11:8080 -m -w 0', 0, ''],
      ['-e -t 10.98.98.98:80 -r 10.244.1.99:8080 -m -w 0', 255, 'No such destination'],
      ['-E -t 10.98.98.98:80 -s wrr -p 30', 0, ''],
      ['-E -t 10.98.98.97:80 -s wrr', 255, 'No such service'],
      ['-d -t 10.98.98.98:80 -r 10.244.1.10:8080', 0, ''],
      ['-d -t 10.98.98.98:80 -r 10.244.1.10:8080', 255, 'No such destination'],
      ['-d -t 10.98.98.97:80 -r 10.244.1.11:8080', 255, 'Service not defined'],
      ['-D -t 10.98.98.97:80', 255, 'No such service'],
      ['-D -t 10.97.1.7:443', 0, ''],
      ['-Z', 0, ''],
      ['-Z -t 10.98.98.98:80', 0, ''],
      ['-Z -t 10.98.98.97:80', 255, 'No such service'],
      ['--set 100 50 20', 0, ''],
      ['--set 0 0 10', 0, ''],
    ]
    for (const [line, exitCode, stderr] of calls) {
      expect({ line, ...run(line) }).toEqual({ line, stdout: '', stderr: stderr && `${stderr}\n`, exitCode })
    }
    expect(run('-L --timeout').stdout).toBe('Timeout (tcp tcpfin udp): 100 50 10\n')
    expect(run('-Ln -t 10.98.98.98:80').stdout.split('\n').slice(2, 4)).toEqual([
      'TCP  10.98.98.98:80 wrr persistent 30',
      '  -> 10.244.1.11:8080             Masq    0      0          0         ',
    ])
    expect([run('-C').exitCode, run('-Ln').stdout.split('\n').length]).toEqual([0, 4])
  })

  it.each<[string, number, string]>([
    ['-Ln -t 10.98.98.98:81', 1, 'No such service'],
    ['-Ln -t 10.98.98.98', 1, 'No such service'],
    ['-Ln -t foo', 2, 'illegal virtual server address[:port] specified'],
    ['-Ln -t 80', 2, 'illegal virtual server address[:port] specified'],
    ['-Ln -t 1.2.3.4:99999', 2, 'illegal virtual server address[:port] specified'],
    ['-Ln -r 10.244.1.10:80', 2, "Illegal 'real-server' option with the 'list' command"],
    ['-Ln -s rr', 2, "Illegal 'scheduler' option with the 'list' command"],
    ['-Ln --daemon --timeout', 2, "The option 'daemon' conflicts with the 'timeout' option in the 'list' command"],
    ['-L -n -c --stats', 2, 'options conflicts in the list command'],
    ['-Ln --timeout --stats', 2, 'options conflicts in the list command'],
    [
      '-Ln -t 10.98.98.98:80 -c',
      2,
      "The option 'service-address' conflicts with the 'connection' option in the 'list' command",
    ],
    ['-S --stats', 2, "Illegal 'stats' option with the 'save' command"],
    ['-C -n', 2, "Illegal 'numeric' option with the 'flush' command"],
    ['-d -t 10.98.98.98:80', 2, "You need to supply the 'real-server' option for the 'delete-server' command"],
    ['-a -t 10.98.98.98:80', 2, "You need to supply the 'real-server' option for the 'add-server' command"],
    ['-a -r 10.244.1.11:8080', 2, "You need to supply the 'service-address' option for the 'add-server' command"],
    ['-D', 2, "You need to supply the 'service-address' option for the 'delete-service' command"],
    ['-A', 2, "You need to supply the 'service-address' option for the 'add-service' command"],
    ['--set 100 50', 2, '--set option requires 3 timeout values'],
    ['--set', 2, '--set option requires 3 timeout values'],
    ['--set a b c', 2, "invalid timeout value `a' specified"],
    ['--set 9999999 1 1', 2, "invalid timeout value `9999999' specified"],
    ['--set -1 1 1', 255, '-1: unknown option'],
    ['-x', 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information."],
    ['--foo', 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information."],
    ['-n', 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information."],
    ['foo', 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information."],
    ['-L --foo', 255, '--foo: unknown option'],
    ['-Lnx', 255, '-Lnx: missing argument'],
    ['-L -Q', 255, '-Q: unknown option'],
    ['-L foo', 2, 'unexpected argument foo'],
    ['-Ln foo bar', 2, 'unexpected argument foo'],
    ['-L -A', 2, "invalid option `-A'"],
    ['-L -L', 2, "invalid option `-L'"],
    ['-Ln -n', 2, "multiple 'numeric' options specified"],
    ['-Ln -t 10.98.98.98:80 -t 10.98.98.98:80', 2, "multiple 'service-address' options specified"],
    ['-A -t', 255, '-t: missing argument'],
    ['-A -t 10.98.98.90:80 -p 0', 2, "invalid timeout value `0' specified"],
    ['-A -t 10.98.98.90:80 -p abc', 2, "invalid timeout value `abc' specified"],
    ['-A -t 10.98.98.90:80 -w 3', 2, "Illegal 'weight' option with the 'add-service' command"],
    ['-A -t 10.98.98.90:80 -b xyz -s sh', 2, "invalid scheduler flag `xyz'"],
    ['-A -t 10.98.98.90:80 -s rr -j tun', 255, '-j: unknown option'],
    ['-a -t 10.98.98.98:80 -r 10.244.1.10:8080 -m -w -1', 2, 'illegal weight specified'],
    ['-a -t 10.98.98.98:80 -r 10.244.1.10:8080 -m -w x', 2, 'illegal weight specified'],
    ['-a -t 10.98.98.98:80 -r foo:80 -m', 2, 'illegal real server address[:port] specified'],
  ])('refuses %s', (line, exitCode, stderr) => {
    expect(ipvsadmCommand(createIpvs(), line.split(' '), 0)).toEqual({ stdout: '', stderr: `${stderr}\n`, exitCode })
  })
})
