import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hex8, uuid } from './hex.ts'

const word = fc.nat(0xffffffff)

it('a word has eight digits, as toString gives them', () => {
  fc.assert(fc.property(word, (n) => hex8(n) === n.toString(16).padStart(8, '0')))
})

it('a UUID keeps all bits but those of version and variant', () => {
  fc.assert(
    fc.property(word, word, word, word, (a, b, c, d) => {
      const text = uuid(a, b, c, d, 4)
      expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const digits = text.replaceAll('-', '')
      const bits = [a, b, c, d].map((n) => n.toString(16).padStart(8, '0')).join('')
      const kept = (all: string): string => all.slice(0, 12) + all.slice(13, 16) + all.slice(17)
      expect(kept(digits)).toBe(kept(bits))
    }),
  )
})
