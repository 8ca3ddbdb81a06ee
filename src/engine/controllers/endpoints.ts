import type { EndpointAddress, Endpoints, Pod, Service } from '../api/types.ts'
import { sameValue } from '../store/sameValue.ts'
import type { Write } from '../store/store.ts'
import { formatTimestamp } from '../store/timestamp.ts'
import { eachKey } from './controller.ts'
import type { Context, Controller } from './controller.ts'
import {
  createServiceWaker,
  endpointHostname,
  endpointPorts,
  familiesOf,
  ipOfFamily,
  isEndpoint,
  isHeadless,
  selectedPods,
} from './endpointPods.ts'
import { omit } from './omit.ts'
import { isReady } from './podState.ts'
import { packSubsets, truncateSubsets } from './subsets.ts'
import type { Backend } from './subsets.ts'

const maxAddresses = 1000
const headlessLabel = 'service.kubernetes.io/headless'
const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time'

/** Keeps the legacy Endpoints object of Services with a selector. Source: kubernetes pkg/controller/endpoint. */
export function createEndpointsController(): Controller {
  const wake = createServiceWaker()
  return {
    name: 'endpoints',
    kinds: ['Service', 'Pod', 'Endpoints'],
    delay: 20,
    wakes: (change) => {
      // A hand-made change of Endpoints stays until the pods or the Service change; only a missing object is put back.
      if (change.kind === 'Endpoints') return change.type === 'DELETED' ? [change.key] : []
      return wake(change)
    },
    reconcile: eachKey(reconcileEndpoints),
  }
}

/** The write that brings the Endpoints of the Service at `key` in line with its pods. */
export function reconcileEndpoints(context: Context, key: string): readonly Write[] {
  const { snapshot } = context
  const service = snapshot.get('Service', key)
  const current = snapshot.get('Endpoints', key)
  if (!service) return current ? [{ type: 'delete', kind: 'Endpoints', key }] : []
  if (service.spec.type === 'ExternalName' || !service.spec.selector) return []
  if (service.metadata.deletionTimestamp !== undefined) return []
  const backends = selectedPods(snapshot, service).flatMap((pod) => rememberedBackends(service, pod))
  const { subsets, truncated } = truncateSubsets(packSubsets(backends), maxAddresses)
  const labels = {
    ...omit(service.metadata.labels ?? {}, headlessLabel),
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
  }
  const isTruncated = current?.metadata.annotations?.[overCapacity] === 'truncated'
  if (
    current &&
    sameValue(current.subsets ?? [], subsets) &&
    sameValue(current.metadata.labels, labels) &&
    isTruncated === truncated
  ) {
    return []
  }
  const annotations = {
    ...omit(current?.metadata.annotations ?? {}, overCapacity),
    [triggerTime]: formatTimestamp(context.now),
    ...(truncated ? { [overCapacity]: 'truncated' } : {}),
  }
  const { name, namespace = 'default' } = service.metadata
  const object: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...(current?.metadata ?? { name, namespace }), labels, annotations },
    ...(subsets.length > 0 ? { subsets } : {}),
  }
  return [{ type: current ? 'update' : 'create', object }]
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
  const ip = ipOfFamily(pod, familiesOf(service)[0] ?? 'IPv4')
  if (!isEndpoint(pod, publish) || ip === undefined) return []
  const { namespace, name, uid } = pod.metadata
  const hostname = endpointHostname(service, pod)
  const address: EndpointAddress = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
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
