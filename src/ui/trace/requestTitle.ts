import type { Trace } from '../../engine/index.ts'
import { shortNameOf } from '../../view/places.ts'
import type { Names } from '../../view/sentence.ts'

/** `client → service-clusterip:80`: addresses by what they are called. */
export function requestTitle({ request }: Trace, names: Names): string {
  const target = request.to.replace(/^[a-z]+:\/\//, '').replace(/\/$/, '')
  const match = /^(\[[^\]]+\]|[^:/]+)(.*)$/.exec(target)
  const host = (match?.[1] ?? target).replace(/^\[|\]$/g, '')
  return `${shortNameOf(request.from)} → ${names.get(host) ?? match?.[1] ?? target}${match?.[2] ?? ''}`
}
