import type { Random } from '../../base/random.ts'
import { err, ok } from '../../base/result.ts'
import type { Result } from '../../base/result.ts'
import { formatFieldError, invalid, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { invalidStatus } from '../status.ts'
import type { StatusError } from '../status.ts'
import type { Service } from '../types.ts'
import { allocateAddresses, allocateHealthCheckPort, allocateNodePorts, updateNodePorts } from './allocate.ts'
import type { Allocation } from './allocate.ts'
import { chooseFamilies } from './families.ts'
import type { Pools } from './pools.ts'
import { alignClusterIPs, carryAllocated, dropStale } from './update.ts'
import { validateService } from './validate.ts'
import { validateServiceUpdate } from './validateUpdate.ts'
import type { ServiceSpec } from './service.ts'

export interface ServiceContext {
  readonly pools: Pools
  readonly random: Random
  readonly dryRun: boolean
}

/**
 * Allocates for and checks a new Service (`old` undefined) or an update, in the API server's order: allocation speaks
 * before validation. The pools are read only; count the result's holdings once it is stored.
 * Source: kubernetes pkg/registry/core/service/storage.
 */
export function admitService(
  service: Service,
  old: Service | undefined,
  context: ServiceContext,
): Result<Service, StatusError> {
  const name = service.metadata.name
  const allocation: Allocation = { name, taken: new Set(), ...context }
  const carried = alignClusterIPs(old ? carryAllocated(service.spec, old.spec) : service.spec, old?.spec)
  const families = chooseFamilies(
    carried,
    old?.spec,
    context.pools.addresses.map(({ family }) => family),
  )
  if (!families.ok) return err(invalidStatus('Service', name, families.error))
  const allocated = allocate(allocation, families.value, old?.spec)
  if (!allocated.ok) return allocated
  const spec = old ? dropStale(allocated.value, old.spec) : allocated.value
  const admitted: Service = { ...service, spec }
  const faults = old ? validateServiceUpdate(admitted, old) : validateService(admitted)
  return faults.length > 0 ? err(invalidStatus('Service', name, faults)) : ok(admitted)
}

function allocate(
  allocation: Allocation,
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
): Result<ServiceSpec, StatusError> {
  const holder = old || allocation.dryRun ? [] : holderFaults(allocation.name)
  if (holder.length > 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None') {
    return err(invalidStatus('Service', allocation.name, [holderFault(allocation, spec, holder)]))
  }
  const addressed = allocateAddresses(allocation, spec, old)
  if (!addressed.ok) return addressed
  const ported = old
    ? updateNodePorts(allocation, addressed.value, old)
    : allocateNodePorts(allocation, addressed.value)
  return ported.ok ? allocateHealthCheckPort(allocation, ported.value, old) : ported
}

/** Names that an IPAddress object cannot refer to. */
function holderFaults(name: string): readonly FieldError[] {
  const field = 'spec.parentRef.name'
  if (name === '') return [required(field)]
  if (name === '.' || name === '..') return [invalid(field, name, `may not be '${name}'`)]
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => invalid(field, name, `may not contain '${c}'`))
}

/** An IPAddress object names the Service that holds it: that the name is no good comes to light there first. */
function holderFault(
  allocation: Allocation,
  spec: ServiceSpec,
  faults: readonly FieldError[],
): ReturnType<typeof invalid> {
  const asked = spec.clusterIPs?.[0] ?? ''
  const ip = asked === '' ? (allocation.pools.addresses[0]?.next(allocation.random) ?? '') : asked
  const causes = faults.map(formatFieldError).join(', ')
  const list = faults.length === 1 ? causes : `[${causes}]`
  const missing = `IPAddress.networking.k8s.io ${JSON.stringify(ip)} is invalid: ${list}`
  return invalid('spec.clusterIPs', [asked], `failed to allocate IP${asked === '' ? '' : ` ${asked}`}: ${missing}`)
}
