import { iptablesCommand } from '../engine/index.ts'
import { nodeSysctls } from './nodeSysctls.ts'
import { sysctl } from './sysctl.ts'
import type { Fleet, NodeTables } from '../engine/index.ts'
import type { Program } from './createShell.ts'

/** The cluster that a root shell on a node looks at. */
export interface NodeWorld {
  readonly fleet: Pick<Fleet, 'dataplane'>
  readonly nodeTables: (node: string) => NodeTables | undefined
}

/**
 * What root has on `node`: `iptables` and `ip6tables` change the node's own tables, and what they add takes part in the
 * next packet's walk; the listing tools print what the node's kernel holds.
 */
export function nodePrograms(world: NodeWorld, node: string): Readonly<Record<string, Program>> {
  const iptables =
    (family: 'IPv4' | 'IPv6'): Program =>
    (args) => {
      const kernel = world.fleet.dataplane().node(node)
      if (!kernel) return { stdout: '', stderr: `there is no node ${node}\n`, rc: 1 }
      const { stdout, stderr, exitCode } = iptablesCommand(kernel.tables[family], args)
      return { stdout, stderr, rc: exitCode }
    }
  const listing =
    (name: string): Program =>
    (args) => {
      const command = [name, ...args].join(' ')
      const views = world.nodeTables(node)?.views ?? []
      const view = views.find((each) => each.command === (ALIASES[command] ?? command))
      if (view) return { stdout: view.lines.map(({ text }) => `${text}\n`).join(''), stderr: '', rc: 0 }
      const known = views.map((each) => each.command).filter((each) => each.startsWith(`${name} `) || each === name)
      const hint = known.length > 0 ? `simulated here: ${known.join(', ')}` : `${name} has nothing to show in this mode`
      return { stdout: '', stderr: `${command}: ${hint}\n`, rc: 1 }
    }
  const listings = ['iptables-save', 'ip6tables-save', 'ipvsadm', 'ipset', 'nft', 'conntrack', 'ip']
  return {
    iptables: iptables('IPv4'),
    ip6tables: iptables('IPv6'),
    sysctl: (args) => {
      const kernel = world.fleet.dataplane().node(node)
      return kernel ? sysctl(args, nodeSysctls(kernel)) : { stdout: '', stderr: `there is no node ${node}\n`, rc: 1 }
    },
    ...Object.fromEntries(listings.map((name) => [name, listing(name)])),
  }
}

/** Other spellings of what the node prints. */
const ALIASES: Readonly<Record<string, string>> = {
  'ipvsadm -L -n': 'ipvsadm -Ln',
  'ipvsadm -ln': 'ipvsadm -Ln',
  'ipvsadm -L -n -c': 'ipvsadm -Lnc',
  'ip r': 'ip route',
  'ip route show': 'ip route',
  'ip a': 'ip addr',
  'ip address': 'ip addr',
  'ip addr show': 'ip addr',
  'nft -s list table ip kube-proxy': 'nft list table ip kube-proxy',
}
