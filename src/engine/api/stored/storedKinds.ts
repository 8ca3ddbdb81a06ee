import type { FieldError } from '../fieldError.ts'
import type { Random } from '../../base/random.ts'
import type { KubeObject } from '../types.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../validation/meta.ts'
import type { NameRule } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain } from '../validation/names.ts'
import type { Loose } from '../workload/loose.ts'
import { nameWarnings, podWarnings } from '../workload/podWarnings.ts'
import { defaultAutoscaler, validateAutoscaler } from './autoscaler.ts'
import { validateCronJob, validateJob } from './batch.ts'
import {
  ingressWarnings,
  networkPolicyWarnings,
  validateIngress,
  validateIngressClass,
  validateNetworkPolicy,
} from './networking.ts'
import {
  validateDisruptionBudget,
  validateLease,
  validatePriorityClass,
  validateReplicationController,
  validateRuntimeClass,
} from './policy.ts'
import {
  defaultBinding,
  defaultController,
  defaultCronJob,
  defaultIngressClass,
  defaultJob,
  defaultNetworkPolicy,
  defaultSecret,
  defaultVolume,
  fractionWarnings,
  nameLimitRange,
  prepareClaim,
  prepareJob,
  withDefaultLabels,
  withFinalizer,
  withSpec,
  withStatus,
  withoutStrategy,
} from './prepare.ts'
import { defaultLimitRange, validateLimitRange, validateQuota } from './quota.ts'
import { validateBinding, validateRole } from './rbac.ts'
import { mapAt, pathSegment } from './rules.ts'
import { validateSecret } from './secret.ts'
import { validateClaim, validateStorageClass, validateVolume } from './storage.ts'

/** What the API server does with a kind that the simulator only stores. Absent: nothing beyond its metadata. */
interface StoredKind {
  readonly validate?: (object: KubeObject, old?: KubeObject) => readonly FieldError[]
  readonly defaults?: (object: KubeObject) => KubeObject
  /** A new object: the status that only the system writes, and what it adds on its own. */
  readonly prepare?: (object: KubeObject, random: Random) => KubeObject
  readonly name?: NameRule
  readonly warnings?: (object: KubeObject, old?: KubeObject) => readonly string[]
}

const storedKinds: Readonly<Record<string, StoredKind>> = {
  Secret: { validate: validateSecret, defaults: defaultSecret },
  Ingress: { validate: validateIngress, prepare: withStatus({ loadBalancer: {} }), warnings: ingressWarnings },
  IngressClass: { validate: validateIngressClass, defaults: defaultIngressClass },
  NetworkPolicy: {
    validate: validateNetworkPolicy,
    defaults: defaultNetworkPolicy,
    warnings: networkPolicyWarnings,
  },
  Job: {
    validate: validateJob,
    defaults: (object) => withDefaultLabels({ ...object, spec: defaultJob(mapAt(object, 'spec')) }),
    prepare: prepareJob,
    warnings: (object, old) => templateWarnings(object, mapAt(object, 'spec'), 'spec', old),
  },
  CronJob: {
    validate: validateCronJob,
    defaults: defaultCronJob,
    prepare: withStatus({}),
    warnings: (object, old) =>
      templateWarnings(
        object,
        mapAt(mapAt(mapAt(object, 'spec'), 'jobTemplate'), 'spec'),
        'spec.jobTemplate.spec',
        old,
      ),
  },
  PersistentVolumeClaim: {
    validate: validateClaim,
    defaults: (object) => withSpec(object, { volumeMode: 'Filesystem' }),
    prepare: prepareClaim,
    warnings: (object) =>
      fractionWarnings(mapAt(mapAt(mapAt(object, 'spec'), 'resources'), 'requests'), 'spec.resources.requests'),
  },
  PersistentVolume: {
    validate: validateVolume,
    defaults: defaultVolume,
    prepare: (object) => ({ ...withFinalizer(object, 'pv-protection'), status: { phase: 'Pending' } }),
  },
  StorageClass: {
    validate: validateStorageClass,
    defaults: (object) => ({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...object }),
  },
  HorizontalPodAutoscaler: {
    validate: validateAutoscaler,
    defaults: defaultAutoscaler,
    prepare: withStatus({ currentMetrics: null, desiredReplicas: 0 }),
  },
  PodDisruptionBudget: {
    name: pathSegment,
    validate: validateDisruptionBudget,
    prepare: withStatus({ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }),
  },
  ResourceQuota: { validate: validateQuota, prepare: withStatus({}) },
  LimitRange: { validate: validateLimitRange, defaults: defaultLimitRange, prepare: nameLimitRange },
  Role: { validate: validateRole, name: pathSegment },
  ClusterRole: { validate: validateRole, name: pathSegment },
  RoleBinding: { validate: validateBinding, defaults: defaultBinding, name: pathSegment },
  ClusterRoleBinding: { validate: validateBinding, defaults: defaultBinding, name: pathSegment },
  PriorityClass: {
    validate: validatePriorityClass,
    defaults: (object) => ({ preemptionPolicy: 'PreemptLowerPriority', ...object }),
  },
  RuntimeClass: { validate: validateRuntimeClass },
  Lease: { validate: validateLease, defaults: withoutStrategy },
  ReplicationController: {
    validate: validateReplicationController,
    defaults: defaultController,
    prepare: withStatus({ replicas: 0 }),
  },
}

function of(object: KubeObject): StoredKind {
  return (Object.hasOwn(storedKinds, object.kind) ? storedKinds[object.kind] : undefined) ?? {}
}

export function defaultStored(object: KubeObject): KubeObject {
  return of(object).defaults?.(object) ?? object
}

export function prepareStored(object: KubeObject, random: Random): KubeObject {
  return of(object).prepare?.(object, random) ?? object
}

export function validateStored(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const { validate, name = dns1123Subdomain } = of(object)
  const meta = old ? validateObjectMetaUpdate(object.metadata, old.metadata) : validateObjectMeta(object.metadata, name)
  return [...meta, ...(validate?.(object, old) ?? [])]
}

export function storedWarnings(object: KubeObject, old?: KubeObject): readonly string[] {
  return of(object).warnings?.(object, old) ?? []
}

function templateWarnings(object: KubeObject, spec: Loose, field: string, old?: KubeObject): readonly string[] {
  const names = old ? [] : dns1123Label(object.metadata.name)
  const template = mapAt(spec, 'template')
  return [
    ...nameWarnings(object, names),
    ...podWarnings(mapAt(template, 'metadata'), mapAt(template, 'spec'), `${field}.template`),
  ]
}
