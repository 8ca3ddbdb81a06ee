import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tokenizeYamlLine } from './yamlTokens.ts'

it.each([
  ['kind: Service', ['key:kind', 'plain::', 'string: Service']],
  ['    - port: 80 # Service port', ['plain:    - ', 'key:port', 'plain::', 'plain: 80', 'comment: # Service port']],
  ['# all', ['comment:# all']],
  ['---', ['plain:---']],
  ['spec:', ['key:spec', 'plain::']],
  ['url: http://a:80/#x', ['key:url', 'plain::', 'string: http://a:80/#x']],
])('%j', (line, want) => {
  expect(tokenizeYamlLine(line).map(({ kind, text }) => `${kind}:${text}`)).toEqual(want)
})

it('loses no letter', () => {
  const line = fc.string({
    unit: fc.constantFrom('a', 'b', '-', ':', ' ', '#', "'", '"', '[', '{', '|', '\t', '0', 'é'),
    maxLength: 40,
  })
  fc.assert(
    fc.property(line, (text) => {
      expect(
        tokenizeYamlLine(text)
          .map((token) => token.text)
          .join(''),
      ).toBe(text)
    }),
  )
})
