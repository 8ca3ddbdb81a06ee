import { crossToPod, neighbourFails } from './transmit.ts'
import { dropSkb } from './walk.ts'
import { martian, tellRoute } from './routeChoice.ts'
import { receive, routeInput } from './input.ts'
import { runHook } from './hooks.ts'
import { runPostrouting } from './output.ts'
import type { Machine, Node } from './machine.ts'
import type { Skb } from './skb.ts'
import type { Walk } from './walk.ts'

/**
 * A frame came from `sender` into its port of `node`'s bridge. `neighbour`: the pod that the frame is addressed to;
 * undefined: the bridge itself. With bridge-nf-call-iptables the rules see bridged packets as if they were routed.
 * Source: Linux net/bridge/br_netfilter_hooks.c.
 */
export function bridgeInput(walk: Walk, node: Node, sender: Machine, skb: Skb, neighbour: Machine | undefined): void {
  const port = skb.inInterface
  skb.inInterface = 'cni0'
  if (!node.kernel.sysctls.bridgeNfCallIptables) {
    if (!neighbour) receive(walk, node, skb)
    else if (neighbour !== sender || node.hairpinMode) crossToPod(walk, node, skb, neighbour)
    else dropSkb(walk, node, skb, { reason: 'noHairpin', ...(port !== undefined && { detail: port }) })
    return
  }
  skb.physInInterface = port
  const asked = skb.packet.destination.ip
  if (runHook(walk, node, skb, 'PREROUTING') === 'gone') return
  if (skb.packet.destination.ip === asked) {
    if (neighbour) bridgeForward(walk, node, sender, skb, neighbour)
    else routeInput(walk, node, skb)
    return
  }
  // The destination changed: the frame follows the new route, and stays on the bridge when that leads back there.
  const { ip } = skb.packet.destination
  const route = node.routing.lookup(ip)
  const pod = node.podsByIp.get(ip)
  const stays = route.type === 'unicast' && route.device === 'cni0' && route.via === undefined
  if (!stays || !node.kernel.sysctls.ipForward || martian(node, skb) !== undefined) {
    routeInput(walk, node, skb)
    return
  }
  tellRoute(walk, node, skb, 'forward', route)
  // The new neighbour is looked for before the bridge asks the rules of FORWARD.
  if (!pod) {
    neighbourFails(walk, node, skb)
    return
  }
  bridgeForward(walk, node, sender, skb, pod)
}

function bridgeForward(walk: Walk, node: Node, sender: Machine, skb: Skb, pod: Machine): void {
  // The bridge decides about hairpins before any rule of FORWARD.
  if (pod === sender && !node.hairpinMode) {
    dropSkb(walk, node, skb, { reason: 'noHairpin', detail: sender.attachment?.port ?? '' })
    return
  }
  skb.outInterface = 'cni0'
  skb.route = node.routing.lookup(skb.packet.destination.ip)
  if (runHook(walk, node, skb, 'FORWARD') === 'gone') return
  if (runPostrouting(walk, node, skb) === 'gone') return
  crossToPod(walk, node, skb, pod)
}
