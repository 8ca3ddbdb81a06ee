import { nthAddress } from '../../base/cidr.ts'
import { familyOf, parseIp } from '../../base/ip.ts'
import type { Ip, IpFamily } from '../../base/ip.ts'
import type { Random } from '../../base/random.ts'
import { err, ok } from '../../base/result.ts'
import type { Result } from '../../base/result.ts'
import { invalid } from '../fieldError.ts'
import { internalErrorStatus, invalidStatus } from '../status.ts'
import type { StatusError } from '../status.ts'
import type { ServicePort } from '../types.ts'
import { isUntouchedPreferDual } from './families.ts'
import { nodePortRange, poolOf } from './pools.ts'
import type { Pools } from './pools.ts'
import { allocatesNodePorts, needsHealthCheckNodePort, needsNodePort, nodePortsOf, withFields } from './service.ts'
import type { ServiceSpec } from './service.ts'

/** One admission's reservations: nothing in the pools changes before the object is stored. */
export interface Allocation {
  readonly name: string
  readonly pools: Pools
  readonly random: Random
  readonly dryRun: boolean
  /** Node ports taken by this admission so far. */
  readonly taken: Set<number>
}

type Allocated = Result<ServiceSpec, StatusError>

function refuse(allocation: Allocation, field: string, value: unknown, detail: string): Allocated {
  return err(invalidStatus('Service', allocation.name, [invalid(field, value, detail)]))
}

function allocatePort(allocation: Allocation, port: number): string | undefined {
  if (port < nodePortRange.first || port > nodePortRange.last) {
    const range = `${nodePortRange.first}-${nodePortRange.last}`
    return `provided port is not in the valid range. The range of valid ports is ${range}`
  }
  if (allocation.pools.ports.has(port) || allocation.taken.has(port)) return 'provided port is already allocated'
  allocation.taken.add(port)
  return undefined
}

function nextPort(allocation: Allocation): number | undefined {
  for (let tries = 0; tries < 3000; tries++) {
    const port = allocation.pools.ports.next(allocation.random)
    if (port === undefined) return undefined
    if (!allocation.taken.has(port)) {
      allocation.taken.add(port)
      return port
    }
  }
  return undefined
}

/** Addresses for the families that have none yet. The families are chosen before. */
export function allocateAddresses(allocation: Allocation, spec: ServiceSpec, old: ServiceSpec | undefined): Allocated {
  if (spec.type === 'ExternalName') return ok(spec)
  if (!old || old.type === 'ExternalName') {
    return spec.clusterIPs?.[0] === 'None' ? ok(spec) : allocateFrom(allocation, spec, 0)
  }
  // An existing Service may get its second family; a changed primary address is validation's business.
  if (isUntouchedPreferDual(spec, old) || old.clusterIPs?.[0] === 'None') return ok(spec)
  const upgraded = old.ipFamilies?.length === 1 && spec.ipFamilies?.length === 2
  return upgraded ? allocateFrom(allocation, spec, 1) : ok(spec)
}

/** Addresses of the families from the `first` on; those before have theirs. */
function allocateFrom(allocation: Allocation, spec: ServiceSpec, first: number): Allocated {
  const families = spec.ipFamilies ?? []
  const ips = families.map((_, i) => spec.clusterIPs?.[i] ?? '')
  for (const [i, family] of families.entries()) {
    if (i < first) continue
    const asked = ips[i] ?? ''
    const given = asked === '' ? nextAddress(allocation, family) : fixedAddress(allocation, asked)
    if ('problem' in given) {
      if (asked === '') return err(internalErrorStatus(given.problem))
      return refuse(allocation, 'spec.clusterIPs', ips, `failed to allocate IP ${asked}: ${given.problem}`)
    }
    ips[i] = given.ip
  }
  if (ips.length === 0) return ok(spec)
  return ok(withFields(spec, { ...(first === 0 ? { clusterIP: ips[0] } : {}), clusterIPs: ips }))
}

type Given = { readonly ip: string } | { readonly problem: string }

function nextAddress(allocation: Allocation, family: IpFamily): Given {
  const pool = poolOf(allocation.pools, family)
  // Dry run: the first address of the range, which is never given out.
  const ip = allocation.dryRun ? pool && nthAddress(pool.cidr, 0) : pool?.next(allocation.random)
  return ip === undefined ? { problem: 'failed to allocate a serviceIP: range is full' } : { ip }
}

