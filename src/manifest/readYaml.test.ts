import { expect, it } from 'vitest'
import { readYaml } from './readYaml.ts'

it.each([
  ['a: 1\nb: [x]\n', { ok: true, value: { value: { a: 1, b: ['x'] }, repeated: [] } }],
  ['# nothing\n', { ok: true, value: { value: null, repeated: [] } }],
  ['a: 1\n"b": 2\n"b": 3\n', { ok: true, value: { value: { a: 1, b: 3 }, repeated: [{ key: 'b', line: 3 }] } }],
  // What follows the first document is not even looked at.
  ['a: 1\n---\nb: [\n', { ok: true, value: { value: { a: 1 }, repeated: [] } }],
  ['a: b: c\n', { ok: false, error: 'yaml: mapping values are not allowed in this context' }],
  ['a: 1\nb: [x\n', { ok: false, error: "yaml: line 2: did not find expected ',' or ']'" }],
])('reads %j', (text, want) => {
  expect(readYaml(text)).toEqual(want)
})
