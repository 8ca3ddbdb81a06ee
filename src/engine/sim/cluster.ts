import { createRandom } from '../base/random.ts'
import type { Random } from '../base/random.ts'
import { createRuntime } from '../cni/runtime.ts'
import type { Controller } from '../controllers/controller.ts'
import { daemonSetController } from '../controllers/daemonSet.ts'
import { deploymentController } from '../controllers/deployment.ts'
import { createEndpointsController } from '../controllers/endpoints.ts'
import { createEndpointSliceController } from '../controllers/endpointSlice.ts'
import { endpointSliceMirroringController } from '../controllers/endpointSliceMirroring.ts'
import { garbageCollector } from '../controllers/garbageCollector.ts'
import { createKubelets } from '../controllers/kubelet.ts'
import { namespaceController } from '../controllers/namespace.ts'
import { replicaSetController } from '../controllers/replicaSet.ts'
import { scheduler } from '../controllers/scheduler.ts'
import { createStore } from '../store/store.ts'
import type { Store } from '../store/store.ts'
import { createControlLoop } from './controlLoop.ts'
import type { ControlLoop } from './controlLoop.ts'
import { labNode, labShape, systemObjects } from './labCluster.ts'
import type { ClusterShape } from './labCluster.ts'

/** A cluster without data plane: objects, and the controllers that keep them. */
export interface Cluster {
  readonly store: Store
  readonly loop: ControlLoop
  readonly random: Random
}

/** The age of the cluster when the user's first manifest arrives, in milliseconds. */
const bootMs = 60_000

/** Every controller of the cluster, in the order in which ties are broken. */
function allControllers(): readonly Controller[] {
  const runtime = createRuntime()
  return [
    namespaceController,
    deploymentController,
    replicaSetController,
    daemonSetController,
    scheduler,
    createKubelets({ ...runtime, isUp: () => true }),
    createEndpointSliceController(),
    createEndpointsController(),
    endpointSliceMirroringController,
    garbageCollector,
  ]
}

/** A freshly booted kubeadm cluster. The control plane node is up before the workers join, so CoreDNS runs there. */
export function createCluster(seed: number, shape: Partial<ClusterShape> = {}): Cluster {
  const full = { ...labShape, ...shape }
  const random = createRandom(seed)
  const store = createStore(random.fork('uids'))
  const loop = createControlLoop(store, random.fork('controllers'), allControllers())
  loop.write([{ type: 'create', object: labNode(0, full) }])
  loop.write(systemObjects(full).map((object) => ({ type: 'create', object })))
  loop.settle()
  const workers = Array.from({ length: full.nodes - 1 }, (_, i) => labNode(i + 1, full))
  loop.write(workers.map((object) => ({ type: 'create', object })))
  loop.settle()
  loop.advance(bootMs - (loop.now() % bootMs))
  return { store, loop, random }
}
