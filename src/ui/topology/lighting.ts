import type { Station } from '../../view/places.ts'
import type { ServicePanel } from '../../view/servicePanel.ts'
import type { Step } from '../../view/step.ts'
import type { Lit, Role } from './lit.ts'

/** What is lit on `node` after step `current`: where the walking packet has been, and where it is. */
export function litAt(steps: readonly Step[], current: number, node: string): Lit | undefined {
  const now = steps[current]
  if (!now) return undefined
  const at = `node/${node}`
  const stations: Station[] = []
  for (let i = current; i >= 0 && steps[i]?.packetId === now.packetId; i -= 1) {
    for (const place of steps[i]?.visits ?? []) if (place.at === at) stations.push(place.station)
  }
  if (stations.length === 0) return undefined
  const here =
    now.kind === 'hop' ? now.visits.findLast((place) => place.at === at && place.station !== 'service') : undefined
  const last = now.visits.at(-1)
  return { stations, now: last?.at === at ? here?.station : undefined }
}

/** The chain (or virtual server) on `node` that the walking packet went through. */
export function chainAt(steps: readonly Step[], current: number, node: string): string | undefined {
  const packetId = steps[current]?.packetId
  for (let i = current; i >= 0 && steps[i]?.packetId === packetId; i -= 1) {
    const step = steps[i]
    if (!step?.visits.some((place) => place.at === `node/${node}`)) continue
    const line = step.lines.find(
      ({ kind, result = '' }) =>
        kind === 'matched' && /^(KUBE-(SVC|SVL|EXT)-|KUBE-PORTALS|service-|external-)/.test(result),
    )
    if (line?.result !== undefined) return line.result.replace(/^(jump|goto) /, '')
    const virtual = step.lines.find(({ kind, text }) => kind === 'dice' && /^(TCP|UDP|SCTP) /.test(text))
    if (virtual) return virtual.text
  }
  return undefined
}

/** Who plays which part: the client from the first step, the endpoints while the Service is in sight, the chosen one once chosen. */
export function rolesAt(
  steps: readonly Step[],
  current: number,
  panel: ServicePanel | undefined,
): ReadonlyMap<string, Role> {
  const roles = new Map<string, Role>()
  for (const { endpoints } of panel?.service.ports ?? []) {
    for (const { pod, ready } of endpoints) if (pod !== undefined && ready) roles.set(pod, 'endpoint')
  }
  const chosen = steps.slice(0, current + 1).findLast(({ choice }) => choice?.chosen !== undefined)?.choice
  const address = chosen?.chosen === undefined ? undefined : chosen.candidates[chosen.chosen]?.address
  for (const { endpoints } of panel?.service.ports ?? []) {
    for (const { pod, ip } of endpoints) if (pod !== undefined && ip === address?.ip) roles.set(pod, 'chosen')
  }
  const client = current >= 0 ? steps[0]?.at : undefined
  if (client !== undefined) roles.set(client, 'client')
  return roles
}
