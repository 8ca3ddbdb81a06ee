import type { EndpointAddress, Endpoints, EndpointSubset, Labels, Pod, Service } from '../../api/types.ts'
import type { SimTime } from '../../base/time.ts'
import { sameValue } from '../../store/sameValue.ts'
import type { Write } from '../../store/store.ts'
import { eachKeyInTurn } from './busyKeys.ts'
import type { Context, Controller } from '../controller.ts'
import {
  createServiceWaker,
  endpointHostname,
  endpointPorts,
  familiesOf,
  ipsOfFamily,
  isEndpoint,
  isHeadless,
  selectedPods,
} from './endpointPods.ts'
import { omit } from '../omit.ts'
import { isReady } from '../podState.ts'
import { packSubsets, repackSubsets, truncateSubsets } from './subsets.ts'
import type { Backend } from './subsets.ts'
import { createTriggerTimes, triggerTimeAnnotation } from './triggerTime.ts'
import type { TriggerTimes } from './triggerTime.ts'

const maxAddresses = 1000
const headlessLabel = 'service.kubernetes.io/headless'
const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const overCapacity = 'endpoints.kubernetes.io/over-capacity'

/** Keeps the legacy Endpoints object of Services with a selector. Source: kubernetes pkg/controller/endpoint. */
export function createEndpointsController(): Controller {
  const waker = createServiceWaker()
  const times = createTriggerTimes()
  return {
    name: 'endpoints',
    kinds: ['Service', 'Pod', 'Endpoints'],
    delay: 20,
    wakes: (change) => {
      // A hand-made change of Endpoints stays until the pods or the Service change; only a missing object is put back.
      if (change.kind === 'Endpoints') return change.type === 'DELETED' ? [change.key] : []
      return waker.wakes(change)
    },
    reconcile: eachKeyInTurn((context, key) => {
      const writes = reconcileEndpoints(context, times, key)
      return { writes, busyMs: writes.reduce((sum, write) => sum + writeTime(write), 0) }
    }),
  }
}

/** One object holds all addresses: to write a thousand takes a fifth of a second, a few take none that counts. */
function writeTime(write: Write): SimTime {
  if (write.type !== 'create' && write.type !== 'update') return 0
  const { subsets } = write.object as Endpoints
  const addresses = (subsets ?? []).reduce(
    (sum, { addresses: ready, notReadyAddresses }) => sum + (ready?.length ?? 0) + (notReadyAddresses?.length ?? 0),
    0,
  )
  return Math.floor(addresses / 5)
}

/** The write that brings the Endpoints of the Service at `key` in line with its pods. */
function reconcileEndpoints({ snapshot }: Context, times: TriggerTimes, key: string): readonly Write[] {
  const service = snapshot.get('Service', key)
  const current = snapshot.get('Endpoints', key)
  if (!service) {
    times.forget(key)
    return current ? [{ type: 'delete', kind: 'Endpoints', key }] : []
  }
  if (service.spec.type === 'ExternalName' || !service.spec.selector) return []
  const pods = selectedPods(snapshot, service)
  const triggerTime = times.at(key, service, pods)
  const all = packSubsets(pods.flatMap((pod) => rememberedBackends(service, pod)))
  const own = service.metadata.labels ?? {}
  if (current && hasCapacityRight(current) && hasLabelsOf(current, own)) {
    const present = current.subsets ?? []
    // What the controller wrote itself is packed already.
    if (sameValue(present, all) || (!packed.has(present) && sameValue(repackSubsets(present), all))) return []
  }
  const { subsets, truncated } = truncateSubsets(all, maxAddresses)
  packed.add(subsets)
  const { name, namespace = 'default' } = service.metadata
  const kept = omit(current?.metadata.annotations ?? {}, overCapacity, triggerTimeAnnotation)
  const annotations = {
    ...kept,
    ...(triggerTime === undefined ? {} : { [triggerTimeAnnotation]: triggerTime }),
    ...(truncated ? { [overCapacity]: 'truncated' } : {}),
  }
  const labels = {
    ...omit(own, headlessLabel),
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: 'endpoint-controller',
  }
  const object: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...(current ? omit(current.metadata, 'annotations') : { name, namespace }),
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    ...(subsets.length > 0 ? { subsets } : {}),
  }
  // Truncated ones never compare equal above.
  if (truncated && current && sameValue(current, object)) return []
  return [{ type: current ? 'update' : 'create', object }]
}

const packed = new WeakSet<readonly EndpointSubset[]>()

/** Whether the labels come from the Service, whatever the label of headless ones says. */
function hasLabelsOf({ metadata: { labels = {} } }: Endpoints, own: Labels): boolean {
  if (labels[managedByLabel] !== 'endpoint-controller') return false
  const rest = omit(labels, headlessLabel, managedByLabel)
  return Object.keys(own).length === Object.keys(rest).length && sameValue(rest, own)
}

function hasCapacityRight({ subsets, metadata }: Endpoints): boolean {
  const count = (subsets ?? []).reduce(
    (sum, { addresses, notReadyAddresses }) => sum + (addresses?.length ?? 0) + (notReadyAddresses?.length ?? 0),
    0,
  )
  return count <= maxAddresses && metadata.annotations?.[overCapacity] === undefined
}

interface Remembered {
  readonly service: Service
  readonly backends: readonly Backend[]
}

const remembered = new WeakMap<Pod, Remembered>()

/** An unchanged pod gives the very same backends. */
function rememberedBackends(service: Service, pod: Pod): readonly Backend[] {
  const known = remembered.get(pod)
  if (known?.service === service) return known.backends
  const backends = backendsOf(service, pod)
  remembered.set(pod, { service, backends })
  return backends
}

/** `pod` once per port that it serves; nothing when it is no endpoint. */
function backendsOf(service: Service, pod: Pod): readonly Backend[] {
  const publish = service.spec.publishNotReadyAddresses === true
  const ip = ipsOfFamily(pod, familiesOf(service)[0] ?? 'IPv4')[0]
  if (!isEndpoint(pod, publish) || ip === undefined) return []
  const { namespace, name, uid } = pod.metadata
  const hostname = endpointHostname(service, pod)
  const address: EndpointAddress = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    // A pointer upstream: an unscheduled pod's is there, and empty.
    nodeName: pod.spec.nodeName ?? '',
    targetRef: {
      kind: 'Pod',
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
    },
  }
  const ready = publish || isReady(pod)
  if ((service.spec.ports ?? []).length === 0) return isHeadless(service) ? [{ address, ready }] : []
  return endpointPorts(service, pod).map(({ name: portName, ...port }) => ({
    address,
    ready,
    port: { ...(portName === '' ? {} : { name: portName }), ...port },
  }))
}
