import type { Pod, PodSpecFields } from '../types.ts'
import { asList } from './loose.ts'
import { qosClass } from './podResources.ts'

/**
 * The status that a new pod is stored with. `now`: the time, as objects hold it.
 * Source: kubernetes pkg/registry/core/pod/strategy.go.
 */
export function newPodStatus(spec: PodSpecFields, now?: string): NonNullable<Pod['status']> {
  const status = { phase: 'Pending', qosClass: qosClass(spec) } as const
  if (asList(spec['schedulingGates']).length === 0) return status
  const gated = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    lastProbeTime: null,
    ...(now === undefined ? {} : { lastTransitionTime: now }),
  } as const
  return { ...status, conditions: [gated] }
}
