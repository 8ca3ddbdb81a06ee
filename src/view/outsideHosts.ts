import type { NamespaceId } from '../engine/index.ts'
import { LAPTOP, LOAD_BALANCER, OUTSIDE_NAMES } from './places.ts'
import type { Topology } from './topology.ts'

const PREFIX = 'host/'

/**
 * The machines outside that are worth drawing beside the laptop: the load balancer where a Service has an address of
 * it, a firewall that closes something, and everybody whom the trace passes. A site is called by the name that was asked for.
 */
export function outsideHosts(
  { services, closedPorts }: Topology,
  ends: ReadonlySet<NamespaceId>,
  asked: string | undefined,
): readonly { readonly id: NamespaceId; readonly name: string; readonly detail?: string }[] {
  const balanced = services.some(({ type, balancedIps }) => type === 'LoadBalancer' && balancedIps.length > 0)
  const ids = new Set<NamespaceId>([
    ...(balanced ? [LOAD_BALANCER.id] : []),
    ...[...ends].filter((at) => at.startsWith(PREFIX) && at !== LAPTOP.id),
  ])
  const host = /^[a-z]+:\/\/([^/:]*[a-z][^/:]*)/i.exec(asked ?? '')?.[1]
  const external = services.find(({ name, namespace, externalName }) => {
    return externalName !== undefined && (host === name || host?.startsWith(`${name}.${namespace}`) === true)
  })
  const site = external?.externalName ?? host ?? 'internet'
  const machines = [...ids].map((id) => ({ id, name: OUTSIDE_NAMES.get(id.slice(PREFIX.length)) ?? site }))
  if (closedPorts === undefined) return machines
  return [{ id: 'host/firewall', name: 'firewall', detail: `closed: ${closedPorts}` }, ...machines]
}
