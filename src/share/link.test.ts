import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { deflateSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { encodeBase64url } from './base64url.ts'
import { dictionaryV1 } from './dictionary.ts'
import { decodeLink, encodeLink } from './link.ts'
import type { SharedInput, SharedMoment } from './moment.ts'

interface Frozen {
  readonly name: string
  readonly fragment: string
  readonly moment: SharedMoment
}
const corpus = JSON.parse(readFileSync(new URL('testdata/links.json', import.meta.url), 'utf8')) as readonly Frozen[]

const file = fc.record({ name: fc.string({ minLength: 1 }), text: fc.string({ unit: 'binary', maxLength: 300 }) })
const request = fc.oneof(
  fc.record({ from: fc.string(), to: fc.string() }),
  fc.record({ from: fc.string(), to: fc.string(), via: fc.string({ minLength: 1 }) }),
  fc.record({ from: fc.string(), to: fc.string(), connection: fc.string() }),
  fc.record({
    from: fc.string(),
    to: fc.string(),
    via: fc.string({ minLength: 1 }),
    connection: fc.string(),
    streams: fc.integer({ min: 1, max: 1000 }),
    close: fc.boolean(),
  }),
)
const input = fc.oneof(
  fc.record({ type: fc.constant('apply' as const), files: fc.array(file, { maxLength: 4 }) }),
  fc.record({
    type: fc.constant('setMode' as const),
    mode: fc.constantFrom('userspace' as const, 'iptables' as const, 'ipvs' as const, 'nftables' as const),
  }),
  fc.record({ type: fc.constant('send' as const), request }),
  fc.record({ type: fc.constant('hold' as const), on: fc.boolean() }),
  fc.record({ type: fc.constant('advance' as const), ms: fc.nat({ max: 86_400_000 }) }),
  fc.constant({ type: 'advance' as const }),
)
const moment: fc.Arbitrary<SharedMoment> = fc.oneof(
  fc.record({ seed: fc.nat(), inputs: fc.array(input, { maxLength: 12 }) }),
  fc.record({ seed: fc.nat(), inputs: fc.array(input), at: fc.record({ trace: fc.nat(), cursor: fc.nat() }) }),
)

describe('a link', () => {
  it('gives back what was put in, whatever the texts are', () => {
    fc.assert(
      fc.property(moment, (value) => {
        const decoded = decodeLink(encodeLink(value))
        expect(decoded).toEqual({ ok: true, value })
      }),
    )
  })

  it('is never an exception, and hardly ever a moment, when a letter is changed or lost', () => {
    fc.assert(
      fc.property(moment, fc.nat(), fc.constantFrom('A', 'z', '_', '%', ''), (value, where, letter) => {
        const link = encodeLink(value)
        const at = 4 + (where % (link.length - 4))
        const broken = link.slice(0, at) + letter + link.slice(at + 1)
        const decoded = decodeLink(broken)
        if (decoded.ok) expect(decoded.value).toEqual(value)
        else expect(['damaged', 'tooLarge']).toContain(decoded.error.type)
      }),
      { numRuns: 400 },
    )
  })

  it.each(corpus)('of an older release still opens: $name', ({ fragment, moment: want }) => {
    expect(decodeLink(fragment)).toEqual({ ok: true, value: want })
  })

  it('keeps its dictionary: a changed one would break every link', () => {
    let hash = 0x811c9dc5
    for (const byte of dictionaryV1) hash = Math.imul(hash ^ byte, 0x01000193)
    expect([dictionaryV1.length, hash >>> 0]).toEqual([4032, 43_347_464])
  })

  it.each([
    ['', 'notALink'],
    ['#section', 'notALink'],
    ['#v1', 'notALink'],
    ['#v2.AAAA', 'unknownVersion'],
    ['#v1.', 'damaged'],
    ['#v1.AAAA', 'damaged'],
    ['#v1.not base64', 'damaged'],
  ])('%j is refused as %s', (fragment, type) => {
    const decoded = decodeLink(fragment)
    expect(decoded.ok ? undefined : decoded.error.type).toBe(type)
  })

  it.each([
    ['not an object', '[]'],
    ['a seed below 0', '{"seed":-1,"inputs":[]}'],
    ['a connection that is no name', '{"seed":1,"inputs":[["send","a","b","",{"connection":1}]]}'],
    ['a request field that is unknown', '{"seed":1,"inputs":[["send","a","b","",{"x":1}]]}'],
    ['a longer time than a day', '{"seed":1,"inputs":[["advance",86400001]]}'],
    ['a clock that is neither held nor not', '{"seed":1,"inputs":[["hold",2]]}'],
    ['an unknown mode', '{"seed":1,"inputs":[["setMode","ebpf"]]}'],
    ['an unknown input', '{"seed":1,"inputs":[["format","c:"]]}'],
    ['a difference to nothing', '{"seed":1,"inputs":[["apply",[["a.yaml",3,0,"x"]]]]}'],
    [
      'a difference longer than the file',
      '{"seed":1,"inputs":[["apply",[["a.yaml","abc"]]],["apply",[["a.yaml",2,2,"x"]]]]}',
    ],
    ['a step that is no number', '{"seed":1,"inputs":[],"at":[0,"12"]}'],
  ])('with %s inside is refused', (_name, json) => {
    expect(decodeLink(packed(json))).toEqual({ ok: false, error: { type: 'damaged' } })
  })

  it('that unpacks to 50 MB is refused', () => {
    const bomb = packed('0'.repeat(50_000_000))
    expect(decodeLink(bomb)).toEqual({ ok: false, error: { type: 'tooLarge' } })
  })

  it('that multiplies a file by differences is refused', () => {
    const text = 'x'.repeat(100_000)
    const copies = Array.from({ length: 60 }, () => '["apply",[["a",100000,0,""]]]').join(',')
    expect(decodeLink(packed(`{"seed":1,"inputs":[["apply",[["a","${text}"]]],${copies}]}`))).toEqual({
      ok: false,
      error: { type: 'tooLarge' },
    })
  })

  it('of a long session stays short, since edits are kept as differences', () => {
    const text = Array.from({ length: 60 }, (_, i) => `key-${(i * 7919) % 1000}: value-${(i * 104_729) % 997}\n`).join(
      '',
    )
    const edits = Array.from({ length: 100 }, (_, i): SharedInput => {
      return { type: 'apply', files: [{ name: 'a.yaml', text: `${text}replicas: ${i}\n` }] }
    })
    expect(encodeLink({ seed: 1, inputs: edits }).length).toBeLessThan(2_000)
  })
})

/** A link around any JSON, with a right check. */
function packed(json: string): string {
  const bytes = new TextEncoder().encode(json)
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  const folded = ((hash >>> 24) ^ hash) & 0xffffff
  const body = deflateSync(bytes, { level: 9, dictionary: dictionaryV1 })
  return `#v1.${encodeBase64url(new Uint8Array([folded >>> 16, (folded >>> 8) & 255, folded & 255, ...body]))}`
}
