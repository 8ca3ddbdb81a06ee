import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { rulesReport } from './report.ts'
import { canonicalRules } from './testing/canonicalRules.ts'
import type { KubeObject } from '../api/types.ts'

/** What the userspace proxier of kube-proxy v1.25 wrote on each node, proxy ports as `<port>`. */
const dir = join(import.meta.dirname, 'testdata', 'userspace')

/** Without the CNI's rules; the proxier walks its portals in random order, so the rules of a chain are compared as sets. */
function canonical(text: string): Record<string, string[]> {
  const kept = text.split('\n').filter((line) => !line.includes('FLANNEL') && !line.includes('CANARY'))
  const rules = Object.entries(canonicalRules(kept.join('\n'))).filter(([key]) => !key.startsWith('mangle'))
  return Object.fromEntries(rules.map(([key, lines]) => [key, key.includes('KUBE-') ? [...lines].sort() : lines]))
}

const withoutPorts = (text: string): string =>
  text
    .replace(/(--to-ports |--to-destination [\d.]+:)\d+/g, '$1<port>')
    .replace(/^(-A KUBE-NODEPORT-NON-LOCAL .*--dport )\d+/gm, '$1<port>')

describe.each(readdirSync(dir))('%s', (name) => {
  const objects = loadAll(readFileSync(join(dir, name, 'cluster.yaml'), 'utf8')) as KubeObject[]
  const expected = JSON.parse(readFileSync(join(dir, name, 'rules.json'), 'utf8')) as Record<string, string>

  it.each(Object.entries(expected))('%s', (node, rules) => {
    const report = rulesReport({ config: {}, states: [objects], node, mode: 'userspace', family: 'IPv4' })
    const save = report.ok ? (report.value[0]?.save ?? '') : ''
    expect(canonical(withoutPorts(save))).toEqual(canonical(rules))
  })
})
