import { admit } from '../api/admission.ts'
import type { AdmissionContext } from '../api/admission.ts'
import { decodeObject } from '../api/decodeObject.ts'
import type { FieldValidation } from '../api/decodeObject.ts'
import { isObject } from '../api/json.ts'
import type { Json, JsonObject } from '../api/json.ts'
import { apiVersionOf, resourceName } from '../api/kinds.ts'
import type { Kind } from '../api/kinds.ts'
import { endpointsDeprecated } from '../api/other/endpoints.ts'
import { admitServiceStatus } from '../api/service/status.ts'
import { createPools } from '../api/service/pools.ts'
import { alreadyExistsStatus, conflictStatus, forbiddenStatus, invalidStatus, notFoundStatus } from '../api/status.ts'
import type { StatusError } from '../api/status.ts'
import type { KubeObject } from '../api/types.ts'
import { nameSuffix } from '../api/workload/podAdmission.ts'
import type { Lookups } from '../api/workload/podAdmission.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Random } from '../base/random.ts'
import type { SimTime } from '../base/time.ts'
import { deletionOf } from './deletion.ts'
import type { Propagation } from './deletion.ts'
import { keepHoldings } from './holdings.ts'
import { keyOf, objectKey } from './objects.ts'
import { patchObject } from './patchObject.ts'
import type { PatchType } from './patchObject.ts'
import { sameValue } from './sameValue.ts'
import { countsChanges } from './store.ts'
import { randomUid } from '../api/uid.ts'
import type { Store, Write } from './store.ts'
import { formatTimestamp } from './timestamp.ts'
import { uidFault } from './uidFault.ts'

/** The API server's answer. Warnings come with errors too. */
export type Response =
  | { readonly ok: true; readonly object: KubeObject; readonly warnings: readonly string[]; readonly changed: boolean }
  | { readonly ok: false; readonly status: StatusError; readonly warnings: readonly string[] }

export interface WriteOptions {
  readonly validation?: FieldValidation
  readonly dryRun?: boolean
  /** Of a patch: only that part of the object is written. */
  readonly subresource?: 'status'
}

/** The API of the cluster over its store. Namespaced objects are asked for by their namespace, others by ''. */
export interface ApiServer {
  readonly get: (kind: Kind, namespace: string, name: string) => Response
  readonly list: (kind: Kind, namespace?: string) => readonly KubeObject[]
  readonly create: (kind: Kind, namespace: string, body: Json, options?: WriteOptions) => Response
  /** PUT. A Service that does not exist is created by it. */
  readonly replace: (kind: Kind, namespace: string, body: Json, options?: WriteOptions) => Response
  readonly patch: (
    kind: Kind,
    namespace: string,
    name: string,
    type: PatchType,
    patch: Json,
    options?: WriteOptions,
  ) => Response
  readonly remove: (
    kind: Kind,
    namespace: string,
    name: string,
    options?: { readonly graceSeconds?: number; readonly dryRun?: boolean; readonly propagation?: Propagation },
  ) => Response
}

export interface ApiServerOptions {
  readonly store: Store
  readonly random: Random
  readonly now: () => SimTime
  /** Service CIDRs; the first one's family is the cluster's default. */
  readonly serviceCidrs: readonly Cidr[]
}

