import { describe, expect, it } from 'vitest'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { parseManifests } from './parseManifests.ts'

function only(text: string): unknown {
  const { documents, faults } = parseManifests(text, 'f.yaml')
  expect(faults).toEqual([])
  return documents[0]?.object
}

describe('values', () => {
  it.each<[string, unknown]>([
    ['a: 1\nb: [x, "y", z w]\nc: {d: ~, e: }', { a: 1, b: ['x', 'y', 'z w'], c: { d: null, e: null } }],
    ['a: |\n  x\n   y\n\n  z\nb: >-\n  x\n  y\n\n  z\n', { a: 'x\n y\n\nz\n', b: 'x y\nz' }],
    ['- - a\n  - b\n-\n  c: d\n-\n', [['a', 'b'], { c: 'd' }, null]],
    ['a:\n- 1\n- 2\nb: 3', { a: [1, 2], b: 3 }],
    ['? a\n: b\n? c\n', { a: 'b', c: null }],
    ['a: &x {p: 1}\nb: *x\nc:\n  <<: *x\n  q: 2', { a: { p: 1 }, b: { p: 1 }, c: { p: 1, q: 2 } }],
    ["a: \"x\\u0041\\n\\\n   y\"\nb: 'it''s'", { a: 'xA\ny', b: "it's" }],
    ['a: x\n  y\n\n  z # c\nb: a#b', { a: 'x y\nz', b: 'a#b' }],
    ['a: !!str 5\nb: !!int "7"\nc: !foo x', { a: '5', b: 7, c: 'x' }],
    ['80: a\ny: b\n1.5: c', { '80': 'a', true: 'b', '1.5': 'c' }],
    ['__proto__: {p: 1}', JSON.parse('{"__proto__": {"p": 1}}')],
    ['{a: b, c, "d":1}', { a: 'b', c: null, d: 1 }],
    ['\ufeffa: 1\nb:\n  c: 2\n', { a: 1, b: { c: 2 } }],
    ['a: 1\r\nb:\r\n- c\r\n- d: |\r\n    x\r\n    y\r\n...\r\n', { a: 1, b: ['c', { d: 'x\ny\n' }] }],
    ['--- # first\na: 1\n', { a: 1 }],
    ['a:   # note\n  - b   # note\n  # note\n  - "c" # note\n', { a: ['b', 'c'] }],
    ['a: [\n  b,\n  c: d,\n]\n', { a: ['b', { c: 'd' }] }],
    ['"a b": \'c: d\'\ne: -1\n', { 'a b': 'c: d', e: -1 }],
  ])('%j', (text, want) => {
    expect(only(text)).toEqual(want)
  })

  it.each<[string, unknown]>([
    ['080', 80],
    ['0x50', 80],
    ['1e2', 100],
    ['80.0', 80],
    ['8_0', 80],
    ['0o120', 80],
    ['+80', 80],
    ['0120', 80],
    ['0b101', 5],
    ['yes', true],
    ['Off', false],
    ['y', true],
    ['NULL', null],
    ['2001-01-01', '2001-01-01'],
    ['10.96.0.1', '10.96.0.1'],
    ['12:30', '12:30'],
    ['1.', 1],
    ['-', '-'],
    ['.5', 0.5],
    ['0x', '0x'],
    ['1e', '1e'],
  ])('scalar %s', (text, want) => {
    expect(only(`a: ${text === '-' ? '"-"' : text}`)).toEqual({ a: want })
  })

  it('agrees with js-yaml on block and flow text', () => {
    const text = 'spec:\n  a: [1, {b: c}]\n  d: >\n    folded\n    text\n  e: |+\n    kept\n\n  f: - x\n'.replace(
      '- x',
      '"- x"',
    )
    expect(only(text)).toEqual(load(text, { schema: YAML11_SCHEMA }))
  })
})

