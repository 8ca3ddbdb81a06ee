import type { KubeObject, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { keyOf } from './objects.ts'
import type { Write } from './store.ts'
import { formatTimestamp } from './timestamp.ts'

/**
 * What DELETE does to `object`: gone at once, or marked with a deletionTimestamp and left to whoever must finish the work:
 * the kubelet for a pod on a node, the namespace controller for a namespace, the holder of a finalizer for the rest.
 * Undefined: it is on its way already. `graceSeconds` overrides the pod's own grace period; 0 removes it at once.
 */
export function deletionOf(
  object: KubeObject,
  now: SimTime,
  graceSeconds?: number,
  propagation: Propagation = 'Background',
): Write | undefined {
  const remove: Write = { type: 'delete', kind: object.kind, key: keyOf(object) }
  if (object.kind === 'Pod') return podDeletion(object as Pod, now, remove, graceSeconds)
  if (object.kind === 'Namespace') {
    if (object.metadata.deletionTimestamp !== undefined) return undefined
    const metadata = { ...object.metadata, deletionTimestamp: formatTimestamp(now) }
    return { type: 'update', object: { ...object, metadata, status: { phase: 'Terminating' } } }
  }
  const before = object.metadata.finalizers ?? []
  const added: readonly string[] = propagation === 'Background' ? [] : [propagationFinalizers[propagation]]
  const finalizers = [...before.filter((one) => !added.includes(one)), ...added]
  if (finalizers.length === 0) return remove
  if (object.metadata.deletionTimestamp !== undefined && finalizers.length === before.length) return undefined
  const kept = object.metadata.deletionTimestamp === undefined ? marked(object, now) : object
  return { type: 'update', object: { ...kept, metadata: { ...kept.metadata, finalizers } } }
}

/** What becomes of the objects that a deleted one owns: deleted after it, before it, or left alone. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** The finalizers by which the garbage collector knows that it has work to do first. */
export const propagationFinalizers = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const

/** Without the finalizer `name`: gone, if nothing else holds it. */
export function releaseOf(object: KubeObject, name: string): Write {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== name)
  if (finalizers.length === 0) return { type: 'delete', kind: object.kind, key: keyOf(object) }
  return { type: 'update', object: { ...object, metadata: { ...object.metadata, finalizers } } }
}

function podDeletion(pod: Pod, now: SimTime, remove: Write, graceSeconds: number | undefined): Write | undefined {
  const phase = pod.status?.phase
  const finished = phase === 'Succeeded' || phase === 'Failed'
  // A pod that no kubelet has seen, or whose containers have ended, has nobody to wait for.
  const unseen = (pod.spec.nodeName ?? '') === '' || finished
  const grace = unseen ? 0 : (graceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30)
  if (grace === 0) return remove
  const current = pod.metadata.deletionGracePeriodSeconds
  // A second DELETE may shorten the wait, never lengthen it.
  if (pod.metadata.deletionTimestamp !== undefined && (current === undefined || current <= grace)) return undefined
  return { type: 'update', object: marked(pod, now, grace) }
}

function marked<T extends KubeObject>(object: T, now: SimTime, graceSeconds = 0): T {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: formatTimestamp(now + graceSeconds * 1000),
      deletionGracePeriodSeconds: graceSeconds,
    },
  }
}
