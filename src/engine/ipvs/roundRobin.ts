import type { RealServer, VirtualServer } from './virtualServer.ts'

/** rr: the next server after the last one with a weight. Source: ip_vs_rr.c. */
export function selectRoundRobin(virtual: VirtualServer): RealServer | undefined {
  const { servers } = virtual
  for (let step = 1; step <= servers.length; step++) {
    const index = (virtual.pointer + step) % servers.length
    const server = servers[index]
    if (server && server.weight > 0) {
      virtual.pointer = index
      return server
    }
  }
  return undefined
}

/** wrr: from `pointer` on, the next server that weighs at least the current weight, which sinks pass by pass. Source: ip_vs_wrr.c. */
export function selectWeightedRoundRobin(virtual: VirtualServer): RealServer | undefined {
  const { servers, weighted } = virtual
  if (weighted.max <= 0) return undefined
  let index = virtual.pointer
  // `max` is some server's weight less the step: a pass at that weight always finds one.
  for (;;) {
    for (index++; index < servers.length; index++) {
      const server = servers[index]
      if (server && server.weight >= weighted.current) {
        virtual.pointer = index
        return server
      }
    }
    index = -1
    weighted.current -= weighted.step
    if (weighted.current <= 0) weighted.current = weighted.max
  }
}

/** wrr after any server or weight changed: back to the head; the current weight is kept where it still makes sense. */
export function weightsChanged(virtual: VirtualServer): void {
  if (virtual.scheduler !== 'wrr') return
  const { weighted } = virtual
  let step = 0
  let largest = 0
  for (const { weight } of virtual.servers) {
    if (weight > 0) step = greatestCommonDivisor(weight, step)
    largest = Math.max(largest, weight)
  }
  virtual.pointer = -1
  weighted.step = step || 1
  weighted.max = largest - (weighted.step - 1)
  if (weighted.current > weighted.max || weighted.current === 0) weighted.current = weighted.max
  else if (weighted.step > 1) weighted.current = Math.floor(weighted.current / weighted.step) * weighted.step + 1
}

export function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b]
  return a
}
