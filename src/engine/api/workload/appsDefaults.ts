import type { KubeObject } from '../types.ts'
import { asList, asLoose } from './loose.ts'
import { defaultClaimSpec, defaultPodSpec } from './podDefaults.ts'
import type { Loose } from './loose.ts'

const quarter = '25%'

function rolling(strategy: Loose, defaults: Loose): Loose {
  const type = strategy['type'] ?? 'RollingUpdate'
  if (type !== 'RollingUpdate') return { ...strategy, type }
  return { ...strategy, type, rollingUpdate: { ...defaults, ...asLoose(strategy['rollingUpdate']) } }
}

/** How many pods of a StatefulSet may be away at once is switched off: the server drops it. */
function withoutUnavailable(strategy: Loose): Loose {
  const update = asLoose(strategy['rollingUpdate'])
  if (update?.['maxUnavailable'] === undefined) return strategy
  const rollingUpdate = Object.fromEntries(Object.entries(update).filter(([field]) => field !== 'maxUnavailable'))
  return { ...strategy, rollingUpdate }
}

function claimTemplate(claim: Loose): Loose {
  return {
    ...claim,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    spec: defaultClaimSpec(asLoose(claim['spec']) ?? {}),
    status: { phase: 'Pending' },
  }
}

/** Defaults of the workload kinds. Source: kubernetes pkg/apis/apps/v1/defaults.go. */
export function defaultWorkload(object: KubeObject): KubeObject {
  const spec = asLoose(object['spec']) ?? {}
  const template = asLoose(spec['template']) ?? {}
  const next: Record<string, unknown> = {
    ...spec,
    template: { ...template, spec: defaultPodSpec(asLoose(template['spec']) ?? {}) },
  }
  if (object.kind !== 'DaemonSet') next['replicas'] ??= 1
  if (object.kind !== 'ReplicaSet') next['revisionHistoryLimit'] ??= 10
  const strategy = asLoose(spec['strategy']) ?? {}
  const updates = asLoose(spec['updateStrategy']) ?? {}
  switch (object.kind) {
    case 'Deployment':
      next['progressDeadlineSeconds'] ??= 600
      next['strategy'] = rolling(strategy, { maxSurge: quarter, maxUnavailable: quarter })
      break
    case 'StatefulSet':
      next['podManagementPolicy'] ??= 'OrderedReady'
      // Without a word of how, nothing is said of partitions either.
      next['updateStrategy'] =
        updates['type'] === 'RollingUpdate' && updates['rollingUpdate'] === undefined
          ? updates
          : rolling(withoutUnavailable(updates), { partition: 0 })
      if (spec['volumeClaimTemplates'] !== undefined) {
        next['volumeClaimTemplates'] = asList(spec['volumeClaimTemplates']).map(claimTemplate)
      }
      next['persistentVolumeClaimRetentionPolicy'] = {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
        ...asLoose(spec['persistentVolumeClaimRetentionPolicy']),
      }
      break
    case 'DaemonSet':
      next['updateStrategy'] = rolling(updates, { maxSurge: 0, maxUnavailable: 1 })
      if (updates['type'] === 'OnDelete' && asLoose(updates['rollingUpdate'])) {
        const numbers = { maxSurge: 0, maxUnavailable: 0, ...asLoose(updates['rollingUpdate']) }
        next['updateStrategy'] = { ...updates, rollingUpdate: numbers }
      }
      break
    default:
      break
  }
  return { ...object, spec: next }
}
