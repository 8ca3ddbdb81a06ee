import type { KubeObject } from '../engine/index.ts'

/** A pod's name in the two parts that a reader needs: what its siblings share, and what tells it apart. */
export interface PodName {
  readonly stem: string
  readonly suffix: string
}

const SAFE_SUFFIX = /^(.*-)([bcdfghjklmnpqrstvwxz2456789]{5})$/
const ORDINAL = /^(.*-)(\d+)$/

/**
 * `pc-deployment-5ffc5bf56c-7z2c5` owned by a ReplicaSet → `pc-deployment-`, `7z2c5`: the hash says nothing on a
 * canvas. A bare pod has no stem.
 */
export function splitPodName(pod: KubeObject): PodName {
  const { name } = pod.metadata
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true)
  if (!owner) return { stem: '', suffix: name }
  const match = (owner.kind === 'StatefulSet' ? ORDINAL : SAFE_SUFFIX).exec(name)
  if (match?.[1] === undefined || match[2] === undefined) return { stem: '', suffix: name }
  const stem = owner.kind === 'ReplicaSet' ? match[1].replace(/-[0-9a-z]{5,10}-$/, '-') : match[1]
  return { stem, suffix: match[2] }
}

/** The workload that replicas share: `Deployment-like` name for pods of a ReplicaSet, else the owner's, else the pod's own. */
export function workloadOf(pod: KubeObject): string {
  const { stem, suffix } = splitPodName(pod)
  return stem === '' ? suffix : stem.replace(/-$/, '')
}

/** `pc-…-7z2c5` of `pc-deployment-5ffc5bf56c-7z2c5`; names that are no replica's stay whole. */
export function shortPodName(name: string): string {
  const match = /^([^-]+)-.*-?[0-9a-z]{5,10}-([bcdfghjklmnpqrstvwxz2456789]{5})$/.exec(name)
  return match ? `${match[1] ?? ''}-…-${match[2] ?? ''}` : name
}

/** A stem that fits into `room` characters: whole, or its first word, or its beginning. */
export function shortStem(stem: string, room: number): string {
  if (stem.length <= room) return stem
  const word = stem.split('-')[0] ?? ''
  if (word.length + 1 <= room) return `${word}-`
  return room > 1 ? `${stem.slice(0, room - 1)}…` : ''
}
