import type { Random } from '../../base/random.ts'
import { base64OfText } from '../schema/base64Text.ts'
import type { KubeObject, Labels } from '../types.ts'
import { randomUid } from '../uid.ts'
import { asList, asLoose } from '../workload/loose.ts'
import { defaultPodSpec } from '../workload/podDefaults.ts'
import type { Loose } from '../workload/loose.ts'
import { text } from '../workload/fields.ts'
import { jobLabels } from './batch.ts'
import { mapAt } from './rules.ts'

export function withStatus(status: Loose): (object: KubeObject) => KubeObject {
  return (object) => ({ ...object, status })
}

export function withSpec(object: KubeObject, defaults: Loose): KubeObject {
  return { ...object, spec: { ...defaults, ...mapAt(object, 'spec') } }
}

/** `stringData` goes into `data` and is not kept. */
export function defaultSecret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object
  const texts = Object.entries((asLoose(stringData) ?? {}) as Labels)
  const data = texts.map(([key, value]) => [key, base64OfText(value)] as const)
  return {
    ...rest,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: object.metadata,
    ...(data.length > 0 ? { data: { ...mapAt(object, 'data'), ...Object.fromEntries(data) } } : {}),
    type: object['type'] ?? 'Opaque',
  }
}

export function defaultIngressClass(object: KubeObject): KubeObject {
  const parameters = asLoose(mapAt(object, 'spec')['parameters'])
  return parameters
    ? withSpec(
        {
          ...object,
          spec: { ...mapAt(object, 'spec'), parameters: { ...parameters, scope: parameters['scope'] ?? 'Cluster' } },
        },
        {},
      )
    : object
}

export function defaultNetworkPolicy(object: KubeObject): KubeObject {
  const spec = mapAt(object, 'spec')
  const withProtocols = (rules: unknown): unknown =>
    Array.isArray(rules)
      ? asList(rules).map((rule) =>
          Array.isArray(rule['ports'])
            ? { ...rule, ports: asList(rule['ports']).map((port) => ({ protocol: 'TCP', ...port })) }
            : rule,
        )
      : rules
  const types = asList(spec['policyTypes'])
  const implied = asList(spec['egress']).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  const next: Record<string, unknown> = { ...spec, policyTypes: types.length > 0 ? types : implied }
  for (const rules of ['ingress', 'egress']) if (spec[rules] !== undefined) next[rules] = withProtocols(spec[rules])
  return { ...object, spec: next }
}

/** Source: kubernetes pkg/apis/batch/v1/defaults.go. A CronJob's jobs get what their template's types give, no more. */
export function defaultJob(spec: Loose): Loose {
  const policy = asLoose(spec['podFailurePolicy'])
  const both = spec['completions'] === undefined && spec['parallelism'] === undefined
  return {
    parallelism: 1,
    ...(both ? { completions: 1 } : {}),
    backoffLimit: spec['backoffLimitPerIndex'] === undefined ? 6 : 2147483647,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: policy ? 'Failed' : 'TerminatingOrFailed',
    manualSelector: false,
    ...withTemplate(spec),
  }
}

function withTemplate(spec: Loose): Loose {
  const template = mapAt(spec, 'template')
  const policy = asLoose(spec['podFailurePolicy'])
  const rules = asList(policy?.['rules']).map((rule) => {
    const patterns = rule['onPodConditions']
    if (!Array.isArray(patterns)) return rule
    return {
      ...rule,
      onPodConditions: asList(patterns).map((pattern) => ({ ...pattern, status: pattern['status'] || 'True' })),
    }
  })
  return {
    ...spec,
    ...(policy ? { podFailurePolicy: { ...policy, rules } } : {}),
    template: { ...template, spec: defaultPodSpec(mapAt(template, 'spec')) },
  }
}

/** An object without labels takes those of its template. */
export function withDefaultLabels(object: KubeObject): KubeObject {
  const labels = mapAt(mapAt(mapAt(object, 'spec'), 'template'), 'metadata')['labels'] as Labels | undefined
  if (labels === undefined || Object.keys(object.metadata.labels ?? {}).length > 0) return object
  return { ...object, metadata: { ...object.metadata, labels } }
}

export function defaultCronJob(object: KubeObject): KubeObject {
  const template = mapAt(mapAt(object, 'spec'), 'jobTemplate')
  const jobTemplate = { ...template, spec: withTemplate(mapAt(template, 'spec')) }
  const defaults = {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  }
  return { ...object, spec: { ...defaults, ...mapAt(object, 'spec'), jobTemplate } }
}

