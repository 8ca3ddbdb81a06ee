import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load, loadAll } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { rulesReport } from './report.ts'
import { canonicalNft, canonicalRules } from './testing/canonicalRules.ts'
import type { KubeObject } from '../api/types.ts'
import type { RawProxyConfig } from './config.ts'
import type { RulesReportEntry } from './report.ts'

/** What kube-proxy v1.35.4 wrote for random clusters; one folder a case. */
const dir = join(import.meta.dirname, 'testdata')
const read = (name: string, file: string): string => readFileSync(join(dir, name, file), 'utf8')

function canonical(entry: RulesReportEntry | undefined): unknown {
  if (!entry) return undefined
  const { restore, save, nft, virtual, ipsets, kubeIpvs0 } = entry
  return {
    ...(restore !== undefined && { restore: canonicalRules(restore) }),
    ...(save !== undefined && { save: canonicalRules(save) }),
    ...(nft !== undefined && { nft: canonicalNft(nft) }),
    ...(virtual && { virtual }),
    ...(ipsets && { ipsets }),
    ...(kubeIpvs0 && { kubeIpvs0 }),
  }
}

const keyOf = ({ mode, family, step }: RulesReportEntry): string => `${mode} ${family} step ${step}`

const cases = readdirSync(dir)
  .filter((name) => name.startsWith('case-'))
  .map((name) => {
    const states = readdirSync(join(dir, name))
      .filter((file) => file.startsWith('cluster-'))
      .sort()
      .map((file) => loadAll(read(name, file)) as KubeObject[])
    const config = load(read(name, 'proxy.yaml')) as RawProxyConfig
    const expected = JSON.parse(read(name, 'expect.json')) as RulesReportEntry[]
    return { name, states, config, expected }
  })

describe.each(cases)('$name', ({ states, config, expected }) => {
  const report = rulesReport({ config, states })
  const got = new Map((report.ok ? report.value : []).map((entry) => [keyOf(entry), entry]))

  it('has the same entries', () => {
    expect([...got.keys()].sort()).toEqual(expected.map(keyOf).sort())
  })

  it.each(expected.map((entry) => ({ key: keyOf(entry), entry })))('$key', ({ key, entry }) => {
    expect(canonical(got.get(key))).toEqual(canonical(entry))
  })
})
