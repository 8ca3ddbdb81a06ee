import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { PodTemplate } from './podTemplate.ts'
import { podTemplateHash, statefulRevision } from './revisionHash.ts'

interface Hashed {
  readonly template: PodTemplate
  readonly hash: string
}

// pkg/controller ComputeHash of v1.35.4 for random pod templates, chosen so that they name many fields: 3,000 more agreed.
const random = JSON.parse(
  readFileSync(new URL('./testdata/templateHashes.json', import.meta.url), 'utf8'),
) as readonly Hashed[]

it.each(random)('random template with hash $hash', ({ template, hash }) => {
  expect(podTemplateHash(template)).toBe(hash)
})

/** Stored by a v1.35.4 API server: `kubectl get -o json` of the workload. */
const stored = (
  labels: Readonly<Record<string, string>>,
  container: Readonly<Record<string, unknown>>,
): PodTemplate => ({
  metadata: { labels },
  spec: {
    containers: [
      {
        imagePullPolicy: 'IfNotPresent',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        ...container,
      } as unknown as PodTemplate['spec']['containers'][number],
    ],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  },
})

// Names that the controllers of a v1.35.4 cluster gave.
it('a Deployment of nginx', () => {
  expect(podTemplateHash(stored({ app: 'web' }, { name: 'c', image: 'nginx:1.27' }))).toBe('577bbd66')
})

it('a DaemonSet of a busybox that sleeps', () => {
  const container = { name: 'agent', image: 'busybox:1.36', command: ['sleep', 'infinity'] }
  expect(podTemplateHash(stored({ app: 'agent' }, container))).toBe('57f59c85fc')
})

it('a StatefulSet of redis', () => {
  expect(statefulRevision(stored({ app: 'db' }, { name: 'redis', image: 'redis:7' })).hash).toBe('b4b46596')
})

it('a name that is taken: the count of collisions goes into the hash', () => {
  const template = stored({ app: 'web' }, { name: 'c', image: 'nginx:1.27' })
  expect(podTemplateHash(template, 0)).not.toBe(podTemplateHash(template))
  expect(podTemplateHash(template, 1)).not.toBe(podTemplateHash(template, 0))
})
