import type { ProxyMode, SocketAddress } from '../engine/index.ts'
import type { Choice } from './choice.ts'
import { formatAddress, formatChance } from './format.ts'
import { shortPodName } from './podName.ts'
import type { Step } from './step.ts'
import type { Topology, TopologyEndpoint, TopologyService, TopologyServicePort } from './topology.ts'

/** What the panel in every node's kernel says about the Service under the lens. */
export interface ServicePanel {
  readonly service: TopologyService
  readonly address: string
  readonly dice: readonly Die[]
  /** Endpoints beyond those that have a die of their own. */
  readonly more: number
  /** `rr`, `round robin`; empty where dice say it. */
  readonly method: string
  /** How many other Services have rules here. */
  readonly others: number
}

export interface Die {
  readonly text: string
  /** What it stands for: address and pod. */
  readonly name: string
  readonly state: 'idle' | 'lost' | 'won'
}

/** What fits into the panel: fractions are short, names of pods and `1/200` are not. */
const MOST_SHORT = 5
const MOST_LONG = 4
const LONG = 3

/** The Service (and port) that `target` belongs to: by one of its addresses, else by node port. */
export function serviceAt(
  topology: Topology,
  target: SocketAddress | undefined,
): { readonly service: TopologyService; readonly port: TopologyServicePort } | undefined {
  if (!target) return undefined
  for (const service of topology.services) {
    const port = service.ips.includes(target.ip) ? service.ports.find((one) => one.port === target.port) : undefined
    if (port) return { service, port }
  }
  if (!topology.nodes.some(({ ip }) => ip === target.ip)) return undefined
  for (const service of topology.services) {
    const port = service.ports.find(({ nodePort }) => nodePort === target.port)
    if (port) return { service, port }
  }
  return undefined
}

/** The Service to draw: the one that the steps so far were about, else `selected`, else the first of the user's. */
export function servicePanel(
  topology: Topology,
  mode: ProxyMode,
  steps: readonly Step[],
  current: number,
  selected?: string,
): ServicePanel | undefined {
  const found = serviceSoFar(topology, steps, current)
  const service =
    topology.services.find(({ key }) => key === selected) ??
    found?.service ??
    topology.services.find((one) => !one.system && one.ips.length > 0) ??
    topology.services.find((one) => one.ips.length > 0)
  if (!service) return undefined
  const port = (found?.service === service ? found.port : undefined) ?? service.ports[0]
  const choice = found?.service === service ? newestChoice(steps, current) : undefined
  const endpoints = (port?.endpoints ?? []).filter(({ ready }) => ready)
  const all = choice ? diceOfChoice(choice, topology) : diceAtRest(endpoints, mode)
  const most = all.some(({ text }) => text.length > LONG) ? MOST_LONG : MOST_SHORT
  const dice = all.length <= most ? all : visibleDice(all, most - 1)
  return {
    service,
    address: port
      ? formatAddress({ ip: (service.ips[0] ?? '') as SocketAddress['ip'], port: port.port })
      : service.clusterIP,
    dice,
    more: all.length - dice.length,
    method: methodOf(mode, choice),
    others: topology.services.filter((one) => one.ips.length > 0).length - 1,
  }
}

function serviceSoFar(topology: Topology, steps: readonly Step[], current: number): ReturnType<typeof serviceAt> {
  for (let i = Math.min(current, steps.length - 1); i >= 0; i -= 1) {
    const found = serviceAt(topology, steps[i]?.target)
    if (found) return found
  }
  return undefined
}

function newestChoice(steps: readonly Step[], current: number): Choice | undefined {
  for (let i = Math.min(current, steps.length - 1); i >= 0; i -= 1) {
    const choice = steps[i]?.choice
    if (choice) return choice
  }
  return undefined
}

function methodOf(mode: ProxyMode, choice: Choice | undefined): string {
  if (mode === 'userspace') return 'round robin'
  if (mode === 'ipvs') return choice?.by === 'ipvs' ? choice.method : 'rr'
  return ''
}

/** iptables asks 1/n, 1/(n-1), ... 1; nftables one n-sided die; the others go by turn. */
function diceAtRest(endpoints: readonly TopologyEndpoint[], mode: ProxyMode): readonly Die[] {
  const n = endpoints.length
  return endpoints.map((endpoint, i): Die => {
    const name = `${endpoint.ip}:${endpoint.port}`
    const text =
      mode === 'iptables'
        ? formatChance(1 / (n - i))
        : mode === 'nftables'
          ? String(i)
          : endingOf(endpoint.pod, endpoint.ip)
    return { text, name, state: 'idle' }
  })
}

function diceOfChoice({ by, candidates, chosen, rolls }: Choice, topology: Topology): readonly Die[] {
  let left = 1
  return candidates.map((candidate, i): Die => {
    const share = left > 0 ? candidate.probability / left : 1
    left -= candidate.probability
    const ip = candidate.address?.ip ?? ''
    const name = candidate.address ? formatAddress(candidate.address) : candidate.label
    const text =
      by === 'iptables' ? formatChance(share) : by === 'nftables' ? String(i) : endingOf(topology.names.get(ip), ip)
    // Only in iptables each endpoint has a roll of its own to lose.
    const lost = by === 'iptables' && rolls[i]?.won === false
    return { text, name, state: i === chosen ? 'won' : lost ? 'lost' : 'idle' }
  })
}

/** The first `most`, the one that won among them wherever it stands. */
function visibleDice(all: readonly Die[], most: number): readonly Die[] {
  const won = all.find(({ state }) => state === 'won')
  const head = all.slice(0, most)
  return won && !head.includes(won) ? [...head.slice(0, -1), won] : head
}

/** What tells one backend from the others, in few letters: a pod's suffix, else the address's end. */
function endingOf(pod: string | undefined, ip: string): string {
  if (pod === undefined) return ip.includes(':') ? ip.slice(-4) : `.${ip.split('.').slice(-1)[0] ?? ''}`
  const short = shortPodName(pod.slice(pod.lastIndexOf('/') + 1))
  return short.slice(short.lastIndexOf('-') + 1)
}