/** A Job's selector is its own uid, unless it says that it brings one. */
export function prepareJob(object: KubeObject, random: Random): KubeObject {
  const bare = { ...object, status: {} }
  const spec = mapAt(object, 'spec')
  if (spec['manualSelector'] === true) return bare
  const made: KubeObject = { ...bare, metadata: { ...object.metadata, uid: randomUid(random) } }
  const labels = jobLabels(made)
  const template = mapAt(spec, 'template')
  const meta = mapAt(template, 'metadata')
  const all = { ...labels, ...mapAt(meta, 'labels') }
  // What is read back is defaulted once more: an object without labels has its template's then, with these in it.
  const bareLabels = Object.keys(object.metadata.labels ?? {}).length === 0 || object.metadata.labels === meta['labels']
  const key = 'batch.kubernetes.io/controller-uid'
  const selector = asLoose(spec['selector']) ?? {}
  return {
    ...made,
    metadata: { ...made.metadata, ...(bareLabels ? { labels: all as Labels } : {}) },
    spec: {
      ...spec,
      selector: { ...selector, matchLabels: { ...mapAt(selector, 'matchLabels'), [key]: labels[key] } },
      template: { ...template, metadata: { ...meta, labels: all } },
    },
  }
}

/** Bytes come whole. */
export function fractionWarnings({ storage }: Loose, field: string): readonly string[] {
  if (typeof storage !== 'string' || !storage.endsWith('m')) return []
  return [`${field}[storage]: fractional byte value ${JSON.stringify(storage)} is invalid, must be an integer`]
}

export function withFinalizer(object: KubeObject, name: string): KubeObject {
  const finalizers = [...new Set([...(object.metadata.finalizers ?? []), `kubernetes.io/${name}`])]
  return { ...object, metadata: { ...object.metadata, finalizers } }
}

/** A LimitRange is the one kind that may come without a name. */
export function nameLimitRange(object: KubeObject, random: Random): KubeObject {
  const { metadata } = object
  return metadata.name === '' ? { ...object, metadata: { ...metadata, name: randomUid(random) } } : object
}

/** Fields of a feature that is not on are dropped. */
export function withoutStrategy(object: KubeObject): KubeObject {
  const { strategy, preferredHolder, ...spec } = mapAt(object, 'spec')
  return strategy === undefined && preferredHolder === undefined ? object : { ...object, spec }
}

/** A claim waits, and is not deleted while a pod uses it. Its two sources tell the same. */
export function prepareClaim(object: KubeObject): KubeObject {
  const { dataSource: source, dataSourceRef: reference, ...spec } = mapAt(object, 'spec')
  const one = sourceKinds.includes(sourceKind(asLoose(source))) ? asLoose(source) : undefined
  const other = asLoose(reference)
  const isLocal = other?.['namespace'] === undefined
  const sources = {
    ...(one || (other && isLocal) ? { dataSource: one ?? other } : {}),
    ...(one || other ? { dataSourceRef: other ?? one } : {}),
  }
  return { ...withFinalizer(object, 'pvc-protection'), spec: { ...spec, ...sources }, status: { phase: 'Pending' } }
}

/** The kinds that `dataSource` can name; others are dropped. */
const sourceKinds = ['/PersistentVolumeClaim', 'snapshot.storage.k8s.io/VolumeSnapshot']

function sourceKind(source: Loose | undefined): string {
  return source ? `${text(source, 'apiGroup')}/${text(source, 'kind')}` : ''
}

export function defaultVolume(object: KubeObject): KubeObject {
  const path = asLoose(mapAt(object, 'spec')['hostPath'])
  const filled = withSpec(object, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })
  return path ? { ...filled, spec: { ...mapAt(filled, 'spec'), hostPath: { type: '', ...path } } } : filled
}

const group = 'rbac.authorization.k8s.io'

export function defaultBinding(object: KubeObject): KubeObject {
  const subjects = object['subjects']
  const named = asList(subjects).map((subject) =>
    subject['kind'] === 'User' || subject['kind'] === 'Group' ? { apiGroup: group, ...subject } : subject,
  )
  return {
    ...object,
    roleRef: { apiGroup: group, ...withoutEmpty(mapAt(object, 'roleRef')) },
    ...(Array.isArray(subjects) ? { subjects: named } : {}),
  }
}

function withoutEmpty(reference: Loose): Loose {
  return Object.fromEntries(Object.entries(reference).filter(([key, value]) => key !== 'apiGroup' || value !== ''))
}

export function defaultController(object: KubeObject): KubeObject {
  const spec = mapAt(object, 'spec')
  const template = asLoose(spec['template'])
  const labels = mapAt(template, 'metadata')['labels']
  const selector = Object.keys(mapAt(spec, 'selector')).length === 0 ? (labels ?? spec['selector']) : spec['selector']
  return withDefaultLabels({
    ...object,
    spec: {
      replicas: 1,
      ...spec,
      ...(selector === undefined ? {} : { selector }),
      ...(template ? { template: { ...template, spec: defaultPodSpec(mapAt(template, 'spec')) } } : {}),
    },
  })
}
