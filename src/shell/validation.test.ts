import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseManifests } from '../manifest/parseManifests.ts'
import { emptyShell } from './testing/emptyCluster.ts'

/** Recorded from kube-apiserver and kubectl v1.35.4. */
interface Case {
  readonly id: string
  readonly group: string
  readonly cluster: 'single' | 'dual'
  readonly files: Readonly<Record<string, string>>
  readonly commands: readonly string[]
  readonly results: readonly { readonly stdout: string; readonly stderr: string; readonly rc: number }[]
  readonly stored?: string
  readonly volatile?: boolean
}

/** The later files hold what earlier versions of kubehop had otherwise, one or two of a kind; the last one pods and workloads. */
const cases = ['validation.json', 'validation-2.json', 'validation-pods.json'].flatMap(
  (file) => JSON.parse(readFileSync(new URL(`testdata/${file}`, import.meta.url), 'utf8')) as readonly Case[],
)

/** Faults within one map come in random order from the real server, so the causes are compared as a set. */
function comparable(stderr: string): readonly string[] {
  return stderr.split('\n').sort()
}

/** Addresses and ports that nobody chose, generated suffixes. */
function withoutChance(text: string, source: string): string {
  return text
    .replace(/\b10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+\b/g, (ip) => (source.includes(ip) ? ip : 'IP'))
    .replace(/fd00:10:96::[0-9a-f]+/g, (ip) => (source.includes(ip) ? ip : 'IP6'))
    .replace(/\b3[0-2]\d{3}\b/g, (port) => (source.includes(port) ? port : 'PORT'))
    .replace(/kube-api-access-\w{5}/g, 'kube-api-access-x')
    .replace(/name: web-[a-z0-9]{5}$/gm, 'name: web-x')
    .replace(/service\/web-[a-z0-9]{5} /g, 'service/web-x ')
    .replace(/(?:uid|creationTimestamp|lastTransitionTime): \S+/g, '')
}

type Loose = Record<string, unknown>

/** What the manifest and the API server decide: the controllers' part, and what no two clusters share, left out. */
function comparableObject(text: string, source: string): unknown {
  const object = parseManifests(withoutChance(text, source), 'stored').documents[0]?.object as Loose
  const items = (object['items'] as Loose[] | undefined) ?? [object]
  for (const item of items) {
    const meta = item['metadata'] as Loose
    for (const field of ['uid', 'resourceVersion', 'creationTimestamp', 'generation'])
      Reflect.deleteProperty(meta, field)
    if (item['kind'] !== 'Service' && item['kind'] !== 'Namespace') Reflect.deleteProperty(item, 'status')
    Reflect.deleteProperty((item['spec'] as Loose | undefined) ?? {}, 'nodeName')
    Reflect.deleteProperty((meta['annotations'] as Loose | undefined) ?? {}, 'deployment.kubernetes.io/revision')
    if (meta['annotations'] && Object.keys(meta['annotations']).length === 0)
      Reflect.deleteProperty(meta, 'annotations')
  }
  return object
}

describe.each(cases)('$group $id', ({ cluster, files, commands, results, stored, volatile }) => {
  it('answers like the real cluster', () => {
    const shell = emptyShell({ files, dualStack: cluster === 'dual', namespaces: ['dev', 'prod', 'qa6'] })
    const source = JSON.stringify(files)
    commands.forEach((command, i) => {
      const { stdout, stderr, rc } = shell.run(command)
      const want = results[i]
      const plain = (text: string): string => (volatile ? withoutChance(text, source) : text)
      expect(comparable(plain(stderr)), command).toEqual(comparable(plain(want?.stderr ?? '')))
      expect({ stdout: plain(stdout), rc }, command).toEqual({ stdout: plain(want?.stdout ?? ''), rc: want?.rc })
    })
    if (stored === undefined) return
    const isList = stored.startsWith('apiVersion: v1\nitems:')
    const { kind, name, namespace } = subject(stored)
    const read = isList ? `kubectl get ${kind} -n dev -o yaml` : `kubectl get ${kind} ${name} -n ${namespace} -o yaml`
    expect(comparableObject(shell.run(read).stdout, source)).toEqual(comparableObject(stored, source))
  })
})

function subject(stored: string): { readonly kind: string; readonly name: string; readonly namespace: string } {
  const object = parseManifests(stored, 'stored').documents[0]?.object as Loose
  const item = (object['items'] as Loose[] | undefined)?.[0] ?? object
  const meta = item['metadata'] as Record<string, string>
  return { kind: String(item['kind']), name: meta['name'] ?? '', namespace: meta['namespace'] ?? 'default' }
}
