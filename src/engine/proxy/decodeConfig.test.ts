import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readYaml } from '../../manifest/readYaml.ts'
import { decodeProxyConfig } from './decodeConfig.ts'
import { aggregate, validateProxyConfig } from './validateConfig.ts'
import { validateLogging } from './validateLogging.ts'

/**
 * Recorded: what `loadConfig`, the logging configuration's `Validate` and pkg/proxy/apis/config/validation of kube-proxy
 * v1.35.4 said about texts. `lenient`: what its strict reader minded.
 */
interface Recorded {
  readonly text: string
  readonly fail?: string
  readonly lenient?: string
}

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, 'testdata', 'config.json'), 'utf8'),
) as readonly Recorded[]

function failureOf(text: string): Omit<Recorded, 'text'> {
  const read = readYaml(text)
  const decoded = read.ok ? decodeProxyConfig({ text, ...read.value }) : { error: read.error }
  if ('error' in decoded) return { fail: `failed complete: failed to decode: ${decoded.error}` }
  const { raw, strictFault } = decoded
  const [logging, faults] = [aggregate(validateLogging(raw)), aggregate(validateProxyConfig(raw))]
  return {
    ...(strictFault !== undefined && { lenient: strictFault }),
    ...(logging !== undefined
      ? { fail: `initialize logging: ${logging}` }
      : faults !== undefined && { fail: `failed validate: ${faults}` }),
  }
}

it.each(recorded)('$text', ({ text, ...want }) => {
  expect(failureOf(text)).toEqual(want)
})

it('the kind of another component is not registered', () => {
  const text = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
  expect(failureOf(text).fail).toBe(
    'failed complete: failed to decode: no kind "KubeletConfiguration" is registered for version "kubelet.config.k8s.io/v1beta1" in scheme "pkg/proxy/apis/config/scheme/scheme.go:31"',
  )
})
