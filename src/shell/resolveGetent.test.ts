import { expect, it } from 'vitest'
import { getent } from './resolveGetent.ts'
import type { GetentLookup } from './resolveGetent.ts'

const lookUp: GetentLookup = (name, types) => {
  if (name !== 'ext' || !types.includes('A')) return { ok: false, error: 'EAI_NONAME' }
  const names = { canonicalName: 'www.a.shifen.com', aliases: ['ext.dev.svc.cluster.local', 'www.baidu.com'] }
  return { ok: true, addresses: ['180.101.49.11'], ...names }
}

it.each([
  ['hosts ext', '180.101.49.11   www.a.shifen.com ext.dev.svc.cluster.local www.baidu.com\n', '', 0],
  ['ahosts ext', '180.101.49.11   STREAM www.a.shifen.com\n180.101.49.11   DGRAM  \n180.101.49.11   RAW    \n', '', 0],
  ['hosts nope', '', '', 2],
  ['ahostsv6 ext', '', '', 2],
  ['foo ext', '', 'Unknown database: foo\n', 1],
])('getent %s', (line, stdout, stderr, exitCode) => {
  expect(getent(line.split(' '), lookUp)).toEqual({ stdout, stderr, exitCode })
})
