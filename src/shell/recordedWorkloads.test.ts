import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createSim } from '../engine/index.ts'
import type { KubeObject } from '../engine/index.ts'
import { createShell } from './createShell.ts'

// What the controllers of a v1.35.4 control plane had made of workloads in the end, with kubelets of the same release that
// run nothing: after `kubectl apply`, `scale`, `delete pod` and the waits between them, in seconds.

interface Recorded {
  readonly name: string
  readonly steps: readonly (readonly ['apply' | 'k', string] | readonly ['wait', number])[]
  readonly objects: readonly string[]
  /** Of the workloads themselves, with their counts. */
  readonly events: readonly string[]
}

const cases = JSON.parse(
  readFileSync(new URL('testdata/recordedWorkloads.json', import.meta.url), 'utf8'),
) as readonly Recorded[]

type Loose = Readonly<Record<string, unknown>>

const kinds = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision', 'Pod']
const revision = 'deployment.kubernetes.io/revision'

function suffixless(name: string): string {
  return name.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '-#')
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function line(object: KubeObject): string {
  const { kind, metadata } = object
  const { labels = {}, annotations = {}, generation, name } = metadata
  if (kind === 'ControllerRevision') return `${kind} ${name} ${show(object['revision'])}`
  if (kind === 'Pod') {
    const [{ image }] = (object['spec'] as { readonly containers: readonly [{ readonly image: string }] }).containers
    const owned = metadata.ownerReferences?.[0]?.kind
    const shown = owned !== 'StatefulSet' && metadata.generateName !== undefined ? suffixless(name) : name
    const marks = [labels['controller-revision-hash'] ?? '', labels['pod-template-generation'] ?? '']
    return `Pod ${shown} ${image} ${marks.join(' ')}`.trimEnd()
  }
  const { conditions = [], ...status } = object['status'] as Loose & { readonly conditions?: readonly Loose[] }
  const counts = Object.entries(status)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, value]) => `${field}=${show(value)}`)
  const told = conditions.map(
    ({ type, status: is, reason, message }) => ` | ${show(type)}=${show(is)} ${show(reason)}: ${show(message)}`,
  )
  const number = annotations[revision] === undefined ? '' : ` revision ${annotations[revision]}`
  return `${kind} ${name} gen ${generation ?? 0}${number} ${counts.join(' ')}${told.join('')}`
}

it.each(cases)('$name', ({ name, steps, objects, events }) => {
  const sim = createSim({ seed: 7 })
  const namespace = `s-${name}`
  let stdin = ''
  const readFile = (path: string): string | undefined => (path === '-' ? stdin : undefined)
  const shell = createShell({ api: sim.api, now: sim.now, readFile, namespace }, {})
  shell.run(`kubectl create ns ${namespace}`)
  sim.advance(1000)
  for (const [kind, what] of steps) {
    if (kind === 'wait') sim.advance(what * 1000)
    else {
      if (kind === 'apply') stdin = what
      const { stderr, rc } = shell.run(kind === 'apply' ? 'kubectl apply -f -' : `kubectl ${what}`)
      expect([rc, stderr]).toEqual([0, ''])
    }
  }
  const made = kinds.flatMap((kind) => [...sim.store.indexed<string>(kind, 'namespace', namespace)])
  expect(made.map(line).sort()).toEqual(objects)
  const told = new Map<string, number>()
  for (const { involvedObject, type, reason, message, count = 1 } of sim.store.indexed(
    'Event',
    'namespace',
    namespace,
  )) {
    if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(involvedObject.kind)) continue
    const text = /^(Created|Deleted) pod: /.test(message) ? suffixless(message) : message
    const said = `${involvedObject.kind} ${type} ${reason}: ${text}`
    told.set(said, (told.get(said) ?? 0) + count)
  }
  expect([...told].map(([said, count]) => `${said} x${count}`).sort()).toEqual(events)
})
