import type { Deployment, Labels, ReplicaSet } from '../../api/types.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import type { Write } from '../../store/store.ts'
import { controllerReference } from './podTemplate.ts'
import { podTemplateHash } from './revisionHash.ts'
import { maxTotal } from './rollingUpdate.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
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
  const { collisionCount } = (deployment.status ?? {}) as { readonly collisionCount?: number }
  const hash = podTemplateHash(template, collisionCount)
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
        ...copied(annotations),
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

const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
  revisionAnnotation,
  historyAnnotation,
])

/** What a ReplicaSet takes over from its Deployment: `kubernetes.io/change-cause` and the like. */
function copied(annotations: Labels = {}): Labels {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !ownAnnotations.has(key)))
}

/** What the replicas of a ReplicaSet were computed from: tells a scaling by hand from a rollout. */
export function sizeNotes(deployment: Deployment): Readonly<Record<string, string>> {
  return {
    'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas ?? 1),
    'deployment.kubernetes.io/max-replicas': String(maxTotal(deployment)),
  }
}

/**
 * Keeps the new ReplicaSet's annotations in line with the Deployment's. A rollback takes an old one up again: it gets the
 * next revision, its old number goes into its history, and the Deployment's annotation follows. Source: deployment_util.go
 * SetNewReplicaSetAnnotations.
 */
export function withRevision(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Write[] {
  const own = current.metadata.annotations ?? {}
  const next = Math.max(0, ...old.map(revisionOf)) + 1
  const revision = Math.max(revisionOf(current), next)
  const before = own[revisionAnnotation]
  const history = [own[historyAnnotation], before].filter((one) => one !== undefined && one !== '').join()
  const annotations = {
    ...own,
    ...copied(deployment.metadata.annotations),
    [revisionAnnotation]: String(revision),
    ...(before !== undefined && Number(before) < revision ? { [historyAnnotation]: history } : {}),
  }
  const minReadySeconds = (deployment.spec['minReadySeconds'] as number | undefined) ?? 0
  const sameSeconds = ((current.spec['minReadySeconds'] as number | undefined) ?? 0) === minReadySeconds
  if (!sameValue(own, annotations) || !sameSeconds) {
    const spec = sameSeconds ? current.spec : { ...current.spec, minReadySeconds }
    return [{ type: 'update', object: { ...current, metadata: { ...current.metadata, annotations }, spec } }]
  }
  if (deployment.metadata.annotations?.[revisionAnnotation] === String(revision)) return []
  const noted = { ...deployment.metadata.annotations, [revisionAnnotation]: String(revision) }
  return [{ type: 'update', object: { ...deployment, metadata: { ...deployment.metadata, annotations: noted } } }]
}
