import type { Cidr } from '../../engine/base/cidr.ts'
import { invariant } from '../../engine/base/invariant.ts'
import { createRandom } from '../../engine/base/random.ts'
import { createApiServer, findKind } from '../../engine/index.ts'
import type { ApiServer, JsonObject, Pod } from '../../engine/index.ts'
import { createStore } from '../../engine/store/store.ts'
import { createShell } from '../createShell.ts'
import type { Shell } from '../createShell.ts'

export interface EmptyCluster {
  readonly files: Readonly<Record<string, string>>
  readonly namespaces?: readonly string[]
  readonly dualStack?: boolean
}

/** The API of a cluster that holds its system Services only, and no controllers. */
export function emptyApi({ namespaces = [], dualStack = false }: EmptyCluster): ApiServer {
  const random = createRandom(1)
  const api = createApiServer({
    store: createStore(random.fork('uid')),
    random: random.fork('api'),
    now: () => 0,
    serviceCidrs: ['10.96.0.0/12', ...(dualStack ? ['fd00:10:96::/112'] : [])] as Cidr[],
  })
  const create = (body: JsonObject, namespace = ''): void => {
    const kind = findKind('v1', body['kind'] === 'Namespace' ? 'Namespace' : 'Service')
    invariant(kind && api.create(kind, namespace, body).ok, JSON.stringify(body))
  }
  for (const name of ['default', 'kube-system', ...namespaces]) {
    create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  const service = (name: string, namespace: string, clusterIP: string): void => {
    create(
      { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { clusterIP, ports: [{ port: 443 }] } },
      namespace,
    )
  }
  service('kubernetes', 'default', '10.96.0.1')
  service('kube-dns', 'kube-system', '10.96.0.10')
  return api
}

/** A shell over `emptyApi`. Pods without a node selector are bound to node02 after each command. */
export function emptyShell(cluster: EmptyCluster): Shell {
  const { files } = cluster
  const api = emptyApi(cluster)
  const shell = createShell({
    api,
    now: () => 0,
    readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    namespace: 'default',
  })
  return {
    run: (line) => {
      const result = shell.run(line)
      bindPods(api)
      return result
    },
  }
}

function bindPods(api: ApiServer): void {
  const kind = findKind('v1', 'Pod')
  if (!kind) return
  for (const pod of api.list(kind) as readonly Pod[]) {
    if (pod.spec.nodeName !== undefined || pod.spec.nodeSelector !== undefined) continue
    // Binding is not an update of the spec, so the object is changed where it lies.
    Object.assign(pod.spec, { nodeName: 'node02' })
  }
}
