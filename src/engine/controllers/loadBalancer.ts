import type { Node, Service } from '../api/types.ts'
import { keyOf } from '../store/objects.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Change, Write } from '../store/store.ts'
import type { Context, Controller, Reconciled } from './controller.ts'
import { recordEvent } from './events.ts'
import { omit } from './omit.ts'

const component = 'service-controller'
const finalizer = 'service.kubernetes.io/load-balancer-cleanup'
/** How long the cloud needs to make a load balancer. */
const provisionMs = 5000

/**
 * The service controller of a cloud: gives Services of type LoadBalancer an address from `pool`, and takes it back.
 * Source: kubernetes staging cloud-provider/controllers/service.
 */
export function createLoadBalancerController(
  pool: readonly string[],
  isOn: (snapshot: Snapshot) => boolean,
  config: string,
): Controller {
  const cloud: Cloud = { pool, ordered: new Map(), balancers: new Map() }
  return {
    name: 'loadbalancer',
    delay: 50,
    kinds: ['Service', 'ConfigMap', 'Node'],
    wakes: (change, snapshot) => {
      if (change.kind === 'Service') return concerns(change.object as Service) ? [change.key] : []
      if (change.kind === 'Node' ? !changesTargets(change) : change.key !== config) return []
      return [...snapshot.list('Service')].filter(concerns).map(keyOf)
    },
    reconcile: (context, keys) => {
      const on = isOn(context.snapshot)
      const results = keys.map((key) => reconcileService(context, key, cloud, on))
      return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
    },
  }
}

/** What the cloud has made, and is about to make. */
interface Cloud {
  readonly pool: readonly string[]
  /** When the load balancer of a Service will stand, by uid. */
  readonly ordered: Map<string, number>
  /** What those that stand were made for. */
  readonly balancers: Map<string, Balancer>
}

interface Balancer {
  readonly wish: readonly unknown[]
  readonly nodes: string
}

const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers'

/** Whether the set of nodes that load balancers send to may have changed; readiness plays no part in it. */
function changesTargets({ type, object, previous }: Change): boolean {
  const [after, before] = [object as Node, previous as Node | undefined]
  return (
    type !== 'MODIFIED' ||
    (after.metadata.labels?.[excluded] === undefined) !== (before?.metadata.labels?.[excluded] === undefined)
  )
}

/** Source: controller.go needsUpdate, stableNodeSetPredicates. */
function balancerFor(snapshot: Snapshot, { metadata, spec }: Service): Balancer {
  const { loadBalancerSourceRanges, ports, sessionAffinity, sessionAffinityConfig, loadBalancerIP, externalIPs } = spec
  const wish = [loadBalancerSourceRanges, ports, sessionAffinity, sessionAffinityConfig, loadBalancerIP, externalIPs]
  const more = [spec.externalTrafficPolicy, spec.healthCheckNodePort, spec.ipFamilies?.length, metadata.annotations]
  const nodes = [...snapshot.list('Node')].filter((node) => node.metadata.labels?.[excluded] === undefined)
  return {
    wish: [...wish, ...more],
    nodes: nodes
      .map(({ metadata: { name } }) => name)
      .sort()
      .join(),
  }
}

/** What wants an address, or holds one. */
function concerns({ spec, metadata }: Service): boolean {
  return spec.type === 'LoadBalancer' || metadata.finalizers?.includes(finalizer) === true
}

