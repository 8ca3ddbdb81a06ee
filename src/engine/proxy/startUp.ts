import type { ProxyConfig, ProxyMode, ProxyNode } from './types.ts'

/** What a node's kernel and tools offer when kube-proxy starts there. */
export interface NodeAbilities {
  /** `6.1`, `5.10`, `4.18`. */
  readonly kernel: string
  /** Modules that are loaded, built in or can be loaded: `ip_vs`, `ip_vs_rr`, `nf_conntrack`, ... */
  readonly modules: ReadonlySet<string>
  /** `7.17`; absent: not installed. */
  readonly ipset?: string
  readonly routeLocalnet: boolean
}

export interface StartUpRequest {
  /** Minor release of kube-proxy: 35 for v1.35. */
  readonly release: number
  /** As configured; empty: the release's default. */
  readonly mode: string
  readonly ipvsScheduler: string
  readonly families: number
}

export interface StartUp {
  /** Absent: the process ends, the pod crash-loops and the old rules stay in the kernel. */
  readonly mode?: ProxyMode
  readonly log: readonly string[]
}

/** An ordinary node: everything is there. */
export const fullAbilities: NodeAbilities = {
  kernel: '6.1',
  modules: new Set(
    [
      'ip_vs',
      'nf_conntrack',
      'rr wrr lc wlc lblc lblcr sh dh sed nq fo ovf mh'.split(' ').map((n) => `ip_vs_${n}`),
    ].flat(),
  ),
  ipset: '7.17',
  routeLocalnet: true,
}

/** The release that the simulator follows: v1.35. userspace mode is that of v1.25, the last that had it. */
const RELEASE = 35

/** What kube-proxy does at its start on `node` with `config`; only modules that the node lacks can change the mode. */
export function startOn(config: ProxyConfig, node: ProxyNode): StartUp {
  const missing = new Set(node.missingModules)
  const release = config.mode === 'userspace' ? 25 : (node.release ?? RELEASE)
  const families = Object.keys(node.nodeIps).length
  const modules = new Set([...fullAbilities.modules].filter((name) => !missing.has(name)))
  return startProxier(
    {
      release,
      mode: config.mode,
      ipvsScheduler: config.schedulerGiven === false ? '' : config.ipvsScheduler,
      families,
    },
    { ...fullAbilities, modules },
  )
}

/**
 * Which proxier kube-proxy starts with, and what it logs about it.
 * Source: cmd/kube-proxy/app/server_linux.go and pkg/proxy/ipvs of the releases named below; for v1.27 and later
 * github.com/moby/ipvs too.
 */
export function startProxier(request: StartUpRequest, node: NodeAbilities): StartUp {
  const { release, mode } = request
  if (mode === 'ipvs') return startIpvs(request, node)
  if (mode === 'nftables' && release >= 29) {
    return compareVersions(node.kernel, '5.13') >= 0
      ? { mode: 'nftables', log: ['Using nftables Proxier'] }
      : ends('kube-proxy in nftables mode requires kernel 5.13 or later')
  }
  if (mode === 'userspace' && release <= 25) return { mode: 'userspace', log: ['Using userspace Proxier.'] }
  if (mode === '' || mode === 'iptables') return startIptables(request, node, [])
  if (release <= 25) return startIptables(request, node, [`Unknown proxy mode "${mode}", assuming iptables proxy`])
  return ends(`unknown proxy mode "${mode}"`)
}

