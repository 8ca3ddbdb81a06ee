import { expect, it } from 'vitest'
import { unifiedDiff } from './unifiedDiff.ts'

const numbers = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i))

// What `difflib.unified_diff(a, b, lineterm='', n=3)` of Python 3.11 prints, without its two head lines.
it.each<{ name: string; before: readonly string[]; after: readonly string[]; want: readonly string[] }>([
  { name: 'nothing changed', before: ['a'], after: ['a'], want: [] },
  {
    name: 'a line for another',
    before: ['a', 'b', 'c'],
    after: ['a', 'x', 'c'],
    want: ['@@ -1,3 +1,3 @@', ' a', '-b', '+x', ' c'],
  },
  { name: 'into nothing', before: [], after: ['a'], want: ['@@ -0,0 +1 @@', '+a'] },
  {
    name: 'two places far apart',
    before: numbers(1, 20),
    after: ['1', 'x', ...numbers(3, 18), 'y', '20'],
    want: [
      ...['@@ -1,5 +1,5 @@', ' 1', '-2', '+x', ' 3', ' 4', ' 5'],
      ...['@@ -16,5 +16,5 @@', ' 16', ' 17', ' 18', '-19', '+y', ' 20'],
    ],
  },
])('$name', ({ before, after, want }) => {
  expect(unifiedDiff(before, after)).toBe(want.map((line) => `${line}\n`).join(''))
})

it('does not look for lines that are everywhere in a long text', () => {
  // Python's `autojunk`: from 200 lines on, a line that makes up more than a hundredth is no anchor.
  const before = [...Array.from({ length: 200 }, () => 'null'), 'x']
  const after = ['y', ...Array.from({ length: 200 }, () => 'null')]
  expect(unifiedDiff(before, after).split('\n')[0]).toBe('@@ -1,201 +1,201 @@')
})
