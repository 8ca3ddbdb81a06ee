import { describe, expect, it } from 'vitest'
import { splitSequence } from './sequence.ts'

describe('splitSequence', () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    ['kubectl get pods', [['kubectl get pods', 'always']]],
    [
      'a; b\nc',
      [
        ['a', 'always'],
        ['b', 'always'],
        ['c', 'always'],
      ],
    ],
    [
      'a && b || c',
      [
        ['a', 'always'],
        ['b', 'success'],
        ['c', 'failure'],
      ],
    ],
    [
      'echo \'a; b\' && c "d && e"',
      [
        ["echo 'a; b'", 'always'],
        ['c "d && e"', 'success'],
      ],
    ],
    [
      'a # not; this\nb',
      [
        ['a', 'always'],
        ['b', 'always'],
      ],
    ],
    ['kubectl get pods \\\n -A', [['kubectl get pods  -A', 'always']]],
    ['kubectl patch svc a -p \'{"spec":\n{}}\'', [['kubectl patch svc a -p \'{"spec":\n{}}\'', 'always']]],
    ['  \n;; ', []],
  ])('%j', (text, want) => {
    expect(splitSequence(text).map((command) => [command.text, command.when])).toEqual(want)
  })
})
