import { expect, it } from 'vitest'
import { readYaml } from './readYaml.ts'

it.each([
  ['a: 1\nb: [x]\n', { ok: true, value: { a: 1, b: ['x'] } }],
  ['# nothing\n', { ok: true, value: null }],
  ['a: b: c\n', { ok: false, error: 'yaml: mapping values are not allowed in this context' }],
  ['a: 1\nb: [x\n', { ok: false, error: "yaml: line 2: did not find expected ',' or ']'" }],
])('reads %j', (text, want) => {
  expect(readYaml(text)).toEqual(want)
})
