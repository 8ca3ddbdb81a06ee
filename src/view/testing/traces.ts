import type { FlowSnapshot, Hook, Ip, Packet, SocketAddress, Trace, TraceEvent } from '../../engine/index.ts'

type Body<T = TraceEvent> = T extends TraceEvent ? Omit<T, 'time' | 'at' | 'packetId'> : never

export const address = (text: string): SocketAddress => {
  const [ip = '', port = '0'] = text.split(':')
  return { ip: ip as Ip, port: Number(port) }
}

const CLIENT = address('10.244.1.9:41822')
const SERVICE = address('10.98.98.98:80')
const POD = address('10.244.2.33:80')
const FLOW: FlowSnapshot = {
  protocol: 'TCP',
  original: { source: CLIENT, destination: SERVICE },
  reply: { source: POD, destination: CLIENT },
}
const RULES = {
  services: `-A KUBE-SERVICES -d 10.98.98.98/32 -p tcp -m comment --comment "dev/service-clusterip cluster IP" -m tcp --dport 80 -j KUBE-SVC-BZIKKPW2ZHGEETNJ`,
  first: `-A KUBE-SVC-BZIKKPW2ZHGEETNJ -m comment --comment "dev/service-clusterip -> 10.244.1.39:80" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-A`,
  second: `-A KUBE-SVC-BZIKKPW2ZHGEETNJ -m comment --comment "dev/service-clusterip -> 10.244.2.33:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-B`,
  dnat: `-A KUBE-SEP-B -p tcp -m comment --comment "dev/service-clusterip" -m tcp -j DNAT --to-destination 10.244.2.33:80`,
}
const CANDIDATES = ['10.244.1.39:80', '10.244.2.33:80', '10.244.2.34:80'].map((ip, i) => ({
  label: `KUBE-SEP-${'ABC'.charAt(i)}`,
  address: address(ip),
  probability: 1 / 3,
}))

/** Collects events; the clock ticks 10 microseconds an event. */
function createRecorder() {
  const events: TraceEvent[] = []
  let packetId = 0
  const at = (where: string, body: Body): void => {
    events.push({ ...body, time: 1000 + events.length / 100, at: where, packetId })
  }
  return {
    events,
    at,
    packet: (): void => {
      packetId += 1
    },
    hook: (where: string, hook: Hook, packet: Packet): void => {
      at(where, { type: 'hookEntered', hook, packet, state: packet.flags === 'SYN' ? 'NEW' : 'ESTABLISHED' })
    },
  }
}

type Recorder = ReturnType<typeof createRecorder>

const tcp = (source: SocketAddress, destination: SocketAddress, flags: Packet['flags'], payload?: string): Packet => ({
  id: 1,
  protocol: 'TCP',
  source,
  destination,
  mark: 0,
  ttl: 64,
  ...(flags && { flags }),
  ...(payload !== undefined && { payload }),
})

/** The hooks that a forwarded packet meets on one node, from one door to the other. */
function forward(r: Recorder, node: string, packet: Packet, out: { to: string; door: string }): void {
  const where = `node/${node}`
  r.at(where, { type: 'routed', destination: packet.destination.ip, result: 'forward', outInterface: out.door })
  r.hook(where, 'FORWARD', packet)
  r.at(where, { type: 'rulesMissed', hook: 'FORWARD', table: 'filter', chain: 'KUBE-FORWARD', from: 0, to: 1 })
  r.hook(where, 'POSTROUTING', packet)
  r.at(where, { type: 'linkCrossed', interface: out.door, to: out.to, toInterface: 'eth0', packet })
}

