import type { ClusterIndex } from './clusterIndex.ts'
import type { KubernetesConfig } from './kubernetesOptions.ts'

/** The objects that the plugin watches: with `noendpoints` no EndpointSlices, with `labels` only those that have them. */
export function watched(index: ClusterIndex, { noEndpoints, labels }: KubernetesConfig): ClusterIndex {
  if (!noEndpoints && labels === undefined) return index
  const isWanted = selector(labels)
  return {
    ...index,
    service: (name, namespace) => {
      const service = index.service(name, namespace)
      return service && isWanted(service.labels) ? service : undefined
    },
    serviceByClusterIP: (ip) => {
      const service = index.serviceByClusterIP(ip)
      return service && isWanted(service.labels) ? service : undefined
    },
    slices: (service, namespace) =>
      noEndpoints ? [] : index.slices(service, namespace).filter((slice) => isWanted(slice.labels)),
    slicesByAddress: (ip) => (noEndpoints ? [] : index.slicesByAddress(ip).filter((slice) => isWanted(slice.labels))),
  }
}

/** `app=web,tier!=back,env`: equality and presence. */
function selector(text: string | undefined): (labels: Readonly<Record<string, string>>) => boolean {
  const terms = (text ?? '').split(',').flatMap((term) => {
    const match = /^\s*(!?)([^=!\s]+)\s*(?:(==?|!=)\s*(\S*))?\s*$/.exec(term)
    return match ? [{ absent: match[1] === '!', key: match[2] ?? '', operator: match[3], value: match[4] ?? '' }] : []
  })
  return (labels) =>
    terms.every(({ absent, key, operator, value }) => {
      if (operator === undefined) return Object.hasOwn(labels, key) !== absent
      return (labels[key] === value) === (operator !== '!=')
    })
}
