import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../../manifest/parseManifests.ts'
import { printYaml } from './printYaml.ts'

describe('printYaml', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: { c: [] }, d: {} }, 'a:\n  c: []\nb: 1\nd: {}\n'],
    [{ a: [{ v: 1, y: 2 }, 'z', [1]] }, 'a:\n- v: 1\n  "y": 2\n- z\n- - 1\n'],
    [{ a: '8080', b: 'true', c: '', d: '1e2', e: '2026-01-05T08:00:00Z', f: '12:30' }, quoted()],
    [{ a: ' 10.0.0.0/8 ', b: 'a: b', c: '- x', d: "it's #1", e: '*' }, singleQuoted()],
    [{ a: 'x\ny\n', b: { c: 'x\ny' } }, 'a: |\n  x\n  y\nb:\n  c: |-\n    x\n    y\n'],
    [{ a: 'tab\there', b: ' lead\nline' }, 'a: "tab\\there"\nb: " lead\\nline"\n'],
    [
      { a: null, b: false, c: 'None', d: '10.96.0.1', e: '中文 ok' },
      'a: null\nb: false\nc: None\nd: 10.96.0.1\ne: 中文 ok\n',
    ],
  ])('%j', (value, want) => {
    expect(printYaml(value)).toBe(want)
  })

  it('is read back as the same value', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.stringMatching(/^[-a-z0-9:#\n \t'"|>~.yYnN]{0,10}$/),
      fc.constantFrom(
        'yes',
        '0x1f',
        '1_000',
        '<<',
        '=',
        '---',
        '...',
        '?',
        '-',
        ':',
        '0o17',
        '.inf',
        '~',
        'a\n',
        '\n\n',
      ),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, true, 0, -1.5, 65535),
        text,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          text.filter((key) => key !== '__proto__'),
          tie('value'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    }))
    fc.assert(
      fc.property(fc.record({ root: value }), (object) => {
        const { documents, faults } = parseManifests(printYaml(object), 'f')
        expect(faults).toEqual([])
        expect(documents[0]?.object).toEqual(object)
      }),
      { numRuns: 1500, seed: 35 },
    )
  })
})

function quoted(): string {
  return 'a: "8080"\nb: "true"\nc: ""\nd: "1e2"\ne: "2026-01-05T08:00:00Z"\nf: "12:30"\n'
}

function singleQuoted(): string {
  return "a: ' 10.0.0.0/8 '\nb: 'a: b'\nc: '- x'\nd: 'it''s #1'\ne: '*'\n"
}
