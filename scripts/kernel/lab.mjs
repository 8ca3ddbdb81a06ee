// The network of the simulator, built of real Linux network namespaces: one LAN, nodes with a bridge, pods on it, an outside host.
import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PREFIX = 'kubehop'
const here = (file) => fileURLToPath(new URL(file, import.meta.url))

export const space = (id) => `${PREFIX}-${id}`

/** Runs a program inside namespace `id`; its stdout. Throws with its stderr. */
export function inside(id, command, args, input) {
  return execFileSync('ip', ['netns', 'exec', space(id), command, ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  })
}

function ip(...words) {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function sysctls(id, values) {
  for (const [name, value] of Object.entries(values)) inside(id, 'sysctl', ['-qw', `${name}=${value}`])
}

function addSpace(id) {
  ip('netns', 'add', space(id))
  inside(id, 'ip', ['link', 'set', 'lo', 'up'])
  sysctls(id, {
    'net.ipv4.conf.all.send_redirects': 0,
    'net.ipv4.conf.default.send_redirects': 0,
    'net.ipv4.icmp_ratelimit': 0,
    'net.ipv4.tcp_synack_retries': 0,
    'net.ipv6.conf.all.disable_ipv6': 1,
    'net.ipv6.conf.default.disable_ipv6': 1,
  })
}

/** Three ARP tries take 0.6 s instead of 3 s, so that an attempt of 0.95 s sees their failure. */
function fasterNeighbours(id, device) {
  inside(id, 'ip', ['ntable', 'change', 'name', 'arp_cache', 'dev', device, 'retrans', '200'])
}

function wire(idA, nameA, idB, nameB) {
  ip('link', 'add', nameA, 'netns', space(idA), 'type', 'veth', 'peer', 'name', nameB, 'netns', space(idB))
  inside(idA, 'ip', ['link', 'set', nameA, 'up'])
  inside(idB, 'ip', ['link', 'set', nameB, 'up'])
}

/**
 * Builds the network. nodes: [{name, address, podCidr, gateway}], pods: [{id, node, address, hostNetwork, port}],
 * outside: address. Returns what ends it all.
 */
export async function buildLab({ nodes, pods, outside, clusterCidr }) {
  destroyLab()
  addSpace('lan')
  inside('lan', 'ip', ['link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0'])
  inside('lan', 'ip', ['link', 'set', 'br0', 'up'])
  inside('lan', 'ip', ['addr', 'add', '172.16.210.1/24', 'dev', 'br0'])
  inside('lan', 'ip', ['route', 'add', 'blackhole', 'default'])
  sysctls('lan', { 'net.ipv4.ip_forward': 1, 'net.bridge.bridge-nf-call-iptables': 0 })
  const onLan = (id, address) => {
    addSpace(id)
    wire(id, 'eth0', 'lan', `v${id}`.slice(0, 15))
    inside('lan', 'ip', ['link', 'set', `v${id}`.slice(0, 15), 'master', 'br0'])
    inside(id, 'ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0'])
    inside(id, 'ip', ['route', 'add', 'default', 'via', '172.16.210.1'])
    fasterNeighbours(id, 'eth0')
  }
  for (const node of nodes) {
    onLan(node.name, node.address)
    inside(node.name, 'ip', ['link', 'add', 'cni0', 'type', 'bridge', 'mcast_snooping', '0'])
    inside(node.name, 'ip', ['link', 'set', 'cni0', 'up'])
    inside(node.name, 'ip', ['addr', 'add', `${node.gateway}/24`, 'dev', 'cni0'])
    sysctls(node.name, {
      'net.ipv4.ip_forward': 1,
      'net.ipv4.conf.all.rp_filter': 0,
      'net.ipv4.conf.default.rp_filter': 0,
      'net.ipv4.conf.eth0.rp_filter': 0,
      'net.ipv4.conf.cni0.rp_filter': 0,
      'net.bridge.bridge-nf-call-iptables': 1,
      'net.netfilter.nf_conntrack_tcp_be_liberal': 0,
    })
    fasterNeighbours(node.name, 'cni0')
    flannelMasquerade(node, clusterCidr)
  }
  for (const node of nodes) {
    for (const other of nodes)
      if (other !== node) inside(node.name, 'ip', ['route', 'add', other.podCidr, 'via', other.address])
  }
  onLan('outside', outside)
  for (const [i, pod] of pods.filter((each) => !each.hostNetwork).entries()) {
    const node = nodes.find(({ name }) => name === pod.node)
    addSpace(pod.id)
    wire(pod.id, 'eth0', node.name, `veth${i}`)
    inside(node.name, 'ip', ['link', 'set', `veth${i}`, 'master', 'cni0'])
    inside(node.name, 'bridge', ['link', 'set', 'dev', `veth${i}`, 'hairpin', 'on'])
    fasterNeighbours(pod.id, 'eth0')
    inside(pod.id, 'ip', ['addr', 'add', `${pod.address}/24`, 'dev', 'eth0'])
    inside(pod.id, 'ip', ['route', 'add', 'default', 'via', node.gateway])
  }
  const servers = await Promise.all(pods.filter(({ port }) => port).map(startServer))
  return () => {
    for (const server of servers) server.kill('SIGKILL')
    destroyLab()
  }
}

