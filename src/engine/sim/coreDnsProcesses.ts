import type { Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { imageName } from '../cni/workload.ts'
import { KUBEADM_COREFILE, parseCorefile } from '../dns/corefile.ts'
import type { Snapshot } from '../store/snapshot.ts'

/** The CoreDNS processes: each reads its Corefile when it starts, and ends at once when it cannot. */
export interface CoreDnsProcesses {
  /** What happens to the run of `pod` that starts at `startedAt`. */
  readonly exitOf: (pod: Pod, startedAt: SimTime) => { readonly code: number; readonly afterMs: number } | undefined
  /** What the newest run of `pod` wrote before it gave up; undefined: it runs. */
  readonly lastWords: (pod: Pod) => string | undefined
  /** The Corefile with which the newest run of `pod` began, where it could be read. */
  readonly begunWith: (pod: Pod) => string | undefined
}

interface Run {
  readonly startedAt: SimTime
  readonly text?: string
  readonly fault?: string
}

/** From the start of the process until it gives up. */
const FAILS_AFTER_MS = 100

export function createCoreDnsProcesses(snapshot: Snapshot): CoreDnsProcesses {
  const runs = new Map<string, Run>()
  const idOf = ({ metadata }: Pod): string => metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`
  return {
    exitOf: (pod, startedAt) => {
      const known = runs.get(idOf(pod))
      const run = known?.startedAt === startedAt ? known : { startedAt, ...read(snapshot, pod) }
      runs.set(idOf(pod), run)
      return run.fault === undefined ? undefined : { code: 1, afterMs: FAILS_AFTER_MS }
    },
    lastWords: (pod) => runs.get(idOf(pod))?.fault,
    begunWith: (pod) => runs.get(idOf(pod))?.text,
  }
}

export function isCoreDnsContainer({ image = '' }: Container): boolean {
  return imageName(image) === 'coredns'
}

/** The Corefile in the pod's ConfigMap as it is now, or why it cannot be read. */
function read(snapshot: Snapshot, { metadata }: Pod): Pick<Run, 'text' | 'fault'> {
  const config = snapshot.get('ConfigMap', `${metadata.namespace ?? 'default'}/coredns`)
  const text = (config?.['data'] as { readonly Corefile?: string } | undefined)?.Corefile ?? KUBEADM_COREFILE
  const parsed = parseCorefile(text)
  return parsed.ok ? { text } : { fault: parsed.error }
}
