import { expect, it } from 'vitest'
import { sysctl } from './sysctl.ts'

it('reads and writes the keys that there are', () => {
  const values = new Map([['net.ipv4.ip_forward', 1]])
  const store = {
    read: (key: string) => values.get(key),
    write: (key: string, value: number) => values.set(key, value).size > 0,
  }
  const run = (line: string) => sysctl(line.split(' '), store)
  expect(run('net.ipv4.ip_forward')).toEqual({ stdout: 'net.ipv4.ip_forward = 1\n', stderr: '', rc: 0 })
  expect(run('-w net/ipv4/ip_forward=0')).toEqual({ stdout: 'net.ipv4.ip_forward = 0\n', stderr: '', rc: 0 })
  expect(run('-n net.ipv4.ip_forward')).toEqual({ stdout: '0\n', stderr: '', rc: 0 })
  expect(run('net.foo')).toEqual({
    stdout: '',
    stderr: 'sysctl: cannot stat /proc/sys/net/foo: No such file or directory\n',
    rc: 1,
  })
})
