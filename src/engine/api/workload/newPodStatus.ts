import { plainJson } from '../json.ts'
import type { Pod, PodSpecFields } from '../types.ts'
import { asList, asLoose } from './podDefaults.ts'

/** The status that a new pod is stored with. Source: kubernetes pkg/registry/core/pod/strategy.go, apis/core/helper/qos. */
export function newPodStatus(spec: PodSpecFields): NonNullable<Pod['status']> {
  const status = { phase: 'Pending', qosClass: qosClass(spec) } as const
  if (asList(spec['schedulingGates']).length === 0) return status
  const gated = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    lastProbeTime: null,
  } as const
  return { ...status, conditions: [gated] }
}

function qosClass(spec: PodSpecFields): string {
  const containers = [...asList(spec.containers), ...asList(spec.initContainers)]
  const resources = containers.map((container) => asLoose(container['resources']) ?? {})
  if (resources.every(({ limits, requests }) => limits === undefined && requests === undefined)) return 'BestEffort'
  const guaranteed = resources.every(({ limits, requests }) => {
    const most = asLoose(limits)
    const complete = most?.['cpu'] !== undefined && most['memory'] !== undefined
    return complete && (requests === undefined || plainJson(requests) === plainJson(limits))
  })
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
