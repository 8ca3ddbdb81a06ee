import { ipsetCommand, ipvsadmCommand, iptablesCommand, setReferences } from '../engine/index.ts'
import { nodeSysctls } from './nodeSysctls.ts'
import { sysctl } from './sysctl.ts'
import type { Fleet, NodeKernel, NodeTables, SimTime } from '../engine/index.ts'
import type { CommandResult } from './commandResult.ts'
import type { Program } from './createShell.ts'

/** The cluster that a root shell on a node looks at. */
export interface NodeWorld {
  readonly fleet: Pick<Fleet, 'agent' | 'dataplane'>
  readonly now: () => SimTime
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
      const { stdout, stderr, exitCode } = iptablesCommand(
        kernel.tables[family],
        args,
        (name) => kernel.sets?.has(name) ?? false,
      )
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
  // The kernel as it is after every sync that is due.
  const held = (): NodeKernel | undefined => world.fleet.dataplane().node(node)
  const ipvsadm: Program = (args) => {
    held()
    const ipvs = world.fleet.agent(node)?.ipvs()
    return answer(ipvsadmCommand(ipvs, args, world.now()))
  }
  const ipset: Program = (args) => {
    const tables = held()?.tables
    const references = (set: string): number => (tables ? setReferences(tables, set) : 0)
    return answer(ipsetCommand(world.fleet.agent(node)?.ipsets(), args, references))
  }
  const listings = ['iptables-save', 'ip6tables-save', 'nft', 'conntrack', 'ip']
  return {
    iptables: iptables('IPv4'),
    ip6tables: iptables('IPv6'),
    ipvsadm,
    ipset,
    sysctl: (args) => {
      const kernel = world.fleet.dataplane().node(node)
      return kernel ? sysctl(args, nodeSysctls(kernel)) : { stdout: '', stderr: `there is no node ${node}\n`, rc: 1 }
    },
    ...Object.fromEntries(listings.map((name) => [name, listing(name)])),
  }
}

function answer({ stdout, stderr, exitCode }: ReturnType<typeof ipsetCommand>): CommandResult {
  return { stdout, stderr, rc: exitCode }
}

/** Other spellings of what the node prints. */
const ALIASES: Readonly<Record<string, string>> = {
  'ip r': 'ip route',
  'ip route show': 'ip route',
  'ip a': 'ip addr',
  'ip address': 'ip addr',
  'ip addr show': 'ip addr',
  'nft -s list table ip kube-proxy': 'nft list table ip kube-proxy',
}
