import type { Deployment, ReplicaSet } from '../api/types.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
import { podTemplateHash } from './names.ts'
import { controllerReference } from './podTemplate.ts'
import { maxTotal } from './rollingUpdate.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const hashLabel = 'pod-template-hash'

/** The ReplicaSets that `deployment` controls, by key. */
export function ownReplicaSets(snapshot: Snapshot, deployment: Deployment): readonly ReplicaSet[] {
  return snapshot.sorted('ReplicaSet', 'owner', deployment.metadata.uid ?? '?')
}

/** The ReplicaSet with the Deployment's present template; the oldest when there are several. */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const { template } = deployment.spec
  return sets.find((set) => sameValue(withoutHash(set.spec.template), withoutHash(template)))
}

function withoutHash(template: Deployment['spec']['template']): Deployment['spec']['template'] {
  const { [hashLabel]: hash, ...labels } = template.metadata?.labels ?? {}
  return hash === undefined ? template : { ...template, metadata: { ...template.metadata, labels } }
}

export function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0)
}

/** The ReplicaSet for a template that has none yet. */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[], replicas: number): ReplicaSet {
  const { template, selector } = deployment.spec
  const hash = podTemplateHash(template)
  const own = { [hashLabel]: hash }
  const { annotations } = deployment.metadata
  const minReadySeconds = deployment.spec['minReadySeconds']
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? 'default',
      labels: { ...template.metadata?.labels, ...own },
      annotations: {
        ...withoutApplied(annotations),
        [revisionAnnotation]: String(Math.max(0, ...old.map(revisionOf)) + 1),
        ...sizeNotes(deployment),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...own } },
      template: {
        ...template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...own } },
      },
    },
    status: { replicas: 0 },
  }
}

function withoutApplied(annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const {
    'kubectl.kubernetes.io/last-applied-configuration': applied,
    [revisionAnnotation]: rev,
    ...rest
  } = annotations
  return applied === undefined && rev === undefined ? annotations : rest
}

/** What the replicas of a ReplicaSet were computed from: tells a scaling by hand from a rollout. */
export function sizeNotes(deployment: Deployment): Readonly<Record<string, string>> {
  return {
    'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas ?? 1),
    'deployment.kubernetes.io/max-replicas': String(maxTotal(deployment)),
  }
}

/** A rollback takes an old ReplicaSet up again: it gets the next revision, and the Deployment's annotation follows. */
export function withRevision(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Write[] {
  const newest = Math.max(0, ...old.map(revisionOf))
  const revision = revisionOf(current) > newest ? revisionOf(current) : newest + 1
  const note = { [revisionAnnotation]: String(revision) }
  const writes: Write[] = []
  for (const object of [current, deployment]) {
    if (object.metadata.annotations?.[revisionAnnotation] === note[revisionAnnotation]) continue
    const annotations = { ...object.metadata.annotations, ...note }
    writes.push({ type: 'update', object: { ...object, metadata: { ...object.metadata, annotations } } })
  }
  return writes
}
