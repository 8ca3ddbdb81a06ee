import { describe, expect, it } from 'vitest'
import { ping } from './ping.ts'
import type { Echo, PingIo } from './ping.ts'

const io = (...echoes: readonly Echo[]): PingIo => {
  let sent = 0
  return {
    lookUp: (name) => (name === 'web' ? ['10.0.0.1', 'fd00::1'] : []),
    echo: () => echoes[sent++ % echoes.length] ?? { type: 'silence' },
    pass: () => undefined,
  }
}
const reply = (elapsedMs: number, from = '127.0.0.1'): Echo => ({ type: 'reply', from, ttl: 64, elapsedMs })

/** What iputils 20221126 printed where the same came back. */
const CASES: readonly (readonly [command: string, echoes: readonly Echo[], out: string, err: string, code: number])[] =
  [
    [
      '-c 2 -i 0.2 127.0.0.1',
      [reply(0.08), reply(0.047)],
      `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.080 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.047 ms

--- 127.0.0.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 200ms
rtt min/avg/max/mdev = 0.047/0.063/0.080/0.016 ms
`,
      '',
      0,
    ],
    [
      '-c1 127.0.0.9',
      [{ type: 'error', from: '127.0.0.9', words: 'Destination Port Unreachable' }],
      `PING 127.0.0.9 (127.0.0.9) 56(84) bytes of data.
From 127.0.0.9 icmp_seq=1 Destination Port Unreachable

--- 127.0.0.9 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

`,
      '',
      1,
    ],
    [
      '-c 2 -W1 -i 1 127.0.0.8',
      [{ type: 'silence' }],
      `PING 127.0.0.8 (127.0.0.8) 56(84) bytes of data.

--- 127.0.0.8 ping statistics ---
2 packets transmitted, 0 received, 100% packet loss, time 1000ms

`,
      '',
      1,
    ],
    [
      '-qc 1 -s 100 web',
      [reply(0.015, '10.0.0.1')],
      `PING web (10.0.0.1) 100(128) bytes of data.

--- web ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.015/0.015/0.015/0.000 ms
`,
      '',
      0,
    ],
    [
      '-6 -c1 web',
      [reply(0.05, 'fd00::1')],
      `PING web(fd00::1) 56 data bytes
64 bytes from web (fd00::1): icmp_seq=1 ttl=64 time=0.050 ms

--- web ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.050/0.050/0.050/0.000 ms
`,
      '',
      0,
    ],
    ['-c1 1.2.3.4', [{ type: 'noRoute' }], '', 'ping: connect: Network is unreachable\n', 2],
    ['nope', [], '', 'ping: nope: Name or service not known\n', 2],
    ['-c x 127.0.0.1', [], '', "ping: invalid argument: 'x'\n", 1],
    ['-c 0 127.0.0.1', [], '', "ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807\n", 1],
    ['', [], '', 'ping: usage error: Destination address required\n', 1],
    ['-6 -c1 127.0.0.1', [], '', 'ping: 127.0.0.1: Address family for hostname not supported\n', 2],
  ]

describe('ping', () => {
  it.each(CASES)('%s', (command, echoes, stdout, stderr, exitCode) => {
    expect(ping(command.split(' ').filter(Boolean), io(...echoes))).toEqual({ stdout, stderr, exitCode })
  })
})
