import type { ProxyMode } from '../engine/index.ts'
import type { Point, Rect } from './geometry.ts'
import type { Station } from './places.ts'

/** One node's kernel as drawn: x from the node's left edge, y from the kernel's top. */
export interface KernelPlan {
  /** Stations that the mode has, and no others. */
  readonly stations: Readonly<Partial<Record<Station, Rect>>>
  /** The rule panel: inside `PREROUTING`/`OUTPUT`'s way, or at INPUT for IPVS. */
  readonly panel: Rect
  /** From where a packet enters the panel to where it leaves it, by the hook it came from. */
  readonly through: Readonly<Partial<Record<Station, readonly Point[]>>>
  /** The polyline of a way between two stations, keyed `from>to`. */
  readonly ways: ReadonlyMap<string, readonly Point[]>
  /** What is drawn at rest. */
  readonly wires: readonly (readonly Point[])[]
}

export const NODE_WIDTH = 324
export const KERNEL = { x: 8, w: 308, h: 300 } as const
/** Where kube-proxy's socket lines meet the border between user space and kernel. */
const PROXY_OUT = 240
const PROXY_IN = 280

const at = (x: number, y: number): Point => ({ x, y })

const CNI0: Rect = { x: 28, y: 22, w: 96, h: 22 }
const PREROUTING: Rect = { x: 28, y: 64, w: 96, h: 28 }
const ROUTE: Rect = { x: 28, y: 220, w: 56, h: 28 }
const FORWARD: Rect = { x: 100, y: 220, w: 76, h: 28 }
const POSTROUTING: Rect = { x: 192, y: 220, w: 104, h: 28 }
const ETH0: Rect = { x: 228, y: 266, w: 68, h: 22 }
const ROW = 234
/** Below the first pod: the line from cni0 through PREROUTING down to the routing decision. */
const MAIN = 58
/** Where a packet rests once the panel has decided: between it and the row of the routing decision. */
const DECIDED = 206

/** The ways that every mode has: the two interfaces, and the row from the routing decision to the way out. */
const COMMON: readonly (readonly [string, readonly Point[]])[] = [
  ['cni0>PREROUTING', [at(MAIN, 44), at(MAIN, 64)]],
  ['eth0>PREROUTING', [at(228, 277), at(18, 277), at(18, 78), at(28, 78)]],
  ['route>FORWARD', [at(84, ROW), at(100, ROW)]],
  ['FORWARD>POSTROUTING', [at(176, ROW), at(192, ROW)]],
  ['POSTROUTING>eth0', [at(262, 248), at(262, 266)]],
  ['POSTROUTING>cni0', [at(296, ROW), at(308, ROW), at(308, 33), at(124, 33)]],
  // The loopback interface: out and in again.
  ['POSTROUTING>PREROUTING', [at(296, ROW), at(308, ROW), at(308, 49), at(100, 49), at(100, 64)]],
]
/** Not wires: ways of packets that the kernel itself answers with, and of local traffic. */
const UNDRAWN = /kubeProxy|process|POSTROUTING>PREROUTING|FORWARD>OUTPUT|INPUT>OUTPUT|ipvs>POSTROUTING|OUTPUT>ipvs/

function drawn(ways: KernelPlan['ways']): readonly (readonly Point[])[] {
  return [...ways].filter(([key]) => !UNDRAWN.test(key)).map(([, points]) => points)
}

const rulesPlan: KernelPlan = (() => {
  const OUTPUT: Rect = { x: 140, y: 64, w: 64, h: 28 }
  const INPUT: Rect = { x: 234, y: 64, w: 62, h: 28 }
  const panel: Rect = { x: 44, y: 108, w: 164, h: 84 }
  const ways = new Map<string, readonly Point[]>([
    ...COMMON,
    // Packets of known connections pass beside the rules, new ones through them.
    ['PREROUTING>route', [at(36, 92), at(36, 220)]],
    ['PREROUTING>service', [at(MAIN, 92), at(MAIN, 108)]],
    ['service>route', [at(MAIN, DECIDED), at(MAIN, 220)]],
    ['route>INPUT', [at(76, 220), at(76, 209), at(265, 209), at(265, 92)]],
    ['INPUT>kubeProxy', [at(PROXY_IN, 64), at(PROXY_IN, 0)]],
    ['INPUT>process', [at(265, 64), at(265, 0)]],
    ['kubeProxy>OUTPUT', [at(PROXY_OUT, 0), at(PROXY_OUT, 54), at(172, 54), at(172, 64)]],
    ['process>OUTPUT', [at(172, 0), at(172, 64)]],
    ['OUTPUT>service', [at(172, 92), at(172, 108)]],
    ['OUTPUT>POSTROUTING', [at(204, 78), at(218, 78), at(218, 200), at(184, 200), at(184, ROW), at(192, ROW)]],
    ['INPUT>OUTPUT', [at(234, 78), at(204, 78)]],
    ['FORWARD>OUTPUT', [at(150, 220), at(150, 214), at(213, 214), at(213, 84), at(204, 84)]],
    ['service>POSTROUTING', [at(172, 200), at(184, 200), at(184, ROW), at(192, ROW)]],
  ])
  const wires = [...drawn(ways), [at(MAIN, 192), at(MAIN, DECIDED)], [at(172, 192), at(172, 200)]]
  return {
    stations: { cni0: CNI0, PREROUTING, OUTPUT, INPUT, service: panel, route: ROUTE, FORWARD, POSTROUTING, eth0: ETH0 },
    panel,
    through: { PREROUTING: [at(MAIN, 108), at(MAIN, DECIDED)], OUTPUT: [at(172, 108), at(172, 200)] },
    ways,
    wires,
  }
})()