/** The address as it was written; the pool knows its canonical form. */
function fixedAddress(allocation: Allocation, text: string): Given {
  const parsed = parseIp(text)
  const ip: Ip | undefined = parsed.ok ? parsed.value : undefined
  const pool = ip && poolOf(allocation.pools, familyOf(ip))
  if (!ip || !pool?.isUsable(ip)) return { problem: 'the provided network does not match the current range' }
  return pool.has(ip) ? { problem: 'provided IP is already allocated' } : { ip: text }
}

function replacePort(spec: ServiceSpec, i: number, nodePort: number): ServiceSpec {
  return withFields(spec, { ports: (spec.ports ?? []).map((port, j) => (i === j ? { ...port, nodePort } : port)) })
}

/** Ports of one number share a node port, whatever their protocols; who gives one gives it for all. */
export function allocateNodePorts(allocation: Allocation, spec: ServiceSpec): Allocated {
  if (!needsNodePort(spec)) return ok(spec)
  const byPort = new Map<number, number>()
  let next = spec
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const asked = port.nodePort ?? 0
    if (asked === 0 && !allocatesNodePorts(spec)) continue
    const field = `spec.ports[${i}].nodePort`
    const shared = byPort.get(port.port)
    if (shared === undefined) {
      const wanted = requestedFor(spec.ports ?? [], port.port)
      const problem = wanted === 0 ? undefined : allocatePort(allocation, wanted)
      if (problem !== undefined) return refuse(allocation, field, wanted, problem)
      const given = wanted === 0 ? nextPort(allocation) : wanted
      if (given === undefined) return err(internalErrorStatus('failed to allocate a nodePort: range is full'))
      byPort.set(port.port, given)
      next = replacePort(next, i, given)
    } else if (asked === 0) {
      next = replacePort(next, i, shared)
    } else if (asked !== shared) {
      const problem = allocatePort(allocation, asked)
      if (problem !== undefined) return refuse(allocation, field, asked, problem)
    }
  }
  return ok(next)
}

function requestedFor(ports: readonly ServicePort[], port: number): number {
  return ports.find((other) => other.port === port && (other.nodePort ?? 0) !== 0)?.nodePort ?? 0
}

/** Node ports after an update: what was held before is kept, what is new is taken. */
export function updateNodePorts(allocation: Allocation, spec: ServiceSpec, old: ServiceSpec): Allocated {
  if (!needsNodePort(spec)) return ok(spec)
  const held = nodePortsOf(old)
  const used = new Set<string>()
  let next = spec
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const asked = port.nodePort ?? 0
    let nodePort = asked
    if (asked === 0) {
      if (!allocatesNodePorts(spec)) continue
      const given = nextPort(allocation)
      if (given === undefined) return err(internalErrorStatus('failed to allocate a nodePort: range is full'))
      nodePort = given
      next = replacePort(next, i, given)
    } else if (!held.includes(asked) && !allocation.taken.has(asked)) {
      const problem = allocatePort(allocation, asked)
      if (problem !== undefined) return refuse(allocation, `spec.ports[${i}].nodePort`, asked, problem)
    }
    const entry = `{${port.protocol} ${nodePort}}`
    if (used.has(entry)) return err({ reason: '', message: `duplicate nodePort: ${entry}`, fields: ['spec.ports'] })
    used.add(entry)
  }
  return ok(next)
}

/** The health check port of a load balancer with `externalTrafficPolicy: Local`. */
export function allocateHealthCheckPort(
  allocation: Allocation,
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
): Allocated {
  if (!needsHealthCheckNodePort(spec) || (old && needsHealthCheckNodePort(old))) return ok(spec)
  const asked = spec.healthCheckNodePort ?? 0
  if (asked !== 0) {
    const problem = allocatePort(allocation, asked)
    if (problem === undefined) return ok(spec)
    const subject = `failed to allocate requested HealthCheck NodePort ${asked}`
    return err({ ...internalErrorStatus(`${subject}: ${problem}`), fields: ['spec.healthCheckNodePort'] })
  }
  const given = nextPort(allocation)
  if (given === undefined) return err(internalErrorStatus('failed to allocate a HealthCheck NodePort: range is full'))
  return ok(withFields(spec, { healthCheckNodePort: given }))
}
