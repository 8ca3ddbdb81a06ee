import type { NamespaceId } from '../engine/index.ts'
import { FIREWALL, INTERNET, LAPTOP, LOAD_BALANCER, NAME_SERVER, OUTSIDE_NAMES } from './places.ts'
import type { Topology } from './topology.ts'

/** A machine above the nodes. */
export interface OutsideMachine {
  readonly id: NamespaceId
  readonly name: string
  /** Its second line; its address where absent. */
  readonly detail?: string
  /** Drawn as what could be there and is not. */
  readonly off?: boolean
  /** On the way of the trace on show: it gets a place beside the wire. */
  readonly busy: boolean
}

const PREFIX = 'host/'
const KNOWN: ReadonlySet<NamespaceId> = new Set([LAPTOP.id, LOAD_BALANCER.id, NAME_SERVER.id])

/**
 * The machines outside, always in one order: laptop, load balancer, name server, the internet (or the sites that the
 * trace passes, called by the name that was asked for), and a firewall that closes something.
 */
export function outsideHosts(
  { services, outside }: Topology,
  ends: ReadonlySet<NamespaceId>,
  asked: string | undefined,
): readonly OutsideMachine[] {
  const sites = [...ends].filter((at) => at.startsWith(PREFIX) && !KNOWN.has(at)).sort()
  const held = services.flatMap(({ type, balancedIps }) => (type === 'LoadBalancer' ? balancedIps : []))
  const machine = ({ id, name }: { readonly id: NamespaceId; readonly name: string }): OutsideMachine => {
    return { id, name, busy: ends.has(id) }
  }
  const beyond: readonly OutsideMachine[] =
    sites.length > 0
      ? sites.map((id) =>
          machine({ id, name: OUTSIDE_NAMES.get(id.slice(PREFIX.length)) ?? siteName(services, asked) }),
        )
      : [{ ...machine(INTERNET), detail: 'sites by name' }]
  return [
    machine(LAPTOP),
    outside.loadBalancer || held.length > 0
      ? machine(LOAD_BALANCER)
      : { ...machine(LOAD_BALANCER), detail: 'off', off: true },
    machine(NAME_SERVER),
    ...beyond,
    ...(outside.closedPorts === undefined ? [] : [{ ...machine(FIREWALL), detail: `closed: ${outside.closedPorts}` }]),
  ]
}

/** The name that was asked for, through an ExternalName where the Service is one. */
function siteName(services: Topology['services'], asked: string | undefined): string {
  const host = /^[a-z]+:\/\/([^/:]*[a-z][^/:]*)/i.exec(asked ?? '')?.[1]
  const external = services.find(({ name, namespace, externalName }) => {
    return externalName !== undefined && (host === name || host?.startsWith(`${name}.${namespace}`) === true)
  })
  return external?.externalName ?? host ?? INTERNET.name
}
