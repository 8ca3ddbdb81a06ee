import { expect, it } from 'vitest'
import { pickAddress } from './natAddress.ts'
import type { Ip } from '../base/ip.ts'

// Recorded on Linux 6.18: one datagram each through `-j DNAT --to-destination A-B`, its reply's source as conntrack -L shows
// it. The destination is left out where the rule said --persistent.
it.each([
  ['10.244.1.3', '10.244.9.200', '10.0.0.1', '10.96.0.1', '10.244.4.243'],
  ['10.244.1.3', '10.244.9.200', '10.0.0.1', '10.96.7.200', '10.244.3.161'],
  ['10.244.1.3', '10.244.9.200', '10.0.0.77', '10.96.0.1', '10.244.2.39'],
  ['10.244.1.3', '10.244.9.200', '10.0.0.77', '10.96.7.200', '10.244.6.234'],
  ['10.244.1.3', '10.244.9.200', '192.168.3.9', '10.96.0.1', '10.244.5.100'],
  ['10.244.1.3', '10.244.1.9', '10.0.0.1', undefined, '10.244.1.4'],
  ['10.244.1.3', '10.244.1.9', '10.0.0.77', undefined, '10.244.1.3'],
  ['10.244.1.3', '10.244.1.9', '192.168.3.9', undefined, '10.244.1.5'],
  ['fd00:1::5', 'fd00:1::2:ffff', 'fd00::1', 'fd10::1', 'fd00:1::1:ce32'],
  ['fd00:1::5', 'fd00:1::2:ffff', 'fd00::1', 'fd10::2:1', 'fd00:1::3920'],
])('of %s to %s, %s asking for %s gets %s', (from, to, source, destination, picked) => {
  expect(pickAddress(from as Ip, to as Ip, source as Ip, destination as Ip | undefined)).toBe(picked)
})