/** flannel's rules, as the simulated CNI has them, put there before kube-proxy starts. */
function flannelMasquerade({ name, podCidr }, clusterCidr) {
  const comment = ['-m', 'comment', '--comment', 'flanneld masq']
  const rule = (...words) => inside(name, 'iptables', ['-w', '5', '-t', 'nat', ...words])
  rule('-N', 'FLANNEL-POSTRTG')
  rule('-A', 'POSTROUTING', ...comment, '-j', 'FLANNEL-POSTRTG')
  rule('-A', 'FLANNEL-POSTRTG', '-m', 'mark', '--mark', '0x4000/0x4000', ...comment, '-j', 'RETURN')
  rule('-A', 'FLANNEL-POSTRTG', '-s', podCidr, '-d', clusterCidr, ...comment, '-j', 'RETURN')
  rule('-A', 'FLANNEL-POSTRTG', '-s', clusterCidr, '-d', podCidr, ...comment, '-j', 'RETURN')
  rule('-A', 'FLANNEL-POSTRTG', '!', '-s', clusterCidr, '-d', podCidr, ...comment, '-j', 'RETURN')
  rule(
    '-A',
    'FLANNEL-POSTRTG',
    '-s',
    clusterCidr,
    '!',
    '-d',
    '224.0.0.0/4',
    ...comment,
    '-j',
    'MASQUERADE',
    '--random-fully',
  )
  rule(
    '-A',
    'FLANNEL-POSTRTG',
    '!',
    '-s',
    clusterCidr,
    '-d',
    clusterCidr,
    ...comment,
    '-j',
    'MASQUERADE',
    '--random-fully',
  )
}

function startServer(pod) {
  const child = spawn(
    'ip',
    [
      'netns',
      'exec',
      space(pod.hostNetwork ? pod.node : pod.id),
      process.execPath,
      here('server.mjs'),
      `${pod.namespace}/${pod.name}`,
      String(pod.port),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return new Promise((resolve) => child.stdout.once('data', () => resolve(child)))
}

/** One real attempt from namespace `id`: {outcome, errno, pod, server, sourceSeen}. */
export function attempt(id, protocol, address, port) {
  return JSON.parse(inside(id, process.execPath, [here('client.mjs'), protocol, address, String(port)]))
}

/** Packets per rule, `table rule-text` to count, of one node. */
export function counters(node) {
  const counts = new Map()
  let table = ''
  for (const line of inside(node, 'iptables-save', ['-c']).split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const rule = /^\[(\d+):\d+\] (-A .*)$/.exec(line)
    // iptables-save prints two spaces there; the simulator's lists of matched rules have one.
    if (rule) counts.set(`${table} ${rule[2].replace('--nfacct-name  ', '--nfacct-name ')}`, Number(rule[1]))
  }
  return counts
}

export function destroyLab() {
  const list = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const name of list.split('\n').map((line) => line.split(' ')[0]))
    if (name.startsWith(`${PREFIX}-`)) ip('netns', 'del', name)
}
