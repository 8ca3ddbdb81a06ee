import type { DaemonSet, Labels, Pod } from '../../api/types.ts'
import { podFromTemplate } from './podTemplate.ts'
import type { PodTemplate } from './podTemplate.ts'

/** Tolerations that every daemon pod gets: it stays where others are driven out. Source: daemon/util AddOrUpdateDaemonPodTolerations. */
const tolerations = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
].map(([condition, effect]) => tolerationOf(condition, effect))
const ofHostNetwork = tolerationOf('network-unavailable', 'NoSchedule')

function tolerationOf(condition = '', effect = ''): Readonly<Record<string, string>> {
  return { effect, key: `node.kubernetes.io/${condition}`, operator: 'Exists' }
}

const templates = new WeakMap<PodTemplate, PodTemplate>()

function tolerant(template: PodTemplate): PodTemplate {
  const known = templates.get(template)
  if (known) return known
  const own = (template.spec['tolerations'] ?? []) as readonly unknown[]
  const added = template.spec.hostNetwork === true ? [...tolerations, ofHostNetwork] : tolerations
  const made = { ...template, spec: { ...template.spec, tolerations: [...own, ...added] } }
  templates.set(template, made)
  return made
}

interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly {
        readonly matchFields?: readonly { readonly key: string; readonly values?: readonly string[] }[]
      }[]
    }
  }
}

/** The pod of `set` that the scheduler will bind to `node`; without a node, as it would be anywhere. */
export function daemonPod(set: DaemonSet, node: string | undefined, name: string, labels: Labels = {}): Pod {
  const template = tolerant(set.spec.template)
  if (node === undefined) return podFromTemplate(template, set, name, { labels })
  const { affinity } = template.spec as { readonly affinity?: Affinity }
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  const nodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
  }
  return podFromTemplate(template, set, name, { labels, spec: { affinity: { ...affinity, nodeAffinity } } })
}

/** The node that a daemon pod is made for, while it is not bound yet. */
export function targetOf(pod: Pod): string | undefined {
  const { nodeAffinity } = (pod.spec['affinity'] ?? {}) as Affinity
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms?.[0]?.matchFields?.find(({ key }) => key === 'metadata.name')?.values?.[0]
}
