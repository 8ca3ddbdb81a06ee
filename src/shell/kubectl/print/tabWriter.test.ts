import { expect, it } from 'vitest'
import { layOutTabs } from './tabWriter.ts'

it.each([
  { name: 'a column over lines next to each other', text: 'a:\t1\nlonger:\t2\n', want: 'a:       1\nlonger:  2\n' },
  { name: 'a line without cells ends it', text: 'a:\t1\nx\nlonger:\t2\n', want: 'a:  1\nx\nlonger:  2\n' },
  { name: 'a form feed ends it too', text: 'a:\t1\n\flonger:\t2\n', want: 'a:  1\nlonger:  2\n' },
  { name: 'a shorter line leaves the second column', text: 'p:\tu\t80\nt:\t80\n', want: 'p:  u  80\nt:  80\n' },
  { name: 'nothing before the first tab', text: 'L:\ta\n\tb\n', want: 'L:  a\n    b\n' },
])('$name', ({ text, want }) => {
  expect(layOutTabs(text)).toBe(want)
})