function startIpvs(request: StartUpRequest, node: NodeAbilities): StartUp {
  const { release, ipvsScheduler, families } = request
  const fault = release <= 26 ? missingForOldCheck(request, node) : failedProbe(request, node)
  if (fault === undefined) {
    const log = ['Using ipvs Proxier']
    if (release >= 35) {
      log.push(
        "The ipvs proxier is now deprecated and may be removed in a future release. Please use 'nftables' instead.",
      )
    }
    // One proxier a family, and each says it.
    if (ipvsScheduler === '') log.push(...Array.from({ length: families }, () => NO_SCHEDULER))
    return { mode: 'ipvs', log }
  }
  if (release >= 26) {
    const { log } = ends(`can't use the IPVS proxier: ${fault}`)
    return { log: [...(release > 26 ? probeLog(request, node) : []), ...log] }
  }
  const log = [`Can't use the IPVS proxier: ${fault}`]
  // v1.8 had no way but the oldest mode.
  if (release <= 8) return { mode: 'userspace', log: [...log, 'Using userspace Proxier.'] }
  return startIptables(request, node, [...log, "Can't use ipvs proxier, trying iptables proxier"])
}

const NO_SCHEDULER = 'IPVS scheduler not specified, use rr by default'

function startIptables({ release }: StartUpRequest, node: NodeAbilities, log: readonly string[]): StartUp {
  if (release <= 25 && !node.routeLocalnet) {
    return { mode: 'userspace', log: [...log, "Can't use iptables proxy, using userspace proxier"] }
  }
  return { mode: 'iptables', log: [...log, release <= 25 ? 'Using iptables Proxier.' : 'Using iptables Proxier'] }
}

/** Up to v1.26: a list of modules that must be there, and ipset. */
function missingForOldCheck({ ipvsScheduler }: StartUpRequest, node: NodeAbilities): string | undefined {
  const conntrack = compareVersions(node.kernel, '4.19') < 0 ? 'nf_conntrack_ipv4' : 'nf_conntrack'
  const scheduler = `ip_vs_${ipvsScheduler === '' ? 'rr' : ipvsScheduler}`
  const needed = new Set(['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_sh', scheduler, conntrack])
  const missing = [...needed].filter((name) => !node.modules.has(name))
  if (missing.length > 0) {
    return `IPVS proxier will not be used because the following required kernel modules are not loaded: [${missing.join(' ')}]`
  }
  return oldIpset(node)
}

/** From v1.27: a virtual server with the scheduler is made and deleted again. */
function failedProbe({ ipvsScheduler }: StartUpRequest, node: NodeAbilities): string | undefined {
  const ipset = oldIpset(node)
  if (ipset !== undefined) return ipset
  // Without the module every call succeeds and does nothing: the virtual server is not there afterwards.
  if (!node.modules.has('ip_vs')) return 'Ipvs not supported'
  const scheduler = ipvsScheduler === '' ? 'rr' : ipvsScheduler
  return node.modules.has(`ip_vs_${scheduler}`) ? undefined : 'no such file or directory'
}

/** What is logged on the way to a failed probe. */
function probeLog({ ipvsScheduler }: StartUpRequest, node: NodeAbilities): readonly string[] {
  const scheduler = ipvsScheduler === '' ? 'rr' : ipvsScheduler
  const noFamily = `Could not get ipvs family information from the kernel. It is possible that ipvs is not enabled in your kernel. Native loadbalancing will not work until this is fixed.`
  const before = node.modules.has('ip_vs') ? [] : [noFamily]
  if (oldIpset(node) !== undefined) return before
  return [
    ...before,
    node.modules.has('ip_vs')
      ? `"Could not create dummy VS" err="no such file or directory" scheduler="${scheduler}"`
      : `"Dummy VS not created" scheduler="${scheduler}"`,
  ]
}

function oldIpset({ ipset }: NodeAbilities): string | undefined {
  if (ipset === undefined) {
    return 'error getting ipset version, error: executable file not found in $PATH'
  }
  return compareVersions(ipset, '6.0') < 0
    ? `ipset version: ${ipset} is less than min required version: 6.0`
    : undefined
}

function ends(fault: string): StartUp {
  return { log: [`Error running ProxyServer: ${fault}`] }
}

/** By numeric parts: `5.9` is older than `5.13`. */
function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.split('.').map(Number))
  return (x?.[0] ?? 0) - (y?.[0] ?? 0) || (x?.[1] ?? 0) - (y?.[1] ?? 0)
}
