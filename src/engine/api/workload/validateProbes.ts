import { forbidden, invalid, invalids, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { validatePortReference } from '../service/validate.ts'
import { nonNegative } from '../validation/meta.ts'
import { headerName } from '../validation/names.ts'
import { count, missing, text } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

/** Probes and hooks. Source: kubernetes pkg/apis/core/validation, validateHandler. */

function validateHandler(handler: Loose, field: string, grace: number | undefined): readonly FieldError[] {
  const faults: FieldError[] = []
  let found = 0
  for (const type of ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']) {
    const action = asLoose(handler[type])
    if (!action) continue
    found += 1
    const path = `${field}.${type}`
    if (found > 1) faults.push(forbidden(path, 'may not specify more than 1 handler type'))
    else faults.push(...validateAction(type, action, path, grace))
  }
  return found === 0 ? [required(field, 'must specify a handler type')] : faults
}

function portFaults(port: unknown, path: string): readonly FieldError[] {
  return validatePortReference(`${path}.port`, typeof port === 'number' || typeof port === 'string' ? port : 0)
}

function validateAction(type: string, action: Loose, path: string, grace: number | undefined): readonly FieldError[] {
  switch (type) {
    case 'exec':
      return missing(action, path, 'command')
    case 'httpGet': {
      const scheme = text(action, 'scheme')
      const schemes = ['HTTP', 'HTTPS']
      return [
        ...missing(action, path, 'path'),
        ...portFaults(action['port'], path),
        ...(schemes.includes(scheme) ? [] : [notSupported(`${path}.scheme`, scheme, schemes)]),
        ...asList(action['httpHeaders']).flatMap((header) => {
          const name = text(header, 'name')
          return invalids(`${path}.httpHeaders`, name, headerName(name))
        }),
      ]
    }
    case 'sleep': {
      const seconds = count(action, 'seconds') ?? 0
      if (grace === undefined || (seconds >= 0 && seconds <= grace)) return []
      const detail = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`
      return [invalid(path, seconds, detail)]
    }
    default:
      return portFaults(action['port'], path)
  }
}

export function validateLifecycle(container: Loose, path: string, spec: Loose): readonly FieldError[] {
  const lifecycle = asLoose(container['lifecycle'])
  if (!lifecycle) return []
  const field = `${path}.lifecycle`
  return ['postStart', 'preStop'].flatMap((hook) => {
    const handler = asLoose(lifecycle[hook])
    return handler ? validateHandler(handler, `${field}.${hook}`, count(spec, 'terminationGracePeriodSeconds')) : []
  })
}

const durations = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']

export function validateProbes(container: Loose, path: string): readonly FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = asLoose(container[name])
    if (!probe) return []
    const field = `${path}.${name}`
    const faults = [
      ...validateHandler(probe, field, undefined),
      ...durations.flatMap((duration) => nonNegative(`${field}.${duration}`, count(probe, duration))),
    ]
    const grace = count(probe, 'terminationGracePeriodSeconds')
    const at = `${field}.terminationGracePeriodSeconds`
    if (grace !== undefined && grace <= 0) faults.push(invalid(at, grace, 'must be greater than 0'))
    if (name === 'readinessProbe') {
      if (grace !== undefined) faults.push(invalid(at, grace, 'must not be set for readinessProbes'))
    } else if (count(probe, 'successThreshold') !== 1) {
      faults.push(invalid(`${field}.successThreshold`, count(probe, 'successThreshold') ?? 0, 'must be 1'))
    }
    return faults
  })
}
