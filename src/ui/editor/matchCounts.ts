import type { KubeObject, Pod, Service } from '../../engine/index.ts'

/** For each Service of the reader's own that selects pods: how many pods carry its labels now, and are ready. By name. */
export function matchCounts(
  objects: ReadonlyMap<string, KubeObject>,
): readonly { readonly name: string; readonly pods: number; readonly ready: number }[] {
  const all = [...objects.values()]
  const pods = all.filter((object) => object.kind === 'Pod' && object.metadata.deletionTimestamp === undefined)
  return all
    .filter((object): object is Service => object.kind === 'Service' && object.metadata.namespace !== 'kube-system')
    .flatMap(({ metadata: { name, namespace }, spec }) => {
      const wanted = Object.entries(spec.selector ?? {})
      if (wanted.length === 0) return []
      const matching = pods.filter(
        ({ metadata }) =>
          metadata.namespace === namespace && wanted.every(([key, value]) => metadata.labels?.[key] === value),
      )
      return [{ name, pods: matching.length, ready: matching.filter(isReady).length }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function isReady(object: KubeObject): boolean {
  return (object as Pod).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
}
