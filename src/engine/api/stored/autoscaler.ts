import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { KubeObject } from '../types.ts'
import { dns1123Label } from '../validation/names.ts'
import { asList, asLoose } from '../workload/loose.ts'
import type { Loose } from '../workload/loose.ts'
import { count, text } from '../workload/fields.ts'
import { amount, choice, mapAt, namedBy, pathSegment } from './rules.ts'

/** Source: kubernetes pkg/apis/autoscaling/validation. */
export function validateAutoscaler(object: KubeObject): readonly FieldError[] {
  const spec = mapAt(object, 'spec')
  const [min, max] = [count(spec, 'minReplicas'), count(spec, 'maxReplicas') ?? 0]
  const faults: FieldError[] = []
  if (min !== undefined && min < 1) faults.push(invalid('spec.minReplicas', min, 'must be greater than or equal to 1'))
  if (max < 1) faults.push(invalid('spec.maxReplicas', max, 'must be greater than 0'))
  if (min !== undefined && max < min) {
    faults.push(invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'))
  }
  faults.push(...targetFaults(mapAt(spec, 'scaleTargetRef'), 'spec.scaleTargetRef'))
  const metrics = asList(spec['metrics'])
  metrics.forEach((metric, i) => faults.push(...metricFaults(metric, `spec.metrics[${i}]`)))
  if (min === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas'
    faults.push(forbidden('spec.metrics', detail))
  }
  const behavior = mapAt(spec, 'behavior')
  for (const name of ['scaleUp', 'scaleDown']) {
    const rules = asLoose(behavior[name])
    if (rules) faults.push(...scalingFaults(rules, `spec.behavior.${name}`))
  }
  return faults
}

function targetFaults(reference: Loose, field: string, needsGroup = true): readonly FieldError[] {
  const version = text(reference, 'apiVersion')
  const parts = version.split('/')
  const faults = [
    ...namedBy(`${field}.kind`, text(reference, 'kind'), pathSegment),
    ...namedBy(`${field}.name`, text(reference, 'name'), pathSegment),
  ]
  if (parts.length > 2) {
    faults.push(invalid(`${field}.apiVersion`, version, `unexpected GroupVersion string: ${version}`))
  } else if (needsGroup && (parts.length < 2 || parts[0] === '')) {
    faults.push(invalid(`${field}.apiVersion`, version, 'apiVersion must specify API group'))
  }
  return faults
}

const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
/** In the order in which the server looks at them. */
const sources = ['object', 'external', 'pods', 'resource', 'containerResource']

function metricFaults(metric: Loose, field: string): readonly FieldError[] {
  const type = text(metric, 'type')
  const faults: FieldError[] = []
  const unknown = metricTypes.includes(type) ? [] : [notSupported(`${field}.type`, type, metricTypes)]
  if (type === '') faults.push(required(`${field}.type`, 'must specify a metric source type'))
  const given = sources.filter((name) => asLoose(metric[name]))
  const [first] = given
  faults.push(...unknown)
  if (first !== undefined) faults.push(...sourceFaults(first, mapAt(metric, first), `${field}.${first}`))
  const expected = type.charAt(0).toLowerCase() + type.slice(1)
  if (unknown.length === 0 && !given.includes(expected)) {
    faults.push(required(`${field}.${expected}`, 'must populate information for the given metric source'))
  }
  faults.push(...unknown)
  if (given.length === 1) return faults
  const others = given.filter((name) => name !== expected)
  return [
    ...faults,
    ...others.map((name) => forbidden(`${field}.${name}`, 'must populate the given metric source only')),
  ]
}

function sourceFaults(source: string, metric: Loose, field: string): readonly FieldError[] {
  const target = mapAt(metric, 'target')
  const at = `${field}.target`
  const has = (name: string): boolean => target[name] !== undefined
  const faults: FieldError[] = []
  if (source === 'object')
    faults.push(...targetFaults(mapAt(metric, 'describedObject'), `${field}.describedObject`, false))
  if (source === 'resource' || source === 'containerResource') {
    if (text(metric, 'name') === '') faults.push(required(`${field}.name`, 'must specify a resource name'))
  } else {
    const name = text(mapAt(metric, 'metric'), 'name')
    if (name === '') faults.push(required(`${field}.metric.name`, 'must specify a metric name'))
    else faults.push(...invalids(`${field}.metric.name`, name, pathSegment(name)))
  }
  if (source === 'containerResource') {
    const container = text(metric, 'container')
    if (container === '') faults.push(required(`${field}.container`, 'must specify a container'))
    else faults.push(...invalids(`${field}.container`, container, dns1123Label(container)))
  }
  faults.push(...metricTargetFaults(target, at))
  switch (source) {
    case 'object':
    case 'external': {
      const detail =
        source === 'object'
          ? 'must set either a target value or averageValue'
          : 'must set either a target value for metric or a per-pod target'
      if (!has('value') && !has('averageValue')) faults.push(required(`${at}.averageValue`, detail))
      if (source === 'external' && has('value') && has('averageValue')) {
        faults.push(forbidden(`${at}.value`, 'may not set both a target value for metric and a per-pod target'))
      }
      break
    }
    case 'pods':
      if (!has('averageValue'))
        faults.push(required(`${at}.averageValue`, 'must specify a positive target averageValue'))
      break
    default: {
      const both = 'a target raw value and a target utilization'
      const either = 'must set either a target raw value or a target utilization'
      if (!has('averageUtilization') && !has('averageValue')) faults.push(required(`${at}.averageUtilization`, either))
      if (has('averageUtilization') && has('averageValue')) {
        faults.push(forbidden(`${at}.averageValue`, `may not set both ${both}`))
      }
    }
  }
  return faults
}

function metricTargetFaults(target: Loose, field: string): readonly FieldError[] {
  const type = text(target, 'type')
  const faults: FieldError[] = []
  if (type === '') faults.push(required(`${field}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    faults.push(invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  }
  for (const name of ['value', 'averageValue']) {
    const value = target[name]
    if (value !== undefined && amount(value) <= 0) {
      faults.push(invalid(`${field}.${name}`, value, 'must be positive'))
    }
  }
  const utilization = count(target, 'averageUtilization')
  if (utilization !== undefined && utilization < 1) {
    faults.push(invalid(`${field}.averageUtilization`, utilization, 'must be greater than 0'))
  }
  return faults
}

function scalingFaults(rules: Loose, field: string): readonly FieldError[] {
  const window = count(rules, 'stabilizationWindowSeconds') ?? 0
  const policies = asList(rules['policies'])
  const faults: FieldError[] = []
  const refuse = (name: string, value: number, detail: string): number =>
    faults.push(invalid(`${field}.${name}`, value, detail))
  if (window < 0) refuse('stabilizationWindowSeconds', window, 'must be greater than or equal to zero')
  if (window > 3600) refuse('stabilizationWindowSeconds', window, 'must be less than or equal to 3600')
  faults.push(...choice(`${field}.selectPolicy`, rules['selectPolicy'], ['Disabled', 'Max', 'Min']))
  if (policies.length === 0) faults.push(required(`${field}.policies`, 'must specify at least one Policy'))
  policies.forEach((policy, i) => {
    const at = `policies[${i}]`
    const [value, period] = [count(policy, 'value') ?? 0, count(policy, 'periodSeconds') ?? 0]
    faults.push(...choice(`${field}.${at}.type`, text(policy, 'type'), ['Percent', 'Pods']))
    if (value <= 0) refuse(`${at}.value`, value, 'must be greater than zero')
    if (period <= 0) refuse(`${at}.periodSeconds`, period, 'must be greater than zero')
    if (period > 1800) refuse(`${at}.periodSeconds`, period, 'must be less than or equal to 1800')
  })
  return faults
}

const window = 15
const everyPolicy = { type: 'Percent', value: 100, periodSeconds: window }
const scaleUp = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: window }, everyPolicy],
}
const scaleDown = { selectPolicy: 'Max', policies: [everyPolicy] }

/** Both versions, as version 2 tells them. Source: kubernetes pkg/apis/autoscaling/v2/defaults.go. */
export function defaultAutoscaler(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: percent = 80, ...spec } = mapAt(object, 'spec')
  const target = { type: 'Utilization', averageUtilization: percent }
  const metrics = asList(spec['metrics'])
  const behavior = asLoose(spec['behavior'])
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      minReplicas: spec['minReplicas'] ?? 1,
      metrics: metrics.length > 0 ? metrics : [{ type: 'Resource', resource: { name: 'cpu', target } }],
      ...(behavior
        ? {
            behavior: {
              scaleUp: { ...scaleUp, ...asLoose(behavior['scaleUp']) },
              scaleDown: { ...scaleDown, ...asLoose(behavior['scaleDown']) },
            },
          }
        : {}),
    },
  }
}
