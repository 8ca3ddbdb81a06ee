import { expect, it } from 'vitest'
import { indentAfter } from './yamlIndent.ts'

it.each([
  { line: '', want: 0 },
  { line: 'kind: Service', want: 0 },
  { line: 'spec:', want: 2 },
  { line: '  selector: # labels', want: 4 },
  { line: '    app: web', want: 4 },
  { line: '    - port: 80', want: 6 },
  { line: '      - - deep: 1', want: 10 },
  { line: '    - name:', want: 8 },
  { line: '    ', want: 4 },
])('after $line', ({ line, want }) => {
  expect(indentAfter(line)).toBe(' '.repeat(want))
})