export function createApiServer({ store, random, now, serviceCidrs }: ApiServerOptions): ApiServer {
  const pools = createPools(serviceCidrs)
  keepHoldings(store, pools)

  const write = (change: Write): KubeObject | undefined => store.applyWrites([change], now())[0]?.object
  const warn = (kind: Kind): readonly string[] => (kind.kind === 'Endpoints' ? [endpointsDeprecated] : [])
  const refuse = (kind: Kind, status: StatusError, warnings: readonly string[] = []): Response => ({
    ok: false,
    status,
    warnings: [...warn(kind), ...warnings],
  })
  const accept = (kind: Kind, object: KubeObject, warnings: readonly string[], changed: boolean): Response => ({
    ok: true,
    object,
    warnings: [...warn(kind), ...warnings],
    changed,
  })
  const find = (kind: Kind, namespace: string, name: string): KubeObject | undefined =>
    store.get(kind.kind, objectKey(kind.namespaced ? namespace : '', name))

  /** What stands in the way of creating something in this namespace. */
  const namespaceFault = (kind: Kind, namespace: string, name: string): StatusError | undefined => {
    if (!kind.namespaced) return undefined
    const found = store.get('Namespace', namespace)
    if (!found) return notFoundStatus('namespaces', namespace)
    if (found.metadata.deletionTimestamp === undefined) return undefined
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`
    return forbiddenStatus(resourceName(kind), name, why)
  }

  const accountFault = (object: KubeObject, namespace: string): StatusError | undefined => {
    if (object.kind !== 'Pod') return undefined
    const account = (object['spec'] as JsonObject | undefined)?.['serviceAccountName'] ?? 'default'
    const name = typeof account === 'string' ? account : 'default'
    if (name === 'default' || store.get('ServiceAccount', objectKey(namespace, name))) return undefined
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
    return forbiddenStatus('pods', object.metadata.name, why)
  }

  const lookups: Lookups = {
    find: (kind, namespace, name) => store.get(kind, objectKey(namespace, name)),
    all: (kind) => [...store.list(kind)],
  }

  const context = (dryRun: boolean, remarks: string[]): AdmissionContext => {
    const warn = (warning: string): void => void remarks.push(warning)
    return { pools, random, dryRun, lookups, now: formatTimestamp(now()), warn }
  }

  const create = (kind: Kind, namespace: string, body: Json, options: WriteOptions = {}): Response => {
    const misnamed = kindFault(kind, body)
    if (misnamed) return refuse(kind, misnamed)
    const decoded = decodeObject(body, kind, options.validation ?? 'Strict')
    if (!decoded.ok) return refuse(kind, badRequest(kind, body, decoded.error))
    const object = withoutSystemMeta(named(decoded.value.object, kind, namespace, random))
    const { metadata } = object
    const barrier = namespaceFault(kind, namespace, metadata.name) ?? accountFault(object, namespace)
    if (barrier) return refuse(kind, barrier, decoded.value.warnings)
    const remarks = [...decoded.value.warnings]
    const admitted = admit(object, undefined, context(options.dryRun === true, remarks))
    if (!admitted.ok) return refuse(kind, admitted.error, remarks)
    const warnings = [...remarks, ...admitted.value.warnings]
    const existing = find(kind, namespace, metadata.name)
    if (existing) {
      const status = alreadyExistsStatus(resourceName(kind), metadata.name)
      const isGoing = existing.metadata.deletionTimestamp !== undefined
      return refuse(
        kind,
        isGoing ? { ...status, message: `object is being deleted: ${status.message}` } : status,
        warnings,
      )
    }
    if (options.dryRun === true) {
      const counted = countsChanges(kind.kind) ? { generation: 1 } : {}
      const stamp = { uid: randomUid(random), creationTimestamp: formatTimestamp(now()), ...counted }
      const object = { ...admitted.value.object, metadata: { ...admitted.value.object.metadata, ...stamp } }
      return accept(kind, object, warnings, true)
    }
    const stored = write({ type: 'create', object: admitted.value.object })
    return accept(kind, stored ?? admitted.value.object, warnings, true)
  }

  const update = (kind: Kind, object: KubeObject, old: KubeObject, options: WriteOptions): Response => {
    const { resourceVersion } = object.metadata
    if (resourceVersion !== undefined && !/^\d*$/.test(resourceVersion)) {
      const message = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`
      return refuse(kind, { reason: '', message })
    }
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      return refuse(kind, conflictStatus(resourceName(kind), old.metadata.name))
    }
    const versioned = { ...object, metadata: { ...object.metadata, ...versionOf(old) } }
    const admitted = admit(versioned, old, context(options.dryRun === true, []))
    if (!admitted.ok) return refuse(kind, admitted.error)
    const { object: next, warnings } = admitted.value
    if (sameValue(next, old)) return accept(kind, old, warnings, false)
    if (options.dryRun === true) return accept(kind, next, warnings, true)
    const stored = write({ type: 'update', object: next }) ?? next
    if (isReleased(next, old)) write({ type: 'delete', kind: next.kind, key: keyOf(next) })
    return accept(kind, stored, warnings, true)
  }

  /** Source: each kind's statusStrategy. Differs: only the status of Services is looked into, and metadata stays as it is. */
  const updateStatus = (kind: Kind, object: KubeObject, old: KubeObject, options: WriteOptions): Response => {
    const admitted = kind.kind === 'Service' ? admitServiceStatus(object) : { object, faults: [] }
    const { name } = old.metadata
    if (admitted.faults.length > 0) return refuse(kind, invalidStatus(kind.kind, name, admitted.faults))
    if (sameValue(admitted.object['status'], old['status'])) return accept(kind, old, [], false)
    if (options.dryRun === true) return accept(kind, admitted.object, [], true)
    const key = objectKey(old.metadata.namespace, name)
    const stored = write({ type: 'status', kind: kind.kind, key, status: admitted.object['status'] })
    return accept(kind, stored ?? old, [], true)
  }

  return {
    get: (kind, namespace, name) => {
      const found = find(kind, namespace, name)
      return found ? accept(kind, found, [], false) : refuse(kind, notFoundStatus(resourceName(kind), name))
    },
    list: (kind, namespace) => {
      const all = namespace === undefined ? store.list(kind.kind) : store.indexed(kind.kind, 'namespace', namespace)
      const key = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}\u0000${metadata.name}`
      return [...all].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
    },
    create,
    replace: (kind, namespace, body, options = {}) => {
      const misnamed = kindFault(kind, body)
      if (misnamed) return refuse(kind, misnamed)
      const decoded = decodeObject(body, kind, options.validation ?? 'Strict')
      if (!decoded.ok) return refuse(kind, badRequest(kind, body, decoded.error))
      const object = named(decoded.value.object, kind, namespace, random)
      const old = find(kind, namespace, object.metadata.name)
      const foreign = old && uidFault(kind, object, old)
      if (foreign) return refuse(kind, foreign)
      if (old) return withWarnings(update(kind, object, old, options), decoded.value.warnings)
      if (createdByUpdate.includes(kind.kind)) return create(kind, namespace, body, options)
      return refuse(kind, notFoundStatus(resourceName(kind), object.metadata.name))
    },
    patch: (kind, namespace, name, type, patch, options = {}) => {
      const old = find(kind, namespace, name)
      if (!old) return refuse(kind, notFoundStatus(resourceName(kind), name))
      const patched = patchObject(old, patch, type, kind, options.validation ?? 'Strict')
      if (!patched.ok) return refuse(kind, patched.error)
      const object = named(patched.value.object, kind, namespace, random)
      const { warnings } = patched.value
      if (options.subresource === 'status') {
        return withWarnings(updateStatus(kind, { ...old, status: object['status'] }, old, options), warnings)
      }
      return withWarnings(update(kind, object, old, options), warnings)
    },
    remove: (kind, namespace, name, options = {}) => {
      const old = find(kind, namespace, name)
      if (!old) return refuse(kind, notFoundStatus(resourceName(kind), name))
      const protectedNames = ['default', 'kube-system', 'kube-public']
      if (kind.kind === 'Namespace' && protectedNames.includes(name)) {
        return refuse(kind, forbiddenStatus('namespaces', name, 'this namespace may not be deleted'))
      }
      if (options.dryRun === true) return accept(kind, old, [], false)
      const change = deletionOf(old, now(), options.graceSeconds, options.propagation)
      if (change) write(change)
      return accept(kind, old, [], true)
    },
  }
}

/** Whether the last finalizer of an object that is to go has been taken away. */
function isReleased({ metadata }: KubeObject, old: KubeObject): boolean {
  const held = (old.metadata.finalizers?.length ?? 0) > 0 && (metadata.finalizers?.length ?? 0) === 0
  return held && metadata.deletionTimestamp !== undefined && (metadata.deletionGracePeriodSeconds ?? 0) === 0
}

/** Kinds that a PUT may create. */
const createdByUpdate: readonly string[] = ['Service', 'Endpoints', 'Event', 'Lease', 'LimitRange', 'PodTemplate']

function withWarnings(response: Response, warnings: readonly string[]): Response {
  return { ...response, warnings: [...warnings, ...response.warnings] }
}

function versionOf(old: KubeObject): Pick<KubeObject['metadata'], 'resourceVersion'> {
  const { resourceVersion } = old.metadata
  return resourceVersion === undefined ? {} : { resourceVersion }
}

/** A new object's system fields are the server's to fill; what a client sends there is ignored. */
function withoutSystemMeta(object: KubeObject): KubeObject {
  const metadata: Record<string, unknown> = { ...object.metadata }
  const system = ['uid', 'resourceVersion', 'creationTimestamp', 'selfLink']
  for (const field of [...system, 'deletionTimestamp', 'deletionGracePeriodSeconds']) {
    Reflect.deleteProperty(metadata, field)
  }
  return { ...object, metadata: { ...metadata, name: object.metadata.name } }
}

/** The object with its namespace, and a name made from `generateName` where there is none. */
function named(object: KubeObject, kind: Kind, namespace: string, random: Random): KubeObject {
  const meta = { ...object.metadata }
  Reflect.deleteProperty(meta, 'namespace')
  const stem = meta.generateName ?? ''
  const name = meta.name === '' && stem !== '' ? `${stem.slice(0, 58)}${nameSuffix(random)}` : meta.name
  return {
    ...object,
    metadata: { ...meta, name, ...(kind.namespaced ? { namespace } : {}) },
  }
}

/** Bodies whose kind or version is not the one of the URL. kubectl maps a kind's lower case form, the server does not. */
function kindFault(kind: Kind, body: Json): StatusError | undefined {
  if (!isObject(body)) return undefined
  if (body['apiVersion'] === '') {
    return { reason: 'NotFound', message: 'the server could not find the requested resource' }
  }
  const name = body['kind']
  if (typeof name !== 'string' || name === kind.kind) return undefined
  const scheme = 'in scheme "pkg/runtime/scheme.go:111"'
  const version = JSON.stringify(apiVersionOf(kind))
  const message = `no kind ${JSON.stringify(name)} is registered for version ${version} ${scheme}`
  return badRequest(kind, body, { message, fields: ['kind'] })
}

function badRequest(
  kind: Kind,
  body: Json,
  fault: { readonly message: string; readonly fields: readonly string[] },
): StatusError {
  const name = isObject(body) && typeof body['kind'] === 'string' ? body['kind'] : kind.kind
  const message = `${name} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: ${fault.message}`
  return { reason: 'BadRequest', message, fields: fault.fields }
}
