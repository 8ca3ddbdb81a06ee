import type { Service } from '../api/types.ts'
import { keyOf } from '../store/objects.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { Write } from '../store/store.ts'
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
  const ordered = new Map<string, number>()
  return {
    name: 'loadbalancer',
    delay: 50,
    kinds: ['Service', 'ConfigMap'],
    wakes: (change, snapshot) => {
      if (change.kind === 'Service') return concerns(change.object as Service) ? [change.key] : []
      if (change.key !== config) return []
      return [...snapshot.list('Service')].filter(concerns).map(keyOf)
    },
    reconcile: (context, keys) => {
      const results = keys.map((key) => reconcileService(context, key, pool, ordered, isOn(context.snapshot)))
      return { writes: results.flatMap(({ writes }) => writes), again: results.flatMap(({ again }) => again ?? []) }
    },
  }
}

/** What wants an address, or holds one. */
function concerns({ spec, metadata }: Service): boolean {
  return spec.type === 'LoadBalancer' || metadata.finalizers?.includes(finalizer) === true
}

function reconcileService(
  context: Context,
  key: string,
  pool: readonly string[],
  ordered: Map<string, number>,
  on: boolean,
): Reconciled {
  const { snapshot, now } = context
  const service = snapshot.get('Service', key)
  if (!service) return { writes: [] }
  const wanted = service.spec.type === 'LoadBalancer' && service.metadata.deletionTimestamp === undefined
  // Another controller looks after Services of a class.
  const ours = on && wanted && service.spec.loadBalancerClass === undefined
  if (!ours) return { writes: release(context, service) }
  if ((service.status?.loadBalancer?.ingress ?? []).length > 0) return { writes: [] }
  const uid = service.metadata.uid ?? key
  const due = ordered.get(uid)
  if (due === undefined) {
    ordered.set(uid, now + provisionMs)
    const text = { type: 'Normal', reason: 'EnsuringLoadBalancer', message: 'Ensuring load balancer' } as const
    const { finalizers = [] } = service.metadata
    const held: Service = { ...service, metadata: { ...service.metadata, finalizers: [...finalizers, finalizer] } }
    return {
      writes: [
        ...(finalizers.includes(finalizer) ? [] : [{ type: 'update', object: held } as const]),
        recordEvent(context, service, component, text),
      ],
      again: [{ key, at: now + provisionMs }],
    }
  }
  if (now < due) return { writes: [], again: [{ key, at: due }] }
  ordered.delete(uid)
  const ip = freeAddress(snapshot, service, pool)
  if (ip === undefined) {
    const message = 'Error syncing load balancer: failed to ensure load balancer: no address left'
    return {
      writes: [
        recordEvent(context, service, component, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message }),
      ],
    }
  }
  const text = { type: 'Normal', reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer' } as const
  const status = { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' as const }] } }
  return {
    writes: [{ type: 'update', object: { ...service, status } }, recordEvent(context, service, component, text)],
  }
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
  const text = { type: 'Normal', reason: 'DeletedLoadBalancer', message: 'Deleted load balancer' } as const
  const event = recordEvent(context, service, component, text)
  if (service.metadata.deletionTimestamp !== undefined && rest.length === 0) {
    return [event, { type: 'delete', kind: 'Service', key: keyOf(service) }]
  }
  const bare = omit(service.metadata, 'finalizers')
  const metadata = rest.length > 0 ? { ...bare, finalizers: rest } : bare
  return [{ type: 'update', object: { ...service, metadata, status: { loadBalancer: {} } } }, event]
}