function request(r: Recorder, flags: Packet['flags'], why: string, payload?: string): void {
  r.packet()
  const packet = tcp(CLIENT, SERVICE, flags, payload)
  const after = { ...packet, destination: POD }
  r.at('pod/dev/client', { type: 'sent', packet, by: 'dev/client', why })
  r.at('pod/dev/client', { type: 'linkCrossed', interface: 'eth0', to: 'node/node02', toInterface: 'veth1', packet })
  r.hook('node/node02', 'PREROUTING', packet)
  const at = 'node/node02'
  const hook = 'PREROUTING'
  const first = flags === 'SYN'
  r.at(at, {
    type: 'conntrack',
    hook,
    action: first ? 'new' : 'found',
    direction: 'original',
    state: first ? 'NEW' : 'ESTABLISHED',
    flow: FLOW,
  })
  if (first) serviceRules(r)
  r.at(at, {
    type: 'translated',
    hook,
    kind: 'DNAT',
    undo: false,
    by: first ? 'rule' : 'conntrack',
    from: SERVICE,
    to: POD,
  })
  forward(r, 'node02', after, { to: 'node/node03', door: 'eth0' })
  r.hook('node/node03', 'PREROUTING', after)
  forward(r, 'node03', after, { to: 'pod/dev/pc-deployment-5ffc5bf56c-nwdpb', door: 'cni0' })
  r.at('pod/dev/pc-deployment-5ffc5bf56c-nwdpb', {
    type: 'delivered',
    socket: 'dev/pc-deployment-5ffc5bf56c-nwdpb nginx',
    packet: after,
  })
}

function serviceRules(r: Recorder): void {
  const at = 'node/node02'
  const hook = 'PREROUTING'
  const rule = (chain: string, index: number, text: string) => ({ table: 'nat', chain, index, text })
  r.at(at, { type: 'chainEntered', hook, table: 'nat', chain: 'KUBE-SERVICES' })
  r.at(at, { type: 'rulesMissed', hook, table: 'nat', chain: 'KUBE-SERVICES', from: 0, to: 2 })
  r.at(at, {
    type: 'ruleMatched',
    hook,
    rule: rule('KUBE-SERVICES', 3, RULES.services),
    verdict: 'KUBE-SVC-BZIKKPW2ZHGEETNJ',
  })
  r.at(at, {
    type: 'diceRolled',
    hook,
    rule: rule('KUBE-SVC-BZIKKPW2ZHGEETNJ', 1, RULES.first),
    roll: 0.513,
    probability: 1 / 3,
    won: false,
    candidates: CANDIDATES,
  })
  r.at(at, { type: 'rulesMissed', hook, table: 'nat', chain: 'KUBE-SVC-BZIKKPW2ZHGEETNJ', from: 0, to: 1 })
  r.at(at, {
    type: 'diceRolled',
    hook,
    rule: rule('KUBE-SVC-BZIKKPW2ZHGEETNJ', 2, RULES.second),
    roll: 0.21,
    probability: 0.5,
    won: true,
    candidates: CANDIDATES.slice(1),
    chosen: 0,
  })
  r.at(at, {
    type: 'ruleMatched',
    hook,
    rule: rule('KUBE-SVC-BZIKKPW2ZHGEETNJ', 2, RULES.second),
    verdict: 'KUBE-SEP-B',
  })
  r.at(at, { type: 'ruleMatched', hook, rule: rule('KUBE-SEP-B', 1, RULES.dnat), verdict: 'DNAT' })
}

function reply(r: Recorder, flags: Packet['flags'], why: string, payload?: string): void {
  r.packet()
  const pod = 'pod/dev/pc-deployment-5ffc5bf56c-nwdpb'
  const packet = tcp(POD, CLIENT, flags, payload)
  const after = { ...packet, source: SERVICE }
  r.at(pod, { type: 'sent', packet, by: 'dev/pc-deployment-5ffc5bf56c-nwdpb nginx', why })
  r.at(pod, { type: 'linkCrossed', interface: 'eth0', to: 'node/node03', toInterface: 'veth1', packet })
  r.hook('node/node03', 'PREROUTING', packet)
  forward(r, 'node03', packet, { to: 'node/node02', door: 'eth0' })
  r.hook('node/node02', 'PREROUTING', packet)
  const at = 'node/node02'
  r.at(at, {
    type: 'conntrack',
    hook: 'PREROUTING',
    action: 'found',
    direction: 'reply',
    state: 'ESTABLISHED',
    flow: FLOW,
  })
  r.at(at, { type: 'routed', destination: CLIENT.ip, result: 'forward', outInterface: 'cni0' })
  r.hook(at, 'FORWARD', packet)
  r.hook(at, 'POSTROUTING', packet)
  r.at(at, {
    type: 'translated',
    hook: 'POSTROUTING',
    kind: 'DNAT',
    undo: true,
    by: 'conntrack',
    from: POD,
    to: SERVICE,
  })
  r.at(at, { type: 'linkCrossed', interface: 'cni0', to: 'pod/dev/client', toInterface: 'eth0', packet: after })
  r.at('pod/dev/client', { type: 'delivered', socket: 'dev/client', packet: after })
}