describe('faults in the words of kubectl', () => {
  it.each<[string, string]>([
    ['a:\n  b: 1\n c: 2\n', 'yaml: line 2: did not find expected key'],
    ['a:\n\tb: 1\n', 'yaml: line 2: found character that cannot start any token'],
    ['a: [b', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: 1\nb: "x\n', 'yaml: line 3: found unexpected end of stream'],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a: 1\nfoo\nb: 2\n', "yaml: line 3: could not find expected ':'"],
    ['a: *s', "yaml: unknown anchor 's' referenced"],
    ['a: &s [*s]', "yaml: anchor 's' value contains itself"],
    ['%YAML 1.2\n---\na: 1', 'yaml: found incompatible YAML document'],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['a: {{ .Values.x }}', 'yaml: invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}'],
    [
      '~: {a: [1, x, null]}',
      'unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}{"a":[]interface {}{1, "x", interface {}(nil)}}',
    ],
    ['a: "\u0001"', 'yaml: control characters are not allowed'],
  ])('%j', (text, want) => {
    const { faults } = parseManifests(text, 'f.yaml')
    expect(faults[0]?.message).toBe(`error parsing f.yaml: error converting YAML to JSON: ${want}`)
  })

  // Recorded from kubectl v1.35.4.
  it.each([
    ['--- {a: 1}\n', 'invalid Yaml document separator: {a: 1}'],
    ['{"a": "\\x"}', "json: offset 9: invalid character 'x' in string escape code"],
    ['{{ x }}', "json: offset 2: invalid character '{' looking for beginning of object key string"],
    ['{"a": 1}\nx', "json: offset 10: invalid character 'x' looking for beginning of value"],
  ])('%j is not even YAML', (text, want) => {
    expect(parseManifests(text, 'f.yaml').faults[0]?.message).toBe(`error parsing f.yaml: ${want}`)
  })

  it('names no YAML in a truncated JSON file, and reads JSON with a trailing comma', () => {
    expect(parseManifests('{"a": {"b": 1}', 'f').faults[0]?.message).toBe('error parsing f: unexpected EOF')
    expect(only('{"a": 1,}')).toEqual({ a: 1 })
  })

  it('keeps the other documents and hints at duplicate keys', () => {
    const { documents, faults } = parseManifests('a: 1\n---\nb: [\n---\n# nothing\n---\nc: 1\nc: 2\n', 'f')
    expect(documents.map(({ index, object }) => [index, object])).toEqual([
      [0, { a: 1 }],
      [3, { c: 2 }],
    ])
    expect(faults.map(({ severity, document }) => [severity, document])).toEqual([
      ['error', 1],
      ['hint', 3],
    ])
  })
})

describe('hostile text', () => {
  it.each<[string, string]>([
    ['deep blocks', Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['deep flow', '['.repeat(100_000)],
    ['deep sequence', '- '.repeat(50_000)],
    ['alias bomb', bomb(12)],
    ['deep JSON', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ])('%s ends in a fault', (_, text) => {
    expect(parseManifests(text, 'f').faults).toHaveLength(1)
  })

  it('reads 10 MB', () => {
    const text = 'data:\n' + Array.from({ length: 300_000 }, (_, i) => `  key-${i}: some value with words\n`).join('')
    expect(text.length).toBeGreaterThan(10_000_000)
    expect(parseManifests(text, 'f').documents).toHaveLength(1)
  }, 120_000)
})

describe('ranges', () => {
  const text =
    'kind: Service\nspec:\n  ports:\n  - port: 80\n    name: a\n  selector: {x: "y z"}\n---\nspec:\n  type: A\n'
  const at = (document: number, path: string): string => {
    const range = parseManifests(text, 'f').documents[document]?.ranges.at(path)
    return range ? text.slice(range.from, range.to) : ''
  }
  it.each<[number, string, string]>([
    [0, 'spec.ports[0].port', '80'],
    [0, 'spec.ports[0].name', 'a'],
    [0, 'spec.ports[0]', 'port: 80\n    name: a'],
    [0, 'spec.ports[0].targetPort', 'port: 80\n    name: a'],
    [0, 'spec.selector.x', '"y z"'],
    [0, 'spec.clusterIPs[0]', 'spec'],
    [0, 'metadata.name', 'kind'],
    [1, 'spec.type', 'A'],
  ])('document %d, %s', (document, path, want) => {
    expect(at(document, path)).toBe(want)
  })
})

function bomb(levels: number): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < levels; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  return lines.join('\n')
}
