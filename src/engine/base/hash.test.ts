import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base32 } from '@scure/base'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { base32Sha256 } from './hash.ts'

const reference = (text: string): string => base32.encode(sha256(utf8ToBytes(text)))

it('agrees with the package on ASCII texts of every length around the block limits', () => {
  for (let length = 0; length < 200; length++) {
    const text = 'kube-proxy/'.repeat(20).slice(0, length)
    expect(base32Sha256(text, 52)).toBe(reference(text).slice(0, 52))
  }
})

it('agrees with the package on any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 52 }), (text, length) => {
      expect(base32Sha256(text, length)).toBe(reference(text).slice(0, length))
    }),
  )
})
