// npm run test:kernel: our rules in the real kernel. Loads kubehop's own text with iptables-restore and nft -f, compares what
// iptables-save and nft list print with our printers, then sends real connections and compares ends and rule counters.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterCidr, nodes, objects, outside, pods, probes, sticky } from './kernel/cluster.mjs'
import { attempt, buildLab, counters, destroyLab, inside } from './kernel/lab.mjs'
import { root } from './lib/run.mjs'
import { say } from './lib/say.mjs'

const TOOLS = {
  ip: 'iproute2',
  bridge: 'iproute2',
  sysctl: 'procps',
  'iptables-restore': 'iptables',
  nft: 'nftables',
  nfacct: 'nfacct',
  conntrack: 'conntrack',
  ipset: 'ipset',
}
const TRIES = 3
/** Connections in a row to a Service with session affinity. */
const AGAIN = 4

const obstacle = findObstacle()
if (obstacle) {
  say(`test:kernel skipped: ${obstacle}`)
  report({ passed: 0, failed: 0, skipped: 1 })
  process.exit(0)
}

let passed = 0
const failures = []
const folder = mkdtempSync(join(tmpdir(), 'kubehop-kernel-'))
const dump = join(folder, 'cluster.json')
writeFileSync(dump, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
const probeFile = join(folder, 'probes.json')
writeFileSync(probeFile, JSON.stringify(probes))

try {
  for (const mode of ['iptables', 'nftables']) await compareMode(mode)
} finally {
  destroyLab()
  rmSync(folder, { recursive: true, force: true })
}
for (const failure of failures) console.log(`FAILED ${failure}`)
report({ passed, failed: failures.length, skipped: 0 })
process.exitCode = failures.length === 0 ? 0 : 1

/** The closing line; also as JSON for the script that runs all tests. */
function report(counts) {
  console.log(`kernel: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  if (process.env.KUBEHOP_KERNEL_REPORT) writeFileSync(process.env.KUBEHOP_KERNEL_REPORT, JSON.stringify(counts))
}

function findObstacle() {
  if (process.platform !== 'linux') return 'it needs Linux.'
  if (process.getuid() !== 0) return 'it needs root (network namespaces).'
  const missing = () => Object.keys(TOOLS).filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  if (missing().length > 0 && process.env.CI && existsSync('/etc/debian_version')) {
    const packages = [...new Set(missing().map((tool) => TOOLS[tool]))]
    say(`Installing ${packages.join(' ')} (apt-get) ...`)
    spawnSync('apt-get', ['update', '-qq'])
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: 'ignore' })
  }
  if (missing().length > 0)
    return `it needs ${missing().join(', ')} (Debian: apt-get install ${[...new Set(missing().map((tool) => TOOLS[tool]))].join(' ')}).`
  const tried = spawnSync('sh', [
    '-c',
    'ip netns add kubehop-probe && ip netns exec kubehop-probe iptables -t nat -L -n && ip netns exec kubehop-probe sysctl net.bridge.bridge-nf-call-iptables; code=$?; ip netns del kubehop-probe; exit $code',
  ])
  return tried.status === 0
    ? undefined
    : 'this kernel or container allows no network namespaces with nat and br_netfilter.'
}

function kubehop(...args) {
  return execFileSync(process.execPath, [join(root, 'scripts', 'kubehop.mjs'), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
}

function config(mode) {
  const file = join(folder, `${mode}.yaml`)
  writeFileSync(
    file,
    `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ${mode}\nclusterCIDR: ${clusterCidr}\n`,
  )
  return file
}

function check(what, holds, detail = '') {
  if (holds) passed++
  else failures.push(`${what}${detail ? `\n${detail}` : ''}`)
}

async function compareMode(mode) {
  say(`\n=== ${mode}: building the network`)
  const end = await buildLab({ nodes, pods, outside, clusterCidr })
  try {
    for (const node of nodes) loadRules(mode, node.name)
    say(`${mode}: sending ${probes.length} probes`)
    const flags = ['--dump', dump, '--config', config(mode), '--mode', mode]
    const predicted = JSON.parse(kubehop('trace', ...flags, '--probes', probeFile, '--every-outcome', '-o', 'json'))
    for (const [i, probe] of probes.entries()) compareProbe(mode, probe, predicted[i])
    for (const probe of probes.filter(({ to }) => to.includes(sticky))) compareAffinity(mode, probe)
  } finally {
    end()
  }
}

/** Loads what kube-proxy writes on `node` and compares the kernel's listing with our printer's, byte for byte. */
function loadRules(mode, node) {
  const flags = ['rules', '--dump', dump, '--config', config(mode), '--node', node, '--mode', mode, '--family', 'IPv4']
  if (mode === 'nftables') {
    const ours = kubehop(...flags, '-o', 'nft')
    inside(node, 'nft', ['-f', '-'], ours)
    const theirs = inside(node, 'nft', ['-s', 'list', 'table', 'ip', 'kube-proxy'])
    check(
      `${node}: nft list equals our listing`,
      sameSets(theirs) === sameSets(ours),
      firstDifference(sameSets(ours), sameSets(theirs)),
    )
    return
  }
  for (const name of ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts'])
    inside(node, 'nfacct', ['add', name])
  const restore = kubehop(...flags, '-o', 'restore')
  const save = kubehop(...flags, '-o', 'save')
  const chains = {
    KUBE: [
      'KUBE-SERVICES',
      'KUBE-EXTERNAL-SERVICES',
      'KUBE-NODEPORTS',
      'KUBE-FORWARD',
      'KUBE-PROXY-FIREWALL',
      'KUBE-FIREWALL',
      'KUBE-POSTROUTING',
    ],
  }.KUBE
  // The jumps, which kube-proxy ensures one by one: our listing has them in their final order, before what the CNI has put there.
  const jumps = tablesOf(save).map(([table, lines]) => {
    const rules = lines.filter((line) => /^-A (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) /.test(line))
    const counts = new Map()
    const inserted = rules.map((line) =>
      line.replace(
        /^-A (\S+)/,
        (_, chain) => `-I ${chain} ${counts.set(chain, (counts.get(chain) ?? 0) + 1).get(chain)}`,
      ),
    )
    return [
      `*${table}`,
      ...chains
        .filter((chain) => rules.some((line) => line.endsWith(`-j ${chain}`)))
        .map((chain) => `:${chain} - [0:0]`),
      ...inserted,
      'COMMIT',
      '',
    ].join('\n')
  })
  inside(node, 'iptables-restore', ['-w', '5', '--noflush'], jumps.join(''))
  inside(node, 'iptables-restore', ['-w', '5', '--noflush', '--counters'], restore)
  inside(node, 'sysctl', ['-qw', 'net.ipv4.conf.all.route_localnet=1'])
  const real = Object.fromEntries(tablesOf(inside(node, 'iptables-save', [])))
  for (const [table, lines] of tablesOf(save)) {
    const wanted = lines.join('\n')
    const listed = (real[table] ?? []).filter((line) => !line.includes('FLANNEL')).join('\n')
    check(`${node}: iptables-save *${table} equals our listing`, wanted === listed, firstDifference(wanted, listed))
  }
}

/** `iptables-save` text as [table, lines]; comments, policies' counters and empty tables left out. */
function tablesOf(text) {
  return [...text.matchAll(/^\*(\w+)\n([\s\S]*?)^COMMIT$/gm)]
    .map(([, table, body]) => [
      table,
      body
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/ \[\d+:\d+\]$/, ' [0:0]')),
    ])
    .filter(([, lines]) => lines.some((line) => line.startsWith('-A')))
}

/** The order of a set's or map's elements is the kernel's hash order: sorted, as the listing otherwise stands. */
function sameSets(text) {
  return text
    .replace(
      /elements = \{([^}]*)\}/g,
      (_, body) =>
        `elements = {${body
          .split(',')
          .map((each) => each.trim())
          .sort()
          .join(',')}}`,
    )
    .trim()
}

function firstDifference(ours, theirs) {
  const [a, b] = [ours.split('\n'), theirs.split('\n')]
  const i = a.findIndex((line, k) => line !== b[k])
  const at = i < 0 ? a.length : i
  return `  line ${at + 1}\n  ours:   ${a[at]}\n  kernel: ${b[at]}`
}

function compareProbe(mode, { from, to, via }, ends) {
  const what = `${mode}: ${from} -> ${to}${via ? ` via ${via}` : ''}`
  const id = from.startsWith('host/') ? 'outside' : from.split('/').at(-1)
  const [, protocol, address, port] = /^(\w+):\/\/(.*):(\d+)$/.exec(to)
  if (id === 'outside') route(via)
  const tries = ends.length === 1 ? 1 : TRIES
  for (let i = 0; i < tries; i++) {
    for (const { name } of nodes) forget(name)
    // nft's rules have no counters.
    const countAll = () => (mode === 'iptables' ? nodes.map(({ name }) => counters(name)) : [])
    const before = countAll()
    const real = attempt(id, protocol, address, port)
    const after = countAll()
    const same = ends.find(
      (end) =>
        end.outcome === real.outcome &&
        (end.errno ?? undefined) === (real.outcome === 'connected' ? undefined : end.errno && real.errno) &&
        (real.server === undefined || end.server === real.server) &&
        end.pod === real.pod &&
        end.sourceSeen === real.sourceSeen,
    )
    check(
      what,
      same !== undefined,
      `  real: ${JSON.stringify(real)}\n  predicted: ${JSON.stringify(ends.map(({ matched: _m, matchedOnPath: _p, ...end }) => end))}`,
    )
    if (!same || mode !== 'iptables') continue
    for (const [k, { name }] of nodes.entries()) {
      const rose = [...after[k]]
        .filter(([rule, count]) => count > (before[k].get(rule) ?? 0))
        .map(([rule]) => rule)
        .sort()
      const wanted = [...(same.matched[name] ?? [])].sort()
      check(
        `${what}: counters of ${name}`,
        JSON.stringify(rose) === JSON.stringify(wanted),
        `  only real: ${rose.filter((rule) => !wanted.includes(rule)).join('\n             ')}\n  only ours: ${wanted.filter((rule) => !rose.includes(rule)).join('\n             ')}`,
      )
    }
  }
}

/** Session affinity: who comes again comes to the same server. */
function compareAffinity(mode, { from, to }) {
  const id = from.split('/').at(-1)
  const [, protocol, address, port] = /^(\w+):\/\/(.*):(\d+)$/.exec(to)
  for (const { name } of nodes) forget(name)
  const servers = Array.from({ length: AGAIN }, () => attempt(id, protocol, address, port).server)
  check(
    `${mode}: ${from} -> ${to}: ${AGAIN} in a row`,
    servers[0] !== undefined && new Set(servers).size === 1,
    `  real: ${servers.join(', ')}`,
  )
}

/** Each attempt starts as a first one: no connection is known, no client is remembered. */
function forget(node) {
  const script =
    'conntrack -F 2>/dev/null; for list in /proc/net/xt_recent/*; do [ -e "$list" ] && echo / > "$list"; done'
  spawnSync('ip', ['netns', 'exec', `kubehop-${node}`, 'sh', '-c', script], { stdio: 'ignore' })
}

/** The outside host's only gateway: the LAN's router, or a node. */
function route(via) {
  const gateway = via ? nodes.find(({ name }) => name === via).address : '172.16.210.1'
  inside('outside', 'ip', ['route', 'replace', 'default', 'via', gateway, 'dev', 'eth0', ...(via ? ['onlink'] : [])])
}
