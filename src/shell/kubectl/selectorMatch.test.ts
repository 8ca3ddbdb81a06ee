import { describe, expect, it } from 'vitest'
import { parseFieldSelector, parseSelector } from './selectorMatch.ts'

const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', labels: { app: 'web', tier: 'front' } },
  spec: { type: 'NodePort', clusterIP: '10.96.0.5' },
}

describe('label selectors', () => {
  it.each<[string, boolean | string]>([
    ['', true],
    ['app=web', true],
    ['app==web,tier!=back', true],
    ['app!=web', false],
    ['app in (web, api)', true],
    ['app notin (web)', false],
    ['none notin (x)', true],
    ['tier', true],
    ['!tier', false],
    ['toString', false],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['app in', "unable to parse requirement: found '' expected: '('"],
  ])('%s', (text, want) => {
    const test = parseSelector(text)
    expect(typeof test === 'string' ? test : test(web)).toBe(want)
  })
})

describe('field selectors', () => {
  it.each<[string, boolean | string]>([
    ['metadata.name=web', true],
    ['spec.type=NodePort,spec.clusterIP!=None', true],
    ['spec.type!=NodePort', false],
    ['foo=bar', 'field label not supported: foo'],
  ])('%s', (text, want) => {
    const test = parseFieldSelector(text, 'Service')
    expect(typeof test === 'string' ? test : test(web)).toBe(want)
  })
})
