import type { RealServer } from './virtualServer.ts'

/** How loaded a server is for lc, wlc, lblc and lblcr: an active connection counts 256 times. */
export function overhead(server: RealServer): number {
  return server.active * 256 + server.inactive
}

/** What the next connection would find: sed and nq look at active ones alone. */
function expectedOverhead(server: RealServer): number {
  return server.active + 1
}

/** lc: least overhead; the first in the list wins a tie. Source: ip_vs_lc.c. */
export function selectLeastConnection(servers: readonly RealServer[]): RealServer | undefined {
  let least: RealServer | undefined
  let load = 0
  for (const server of servers) {
    if (server.weight <= 0) continue
    const own = overhead(server)
    if (!least || own < load) {
      least = server
      load = own
    }
  }
  return least
}

function leastPerWeight(
  servers: readonly RealServer[],
  measure: (server: RealServer) => number,
): RealServer | undefined {
  let least: RealServer | undefined
  let load = 0
  for (const server of servers) {
    if (server.weight <= 0) continue
    const own = measure(server)
    // load / least.weight > own / server.weight, without the division.
    if (!least || load * server.weight > own * least.weight) {
      least = server
      load = own
    }
  }
  return least
}

/** wlc: least overhead per weight. Source: ip_vs_wlc.c. */
export function selectWeightedLeastConnection(servers: readonly RealServer[]): RealServer | undefined {
  return leastPerWeight(servers, overhead)
}

/** sed: least (active + 1) per weight. Source: ip_vs_sed.c. */
export function selectShortestExpectedDelay(servers: readonly RealServer[]): RealServer | undefined {
  return leastPerWeight(servers, expectedOverhead)
}

/** nq: the first idle server, else as sed. Source: ip_vs_nq.c. */
export function selectNeverQueue(servers: readonly RealServer[]): RealServer | undefined {
  return servers.find((server) => server.weight > 0 && server.active === 0) ?? selectShortestExpectedDelay(servers)
}

/** fo: the heaviest; the first in the list wins a tie. Source: ip_vs_fo.c. */
export function selectFailover(servers: readonly RealServer[]): RealServer | undefined {
  return heaviest(servers)
}

/** ovf: the heaviest that has no more active connections than its weight. Source: ip_vs_ovf.c. */
export function selectOverflow(servers: readonly RealServer[]): RealServer | undefined {
  return heaviest(servers.filter((server) => server.active <= server.weight))
}

function heaviest(servers: readonly RealServer[]): RealServer | undefined {
  let best: RealServer | undefined
  for (const server of servers) if (server.weight > (best?.weight ?? 0)) best = server
  return best
}