function reconcileService(context: Context, key: string, cloud: Cloud, on: boolean): Reconciled {
  const { snapshot, now } = context
  const service = snapshot.get('Service', key)
  if (!service) return { writes: [] }
  const wanted = service.spec.type === 'LoadBalancer' && service.metadata.deletionTimestamp === undefined
  // Another controller looks after Services of a class.
  const ours = on && wanted && service.spec.loadBalancerClass === undefined
  const uid = service.metadata.uid ?? key
  const { ordered, balancers } = cloud
  if (!ours) {
    ordered.delete(uid)
    balancers.delete(uid)
    return { writes: release(context, service) }
  }
  const balancer = balancerFor(snapshot, service)
  if ((service.status?.loadBalancer?.ingress ?? []).length > 0) {
    const before = balancers.get(uid) ?? balancer
    balancers.set(uid, balancer)
    return { writes: updateEvents(context, service, before, balancer) }
  }
  const due = ordered.get(uid)
  if (due === undefined) {
    ordered.set(uid, now + provisionMs)
    const { finalizers = [] } = service.metadata
    const held: Service = { ...service, metadata: { ...service.metadata, finalizers: [...finalizers, finalizer] } }
    return {
      writes: [
        recordEvent(context, service, component, ensuring),
        ...(finalizers.includes(finalizer) ? [] : [{ type: 'update', object: held } as const]),
      ],
      again: [{ key, at: now + provisionMs }],
    }
  }
  if (now < due) return { writes: [], again: [{ key, at: due }] }
  ordered.delete(uid)
  const ip = freeAddress(snapshot, service, cloud.pool)
  if (ip === undefined) {
    const message = 'Error syncing load balancer: failed to ensure load balancer: no address left'
    return {
      writes: [
        recordEvent(context, service, component, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message }),
      ],
    }
  }
  balancers.set(uid, balancer)
  const status = { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' as const }] } }
  return {
    writes: [
      ...(balancer.nodes === '' ? [recordEvent(context, service, component, noNodes)] : []),
      recordEvent(context, service, component, ensured),
      { type: 'update', object: { ...service, status } },
    ],
  }
}

const ensuring = { type: 'Normal', reason: 'EnsuringLoadBalancer', message: 'Ensuring load balancer' } as const
const ensured = { type: 'Normal', reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer' } as const
const updated = {
  type: 'Normal',
  reason: 'UpdatedLoadBalancer',
  message: 'Updated load balancer with new hosts',
} as const
const noNodes = {
  type: 'Warning',
  reason: 'UnAvailableLoadBalancer',
  message: 'There are no available nodes for LoadBalancer',
} as const

/** What is told of a load balancer that stands, when what it was made for has changed. */
function updateEvents(context: Context, service: Service, before: Balancer, after: Balancer): readonly Write[] {
  const told = !sameValue(before.wish, after.wish)
    ? [ensuring, ...(after.nodes === '' ? [noNodes] : []), ensured]
    : before.nodes !== after.nodes
      ? [after.nodes === '' ? noNodes : updated]
      : []
  return told.map((text) => recordEvent(context, service, component, text))
}

function freeAddress(snapshot: Snapshot, service: Service, pool: readonly string[]): string | undefined {
  const used = new Set<string>()
  for (const other of snapshot.list('Service')) {
    for (const { ip } of other.status?.loadBalancer?.ingress ?? []) if (ip !== undefined) used.add(ip)
  }
  const asked = service.spec.loadBalancerIP
  if (asked !== undefined && asked !== '' && !used.has(asked)) return asked
  return pool.find((ip) => !used.has(ip))
}

/** Gives back what a Service holds that needs no load balancer any more. */
function release(context: Context, service: Service): readonly Write[] {
  const { finalizers = [] } = service.metadata
  if (!finalizers.includes(finalizer)) return []
  const rest = finalizers.filter((one) => one !== finalizer)
  const exists = (service.status?.loadBalancer?.ingress ?? []).length > 0
  const deleting = { type: 'Normal', reason: 'DeletingLoadBalancer', message: 'Deleting load balancer' } as const
  const deleted = { type: 'Normal', reason: 'DeletedLoadBalancer', message: 'Deleted load balancer' } as const
  const events = [...(exists ? [deleting] : []), deleted].map((text) => recordEvent(context, service, component, text))
  if (service.metadata.deletionTimestamp !== undefined && rest.length === 0) {
    return [...events, { type: 'delete', kind: 'Service', key: keyOf(service) }]
  }
  const bare = omit(service.metadata, 'finalizers')
  const metadata = rest.length > 0 ? { ...bare, finalizers: rest } : bare
  return [{ type: 'update', object: { ...service, metadata, status: { loadBalancer: {} } } }, ...events]
}
