import type { Node } from '../../api/types.ts'
import { err, ok } from '../../base/result.ts'
import type { Result } from '../../base/result.ts'
import { parseQuantity } from '../scheduler/quantity.ts'

/** A zone may get at most this much more traffic per endpoint than its share of CPUs. Source: topologycache OverloadThreshold. */
const overloadThreshold = 0.2

const excludedLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

/**
 * Share of each zone in the CPUs of ready workers. The error is the event's message: with one zone only it is the same as
 * with missing information. Source: topologycache.go SetNodes, getAllocations.
 */
export function cpuRatios(nodes: Iterable<Node>): Result<ReadonlyMap<string, number>, string> {
  const insufficient = 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  const perZone = new Map<string, number>()
  let total = 0
  for (const node of [...nodes].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const labels = node.metadata.labels ?? {}
    if (excludedLabels.some((label) => label in labels)) continue
    if (!isNodeReady(node)) continue
    const allocatable = node.status?.['allocatable'] as { readonly cpu?: string | number } | undefined
    const milliCpu = Math.ceil((parseQuantity(String(allocatable?.cpu ?? '')) ?? 0) * 1000)
    const zone = labels['topology.kubernetes.io/zone'] ?? ''
    if (zone === '' || milliCpu === 0) return err(insufficient)
    perZone.set(zone, (perZone.get(zone) ?? 0) + milliCpu)
    total += milliCpu
  }
  if (perZone.size < 2) return err(insufficient)
  return ok(new Map([...perZone].map(([zone, cpu]) => [zone, cpu / total])))
}

export function isNodeReady(node: Node): boolean {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

/** How many endpoints a zone shall have. */
export interface ZoneShare {
  /** A fraction. */
  readonly desired: number
  readonly maximum: number
}

export function allocateZones(
  ratios: ReadonlyMap<string, number>,
  count: number,
): Result<ReadonlyMap<string, ZoneShare>, string> {
  const size = `(${count} endpoints, ${ratios.size} zones)`
  if (ratios.size > count) return err(`Insufficient number of endpoints ${size}`)
  const minima = [...ratios].map(([zone, ratio]): readonly [string, number, number] => {
    const share = ratio * count
    return [zone, share, minimumOf(share)]
  })
  const left = minima.reduce((rest, [, , minimum]) => rest - minimum, count)
  if (left < 0) {
    return err(
      `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`,
    )
  }
  return ok(
    new Map(
      minima.map(([zone, share, minimum]) => [zone, { desired: Math.max(share, minimum), maximum: minimum + left }]),
    ),
  )
}

function minimumOf(share: number): number {
  return Math.ceil(share * (1 / (1 + overloadThreshold)))
}

/** Whether some zone has fewer endpoints than its CPUs ask for: such Services are looked at again when nodes change. */
export function isOverloaded(given: ReadonlyMap<string, number>, ratios: ReadonlyMap<string, number>): boolean {
  if (given.size === 0) return false
  if (ratios.size === 0) return true
  const total = [...given.values()].reduce((sum, n) => sum + n, 0)
  return [...ratios].some(([zone, ratio]) => (given.get(zone) ?? -1) < minimumOf(total * ratio))
}

interface Moves {
  readonly giving: Map<string, number>
  readonly receiving: Map<string, number>
}

/**
 * Whole endpoints to move from zones that have too many to zones that have too few. Source: topologycache/utils.go
 * getGivingAndReceivingZones. Differs: equals go by zone, upstream takes any.
 */
export function moves(desired: ReadonlyMap<string, ZoneShare>, given: ReadonlyMap<string, number>): Moves {
  const surplus = new Map<string, number>()
  const lack = new Map<string, number>()
  for (const [zone, { desired: target }] of desired) {
    const difference = (given.get(zone) ?? 0) - target
    if (difference > 0) surplus.set(zone, difference)
    if (difference < 0) lack.set(zone, -difference)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [from, give] = most(surplus)
    const [to, receive] = most(lack)
    if (from === undefined || to === undefined) break
    if ((give < 1 && receive < 1) || give < 0.5 || receive < 0.5) break
    giving.set(from, (giving.get(from) ?? 0) + 1)
    surplus.set(from, give - 1)
    receiving.set(to, (receiving.get(to) ?? 0) + 1)
    lack.set(to, receive - 1)
  }
  return { giving, receiving }
}

function most(amounts: ReadonlyMap<string, number>): readonly [string | undefined, number] {
  let best: string | undefined
  let amount = 0
  for (const [zone, n] of amounts) {
    if (n > amount) [best, amount] = [zone, n]
  }
  return [best, amount]
}