const userspacePlan: KernelPlan = {
  ...rulesPlan,
  wires: [...rulesPlan.wires, ...['INPUT>kubeProxy', 'kubeProxy>OUTPUT'].map((key) => rulesPlan.ways.get(key) ?? [])],
}

const ipvsPlan: KernelPlan = (() => {
  const OUTPUT: Rect = { x: 140, y: 164, w: 64, h: 28 }
  const INPUT: Rect = { x: 226, y: 164, w: 62, h: 28 }
  const panel: Rect = { x: 140, y: 54, w: 156, h: 92 }
  const ways = new Map<string, readonly Point[]>([
    ...COMMON,
    ['PREROUTING>route', [at(MAIN, 92), at(MAIN, 220)]],
    ['route>INPUT', [at(76, 220), at(76, 209), at(257, 209), at(257, 192)]],
    ['INPUT>ipvs', [at(257, 164), at(257, 146)]],
    ['ipvs>OUTPUT', [at(172, 146), at(172, 164)]],
    ['INPUT>kubeProxy', [at(288, 178), at(302, 178), at(302, 0)]],
    ['INPUT>process', [at(288, 178), at(302, 178), at(302, 0)]],
    ['kubeProxy>OUTPUT', [at(PROXY_OUT, 0), at(PROXY_OUT, 14), at(132, 14), at(132, 178), at(140, 178)]],
    ['process>OUTPUT', [at(132, 0), at(132, 178), at(140, 178)]],
    ['OUTPUT>ipvs', [at(188, 164), at(188, 146)]],
    ['OUTPUT>POSTROUTING', [at(172, 192), at(172, 200), at(184, 200), at(184, ROW), at(192, ROW)]],
    ['INPUT>OUTPUT', [at(226, 178), at(204, 178)]],
    ['FORWARD>OUTPUT', [at(160, 220), at(160, 192)]],
    ['ipvs>POSTROUTING', [at(172, 146), at(172, 200), at(184, 200), at(184, ROW), at(192, ROW)]],
  ])
  const wires = drawn(ways)
  return {
    stations: { cni0: CNI0, PREROUTING, OUTPUT, INPUT, ipvs: panel, route: ROUTE, FORWARD, POSTROUTING, eth0: ETH0 },
    panel,
    through: {
      INPUT: [at(257, 146), at(257, 134), at(172, 134), at(172, 146)],
      OUTPUT: [at(188, 146), at(188, 134), at(172, 134), at(172, 146)],
    },
    ways,
    wires,
  }
})()

export function kernelPlan(mode: ProxyMode): KernelPlan {
  if (mode === 'ipvs') return ipvsPlan
  return mode === 'userspace' ? userspacePlan : rulesPlan
}

/** Where a way that is no wire of its own passes: the first mids that join both ends. */
const MIDS: readonly Station[] = ['route', 'FORWARD', 'POSTROUTING', 'INPUT', 'OUTPUT', 'PREROUTING', 'service', 'ipvs']

/** The polyline from one station's edge to another's, through known ways; a straight line when there is none. */
export function wayBetween(plan: KernelPlan, from: Station, to: Station): readonly Point[] {
  if (from === to) return []
  const direct = plan.ways.get(`${from}>${to}`)
  if (direct) return direct
  for (const mid of MIDS) {
    const [head, tail] = [plan.ways.get(`${from}>${mid}`), plan.ways.get(`${mid}>${to}`)]
    if (head && tail) return [...head, ...tail]
  }
  for (const mid of MIDS) {
    const head = plan.ways.get(`${from}>${mid}`)
    if (!head) continue
    for (const next of MIDS) {
      const [middle, tail] = [plan.ways.get(`${mid}>${next}`), plan.ways.get(`${next}>${to}`)]
      if (middle && tail) return [...head, ...middle, ...tail]
    }
  }
  return []
}
