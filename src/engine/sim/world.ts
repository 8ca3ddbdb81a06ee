import type { Endpoints, KubeObject } from '../api/types.ts'
import { createRandom } from '../base/random.ts'
import type { Result } from '../base/result.ts'
import type { Controller } from '../controllers/controller.ts'
import { createEndpointsController } from '../controllers/endpoints/endpoints.ts'
import { createEndpointSliceController } from '../controllers/endpoints/endpointSlice.ts'
import { createEndpointSliceMirroringController } from '../controllers/endpoints/endpointSliceMirroring.ts'
import { defaultNetworkOptions } from '../cni/network.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import type { ProxyMode } from '../proxy/types.ts'
import { keyOf, objectId } from '../store/objects.ts'
import { sameValue } from '../store/sameValue.ts'
import { createStore } from '../store/store.ts'
import type { Store, Write } from '../store/store.ts'
import type { Request, Trace } from '../trace/event.ts'
import { createControlLoop } from './controlLoop.ts'
import { decodeDump } from './dumpObjects.ts'
import { createFleet } from './fleet.ts'
import type { Fleet } from './fleet.ts'
import { createNames } from './names.ts'
import type { Names } from './names.ts'
import { nodeTables } from './nodeTables.ts'
import { chanceOf, outcomesOf, traceRequest } from './requests.ts'
import type { NodeTables, WeightedOutcome } from './types.ts'

/** A dump come to life: its objects as they are, kube-proxy synced on every node, nothing that changes by itself. */
export interface World {
  readonly store: Store
  readonly fleet: Fleet
  readonly names: Names
  /** The next state of the same cluster: kube-proxy, which has synced the last one, syncs again. */
  readonly load: (objects: readonly KubeObject[]) => void
  readonly request: (request: Request) => Trace
  readonly everyOutcome: (request: Request) => Result<readonly WeightedOutcome[], string>
  readonly nodeTables: (node: string) => NodeTables | undefined
}

export interface WorldOptions {
  readonly seed: number
  readonly mode: ProxyMode
  /** KubeProxyConfiguration of all nodes, as read from YAML. */
  readonly proxyConfig?: RawProxyConfig
}

export function createWorld(objects: readonly KubeObject[], options: WorldOptions): World {
  const { seed, mode, proxyConfig = { clusterCIDR: defaultNetworkOptions.clusterCidrs.join(',') } } = options
  const random = createRandom(seed)
  const store = createStore(random.fork('uids'))
  replaceObjects(store, objects)
  const fleet = createFleet(store, { mode, config: proxyConfig, now: 0 })
  const names = createNames({
    snapshot: store,
    dataplane: fleet.dataplane,
    random: random.fork('dns'),
    now: () => 0,
    builtIn: true,
  })
  const { find } = names
  const syncAll = (): void => {
    for (const { name } of fleet.agents()) fleet.sync(name, 0)
  }
  syncAll()
  let requests = 0
  return {
    store,
    fleet,
    names,
    load: (next) => {
      replaceObjects(store, next)
      fleet.refresh(0)
      syncAll()
    },
    request: (request) => traceRequest(fleet, request, chanceOf(random.fork(`request ${requests++}`)), 0, find),
    everyOutcome: (request) => outcomesOf(fleet, request, 0, find),
    nodeTables: (node) => nodeTables(fleet, node, 0),
  }
}

/** Makes the store hold just `objects`; what is equal stays the same object. */
function replaceObjects(store: Store, objects: readonly KubeObject[]): void {
  const wanted = new Map(decodeDump(objects).map((object) => [objectId(object.kind, keyOf(object)), object]))
  const writes: Write[] = []
  for (const kind of store.kinds()) {
    for (const object of store.list(kind)) {
      if (!wanted.has(objectId(kind, keyOf(object)))) writes.push({ type: 'delete', kind, key: keyOf(object) })
    }
  }
  for (const object of wanted.values()) {
    const current = store.get<string>(object.kind, keyOf(object))
    if (!current) writes.push({ type: 'create', object })
    else if (!sameContent(current, object)) writes.push({ type: 'update', object })
  }
  store.applyWrites(writes, 0)
}

function sameContent(a: KubeObject, b: KubeObject): boolean {
  const { labels, annotations, deletionTimestamp } = a.metadata
  return (
    sameValue({ ...a, metadata: undefined }, { ...b, metadata: undefined }) &&
    sameValue(
      { labels, annotations, deletionTimestamp },
      {
        labels: b.metadata.labels,
        annotations: b.metadata.annotations,
        deletionTimestamp: b.metadata.deletionTimestamp,
      },
    )
  )
}

/** The controllers that may run over a dump. */
export type DumpController = 'endpointslice' | 'endpoints' | 'endpointslicemirroring'

const dumpControllers: Readonly<Record<DumpController, () => Controller>> = {
  endpointslice: createEndpointSliceController,
  endpoints: createEndpointsController,
  endpointslicemirroring: createEndpointSliceMirroringController,
}

/** What `names` make of the objects of a dump: all objects, with the controllers' changes. */
export function runControllers(
  objects: readonly KubeObject[],
  names: readonly DumpController[],
  seed = 1,
): readonly KubeObject[] {
  const random = createRandom(seed)
  const store = createStore(random.fork('uids'))
  const controllers = names.map((name) => dumpControllers[name]())
  const loop = createControlLoop(store, random.fork('controllers'), controllers)
  const decoded = decodeDump(objects)
  const byHand = decoded.filter((object) => isOverwritten(object, decoded))
  loop.write(decoded.filter((object) => !byHand.includes(object)).map((object) => ({ type: 'create', object })))
  loop.settle()
  for (const object of byHand) {
    const current = store.get<string>(object.kind, keyOf(object))
    if (!current) loop.write([{ type: 'create', object }])
    else loop.write([{ type: 'update', object: laidOver(current, object) }])
  }
  loop.settle()
  return store.kinds().flatMap((kind) => [...store.list(kind)])
}

/**
 * Endpoints that a user applied over those of a Service with selector: they lack the controller's label, and stay until the
 * pods change.
 */
function isOverwritten(object: KubeObject, all: readonly KubeObject[]): boolean {
  if (object.kind !== 'Endpoints') return false
  if (object.metadata.labels?.['endpoints.kubernetes.io/managed-by'] !== undefined) return false
  const service = all.find((one) => one.kind === 'Service' && keyOf(one) === keyOf(object))
  return (service?.['spec'] as { readonly selector?: unknown } | undefined)?.selector !== undefined
}

function laidOver(current: KubeObject, given: KubeObject): KubeObject {
  const { labels, annotations } = current.metadata
  return {
    ...current,
    metadata: {
      ...current.metadata,
      labels: { ...labels, ...given.metadata.labels },
      annotations: { ...annotations, ...given.metadata.annotations },
    },
    subsets: (given as Endpoints).subsets,
  }
}