function aTrace(events: readonly TraceEvent[], outcome: Trace['outcome']): Trace {
  return {
    request: { from: 'pod/dev/client', to: 'http://10.98.98.98:80/' },
    mode: 'iptables',
    startedAt: 1000,
    endedAt: 1010,
    events,
    outcome,
    matched: {},
    rulesTried: 9,
  }
}

/** A GET from the client through the ClusterIP to a replica on the other node, in iptables mode, with the second dice winning. */
export function clusterIpTrace(): Trace {
  const r = createRecorder()
  request(r, 'SYN', 'SYN')
  reply(r, 'SYN,ACK', 'SYN,ACK')
  request(r, 'ACK', 'ACK')
  request(r, 'PSH,ACK', 'GET /', 'GET / HTTP/1.1\r\nHost: 10.98.98.98\r\n')
  reply(r, 'PSH,ACK', '200 OK', 'HTTP/1.1 200 OK\r\n\r\nhello')
  const outcome: Trace['outcome'] = {
    outcome: 'connected',
    server: '10.244.2.33:80',
    pod: 'dev/pc-deployment-5ffc5bf56c-nwdpb',
    sourceSeen: CLIENT.ip,
    answer: 'HTTP/1.1 200 OK',
  }
  r.at('pod/dev/client', { type: 'concluded', outcome })
  return aTrace(r.events, outcome)
}

/** The same request when the Service has no endpoints: a REJECT in FORWARD, and the ICMP error back. */
export function refusedTrace(): Trace {
  const r = createRecorder()
  r.packet()
  const packet = tcp(CLIENT, SERVICE, 'SYN')
  const at = 'node/node02'
  r.at('pod/dev/client', { type: 'sent', packet, by: 'dev/client', why: 'SYN' })
  r.at('pod/dev/client', { type: 'linkCrossed', interface: 'eth0', to: at, toInterface: 'veth1', packet })
  r.hook(at, 'PREROUTING', packet)
  r.at(at, { type: 'routed', destination: SERVICE.ip, result: 'forward', outInterface: 'eth0' })
  r.hook(at, 'FORWARD', packet)
  const rule = {
    table: 'filter',
    chain: 'KUBE-SERVICES',
    index: 0,
    text: '-A KUBE-SERVICES -d 10.98.98.98/32 -p tcp -m comment --comment "dev/service-clusterip has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
  }
  r.at(at, { type: 'ruleMatched', hook: 'FORWARD', rule, verdict: 'REJECT' })
  r.at(at, { type: 'rejected', hook: 'FORWARD', rule, by: 'rule', with: 'icmp-port-unreachable' })
  r.packet()
  const error: Packet = {
    id: 2,
    protocol: 'ICMP',
    source: address('10.244.1.1'),
    destination: address('10.244.1.9'),
    mark: 0,
    ttl: 64,
    icmp: { kind: 'port-unreachable', inner: { protocol: 'TCP', source: CLIENT, destination: SERVICE } },
  }
  r.at(at, { type: 'sent', packet: error, by: 'kernel', why: 'port-unreachable' })
  r.hook(at, 'OUTPUT', error)
  r.hook(at, 'POSTROUTING', error)
  r.at(at, { type: 'linkCrossed', interface: 'cni0', to: 'pod/dev/client', toInterface: 'eth0', packet: error })
  r.at('pod/dev/client', { type: 'delivered', socket: 'dev/client', packet: error })
  const outcome: Trace['outcome'] = { outcome: 'refused', errno: 'ECONNREFUSED' }
  r.at('pod/dev/client', { type: 'concluded', outcome })
  return aTrace(r.events, outcome)
}
