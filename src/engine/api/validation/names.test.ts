import { describe, expect, it } from 'vitest'
import {
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  labelValueFaults,
  portName,
  qualifiedName,
} from './names.ts'

const rules = { configMapKey, dns1035Label, dns1123Label, dns1123Subdomain, labelValueFaults, portName, qualifiedName }

describe('names', () => {
  it.each<[keyof typeof rules, readonly string[]]>([
    ['dns1035Label', ['a', 'web-0', 'a'.repeat(63)]],
    ['dns1123Label', ['0', '9web']],
    ['dns1123Subdomain', ['a.b', '1.2.3.4', 'a'.repeat(253)]],
    ['qualifiedName', ['app', 'example.com/App_1', 'a.b/c.d', 'A']],
    ['labelValueFaults', ['', 'A.b_c', '1']],
    ['portName', ['http', 'p-1', '8a', 'abcdefghijklmno']],
    ['configMapKey', ['.env', 'a', '_', '-']],
  ])('%s accepts %j', (rule, names) => {
    for (const name of names) expect(rules[rule](name), name).toEqual([])
  })

  // The beginning of each detail, in order.
  it.each<[keyof typeof rules, string, readonly string[]]>([
    ['dns1035Label', '1web', ['a DNS-1035 label must consist of']],
    ['dns1035Label', 'W'.repeat(64), ['must be no more than 63 characters', 'a DNS-1035 label']],
    ['dns1123Label', 'a.b', ['must not contain dots']],
    ['dns1123Label', 'a..b', ['a lowercase RFC 1123 label']],
    ['dns1123Label', 'é'.repeat(32), ['must be no more than 63 characters', 'a lowercase RFC 1123 label']],
    ['qualifiedName', 'app/', ['name part must be non-empty', 'name part must consist of']],
    ['qualifiedName', '/app', ['prefix part must be non-empty']],
    ['qualifiedName', 'B_d/x', ['prefix part a lowercase RFC 1123 subdomain']],
    ['qualifiedName', 'a/b/c', ['a valid label key must consist of']],
    ['qualifiedName', 'a'.repeat(64), ['name part must be no more than 63 bytes']],
    ['labelValueFaults', 'x!', ['a valid label must be an empty string']],
    [
      'portName',
      'HTTP--',
      [
        'must contain only',
        'must contain at least one letter',
        'must not contain consecutive',
        'must not begin or end',
      ],
    ],
    ['portName', 'abcdefghijklmnop', ['must be no more than 15 characters']],
    ['configMapKey', '..', ["must not be '..'"]],
    ['configMapKey', '..a', ["must not start with '..'"]],
    ['configMapKey', 'a b', ['a valid config key must consist of']],
  ])('%s refuses %s', (rule, name, want) => {
    const found = rules[rule](name)
    expect(found).toHaveLength(want.length)
    found.forEach((detail, i) => {
      expect(detail.startsWith(want[i] ?? '?'), detail).toBe(true)
    })
  })
})
