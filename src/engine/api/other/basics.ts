import { forbidden, invalid, invalids } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { goStruct, plainJson } from '../json.ts'
import type { KubeObject, Labels } from '../types.ts'
import { cidrFaults } from '../validation/addresses.ts'
import { oneOf, validateObjectMeta, validateObjectMetaUpdate } from '../validation/meta.ts'
import type { NameRule } from '../validation/meta.ts'
import {
  byteLength,
  configMapKey,
  dns1123Label,
  dns1123Subdomain,
  labelValueFaults,
  qualifiedName,
} from '../validation/names.ts'
import { text } from '../workload/fields.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'

/** Every namespace carries its name as a label, whatever the manifest says. */
export function prepareNamespace(object: KubeObject): KubeObject {
  const { metadata } = object
  const labels: Labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  return {
    ...object,
    metadata: { ...metadata, ...(metadata.name === '' ? {} : { labels }) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }
}

function metaFaults(object: KubeObject, old: KubeObject | undefined, rule: NameRule): readonly FieldError[] {
  return old ? validateObjectMetaUpdate(object.metadata, old.metadata) : validateObjectMeta(object.metadata, rule)
}

export function validateNamespace(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  return metaFaults(object, old, dns1123Label)
}

const mebibyte = 1024 * 1024

/** Source: kubernetes pkg/apis/core/validation, ValidateConfigMap. */
export function validateConfigMap(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const data = (asLoose(object['data']) ?? {}) as Labels
  const binary = (asLoose(object['binaryData']) ?? {}) as Labels
  const faults: FieldError[] = [...metaFaults(object, old, dns1123Subdomain)]
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    faults.push(...invalids(`data[${key}]`, key, configMapKey(key)))
    if (Object.hasOwn(binary, key)) {
      faults.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    }
    size += byteLength(value)
  }
  for (const [key, value] of Object.entries(binary)) {
    faults.push(...invalids(`binaryData[${key}]`, key, configMapKey(key)))
    size += Math.floor((value.replace(/=+$/, '').length * 3) / 4)
  }
  if (size > mebibyte) {
    faults.push({ field: '', type: 'Too long', detail: `may not be more than ${mebibyte} bytes` })
  }
  if (old?.['immutable'] === true) {
    const detail = 'field is immutable when `immutable` is set'
    for (const field of ['immutable', 'data', 'binaryData']) {
      if (plainJson(object[field]) !== plainJson(old[field])) faults.push(forbidden(field, detail))
    }
  }
  return faults
}

export function validateNode(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const spec = asLoose(object['spec']) ?? {}
  const faults: FieldError[] = [...metaFaults(object, old, dns1123Subdomain)]
  asList(spec['taints']).forEach((taint, i) => {
    const field = `spec.taints[${i}]`
    const [key, value] = [text(taint, 'key'), text(taint, 'value')]
    faults.push(...invalids(`${field}.key`, key, qualifiedName(key)))
    faults.push(...invalids(`${field}.value`, value, labelValueFaults(value)))
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
    faults.push(...oneOf(`${field}.effect`, text(taint, 'effect'), effects))
    const isSame = (other: Loose): boolean => other['key'] === taint['key'] && other['effect'] === taint['effect']
    if (asList(spec['taints']).findIndex(isSame) < i) {
      const shown = { Key: key, Value: value, Effect: taint['effect'], TimeAdded: taint['timeAdded'] ?? null }
      const detail = 'taints must be unique by key and effect pair'
      faults.push({ field: `metadata.taints[${i}]`, type: 'Duplicate value', badValue: goStruct(shown), detail })
    }
  })
  const cidrs = (Array.isArray(spec['podCIDRs']) ? spec['podCIDRs'] : []) as readonly string[]
  if (!old) cidrs.forEach((cidr, i) => faults.push(...cidrFaults(`spec.podCIDRs[${i}]`, cidr)))
  const families = new Set(cidrs.map((cidr) => cidr.includes(':')))
  if (!old && cidrs.length > families.size) {
    faults.push(invalid('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'))
  }
  const before = asLoose(old?.['spec'])
  if (before && before['podCIDR'] !== undefined && before['podCIDR'] !== spec['podCIDR']) {
    faults.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  }
  return faults
}
