import { LATENCY, NEIGHBOUR_FAILURE_MS, dropSkb, schedule, tell } from './walk.ts'
import { arrivingSkb } from './skb.ts'
import { familyOf } from '../base/ip.ts'
import { isNode } from './machine.ts'
import type { Machine, Node } from './machine.ts'
import type { Skb } from './skb.ts'
import type { LanMember, Network, Walk } from './walk.ts'
import type { Ip } from '../base/ip.ts'
import type { RouteResult } from '../routing/routingTable.ts'

/** Puts the packet on the wire that `route` names, addressed to the next hop. */
export function transmit(walk: Walk, machine: Machine, skb: Skb, route: RouteResult): void {
  if (route.type === 'local') {
    loopBack(walk, machine, skb)
    return
  }
  if (route.type !== 'unicast') return
  const nextHop = route.via ?? skb.packet.destination.ip
  if (isNode(machine) && route.device === 'cni0') toPod(walk, machine, skb, nextHop)
  else if (machine.attachment) toBridge(walk, machine, machine.attachment, skb, nextHop)
  else toLan(walk, machine, skb, route.device, nextHop)
}

/** Over lo: the same kernel meets the packet again and still knows connection and mark. */
function loopBack(walk: Walk, machine: Machine, skb: Skb): void {
  if (walk.trace) {
    const { packet } = skb
    tell(walk, machine, packet, { type: 'linkCrossed', interface: 'lo', to: machine.id, toInterface: 'lo', packet })
  }
  schedule(walk, LATENCY.loopback, () => {
    skb.inInterface = 'lo'
    skb.outInterface = undefined
    walk.stack.receive(walk, machine, skb)
  })
}

/** From a node's own stack out of its bridge. */
function toPod(walk: Walk, node: Node, skb: Skb, nextHop: Ip): void {
  const pod = node.podsByIp.get(nextHop)
  if (pod) crossToPod(walk, node, skb, pod)
  else neighbourFails(walk, node, skb)
}

/** A frame leaves a bridge port for the pod behind it. */
export function crossToPod(walk: Walk, node: Node, skb: Skb, pod: Machine): void {
  const port = pod.attachment?.port ?? ''
  cross(walk, node, skb, port, pod, 'eth0', LATENCY.veth, 'cni0', (arrived) => {
    walk.stack.receive(walk, pod, arrived)
  })
}

function toBridge(
  walk: Walk,
  pod: Machine,
  { node, port }: NonNullable<Machine['attachment']>,
  skb: Skb,
  nextHop: Ip,
): void {
  const neighbour = node.podsByIp.get(nextHop)
  // arp_ignore is 0: the node answers for each of its addresses.
  if (!neighbour && !node.routing.isLocal(nextHop)) {
    neighbourFails(walk, pod, skb)
    return
  }
  cross(walk, pod, skb, 'eth0', node, port, LATENCY.veth, 'cni0', (arrived) => {
    walk.stack.bridgeInput(walk, node, pod, arrived, neighbour)
  })
}

function toLan(walk: Walk, machine: Machine, skb: Skb, device: string, nextHop: Ip): void {
  const member = lanNeighbour(walk, machine, skb, device, nextHop)
  if (!member) {
    neighbourFails(walk, machine, skb)
    return
  }
  if (machine.kind !== 'node' && isNode(member.machine) && isClosed(walk.network, skb)) {
    const { protocol, destination } = skb.packet
    dropSkb(walk, machine, skb, { reason: 'firewall', detail: `${protocol} ${destination.port}` })
    return
  }
  cross(walk, machine, skb, device, member.machine, member.device, LATENCY.lan, undefined, (arrived) => {
    walk.stack.receive(walk, member.machine, arrived)
  })
}

/** Only who calls is held back: answers to what the nodes began come from ports of others. */
function isClosed({ closedPorts }: Network, { packet }: Skb): boolean {
  const { protocol, destination } = packet
  return closedPorts.some((closed) => closed.protocol === protocol && closed.port === destination.port)
}

/**
 * Who answers for `nextHop` on the LAN. Several may (an address on kube-ipvs0 of many nodes): the first answer wins.
 * Nobody answers a request that comes from one of his own addresses: to him it is a martian.
 */
function lanNeighbour(walk: Walk, machine: Machine, skb: Skb, device: string, nextHop: Ip): LanMember | undefined {
  const key = `${machine.id} ${nextHop}`
  if (walk.neighbours.has(key)) return walk.neighbours.get(key)
  const { routing } = machine
  const { source } = skb.packet
  const asks = routing.isLocal(source.ip) ? source.ip : routing.addressOf(device, nextHop)
  const others = ownersOf(walk.network, nextHop).filter((other) => other.machine !== machine)
  const answering = others.filter((other) => {
    const strange = asks !== undefined && other.machine.routing.isLocal(asks)
    return !strange && answersFor(other.machine, other.device, nextHop)
  })
  // Without an answer there is still what the machine learnt when the owner of the address asked for it.
  const known = answering.length > 0 ? answering : others.filter((other) => hasLearnt(machine, other, nextHop))
  const chosen = known.length > 1 ? known[walk.chance.pick(known.length, 'arp')] : known[0]
  walk.neighbours.set(key, chosen)
  return chosen
}

/** Everybody on the LAN who has the address, on whatever interface. */
function ownersOf({ lan, owners }: Network, ip: Ip): readonly LanMember[] {
  let found = owners.get(ip)
  if (!found) {
    found = lan.filter(({ machine }) => machine.routing.isLocal(ip))
    owners.set(ip, found)
  }
  return found
}

/** Whether an owner of `ip` answers when asked on `device`. */
function answersFor(machine: Machine, device: string, ip: Ip): boolean {
  const { kernel } = machine
  if (ip.startsWith('127.')) return false
  // IPv6 neighbours answer only for addresses of the interface; so does IPv4 with arp_ignore=1 (strictARP).
  if (familyOf(ip) === 'IPv4' && !kernel?.sysctls.arpIgnore) return true
  return ownsOn(machine, device, ip)
}

/** Whoever asks is learnt by the one who answers; nodes ask for each other all the time, being each other's gateways. */
function hasLearnt({ kind, routing }: Machine, other: LanMember, nextHop: Ip): boolean {
  if (kind !== 'node' || other.machine.kind !== 'node' || routing.isLocal(nextHop)) return false
  return ownsOn(other.machine, other.device, nextHop)
}

function ownsOn({ routing }: Machine, device: string, ip: Ip): boolean {
  return routing.interfaces.some((i) => i.name === device && i.addresses.some((address) => address.ip === ip))
}

/** Nobody answers: after three requests the kernel tells the sender that the host is unreachable. */
export function neighbourFails(walk: Walk, machine: Machine, skb: Skb): void {
  schedule(walk, NEIGHBOUR_FAILURE_MS, () => {
    dropSkb(walk, machine, skb, { reason: 'noNeighbour', detail: skb.packet.destination.ip })
    walk.stack.sendError(walk, machine, skb, 'host-unreachable', 'noNeighbour')
  })
}

function cross(
  walk: Walk,
  from: Machine,
  skb: Skb,
  device: string,
  to: Machine,
  toInterface: string,
  latency: number,
  bridge: string | undefined,
  arrive: (skb: Skb) => void,
): void {
  const { packet } = skb
  if (walk.trace) {
    tell(walk, from, packet, {
      type: 'linkCrossed',
      interface: device,
      to: to.id,
      toInterface,
      packet,
      ...(bridge !== undefined && { bridge }),
    })
  }
  schedule(walk, latency, () => {
    arrive(arrivingSkb(packet, toInterface))
  })
}
