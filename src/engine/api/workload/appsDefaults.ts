import type { KubeObject } from '../types.ts'
import { asLoose, defaultPodSpec } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'

const quarter = '25%'

function rolling(strategy: Loose, defaults: Loose): Loose {
  const type = strategy['type'] ?? 'RollingUpdate'
  if (type !== 'RollingUpdate') return { ...strategy, type }
  return { ...strategy, type, rollingUpdate: { ...defaults, ...asLoose(strategy['rollingUpdate']) } }
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
      next['updateStrategy'] = rolling(updates, { partition: 0 })
      next['persistentVolumeClaimRetentionPolicy'] = {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
        ...asLoose(spec['persistentVolumeClaimRetentionPolicy']),
      }
      break
    case 'DaemonSet':
      next['updateStrategy'] = rolling(updates, { maxSurge: 0, maxUnavailable: 1 })
      break
    default:
      break
  }
  return { ...object, spec: next }
}
