import { createIpvs } from './ipvs.ts'
import { parseIpvsadmArguments } from './ipvsadmArguments.ts'
import { printIpvsadm, printIpvsadmSave, printIpvsConnections, printIpvsTimeouts } from './printIpvsadm.ts'
import { isScheduler } from './schedule.ts'
import { virtualServerKey } from './virtualServer.ts'
import { formatSocketAddress } from '../packet/packet.ts'
import type { SimTime } from '../base/time.ts'
import type { Ipvs } from './ipvs.ts'
import type { IpvsadmArguments } from './ipvsadmArguments.ts'
import type { IpvsadmListing, IpvsadmStyle } from './printIpvsadm.ts'
import type { VirtualServer } from './virtualServer.ts'

export interface CommandOutput {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

const VERSION = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n'

/**
 * `ipvsadm` with these arguments. Texts and exit codes of ipvsadm 1.31. Differs: firewall marks, tunnels and direct
 * routing, netmasks, thresholds, one-packet scheduling, persistence engines, the sync daemon and `-R` are not simulated, nor are changes where
 * kube-proxy never ran in ipvs mode (`given` is undefined).
 */
export function ipvsadmCommand(given: Ipvs | undefined, argv: readonly string[], now: SimTime): CommandOutput {
  const ipvs = given ?? createIpvs(now)
  ipvs.advance(now)
  if (argv.length === 0) return print(printIpvsadm(ipvs, now, 'servers', { names: true }))
  const parsed = parseIpvsadmArguments(argv)
  if ('message' in parsed) return complain(parsed.message, parsed.exitCode)
  const left = NOT_SIMULATED.find((name) => parsed.options.has(name))
  if (left !== undefined) return complain(`kubehop does not simulate ipvsadm's option '${left}'`, 2)
  if (!given && CHANGES.has(parsed.action)) return complain('kubehop simulates changes of IPVS in ipvs mode only', 2)
  switch (parsed.action) {
    case 'help':
      return print(
        `${VERSION}Simulated: -A|-E|-D -t|-u|--sctp-service ADDRESS, -a|-e|-d ... -r ADDRESS -m -w WEIGHT, -L|-S [-n], -Z, -C, --set\n`,
      )
    case 'version':
      return print(VERSION)
    case 'list':
      return list(ipvs, parsed, now)
    case 'save':
      return print(printIpvsadmSave(ipvs, { names: !parsed.options.has('numeric') }))
    case 'set': {
      const [tcp = 0, tcpFin = 0, udp = 0] = parsed.timeouts ?? []
      const old = ipvs.timeouts()
      ipvs.setTimeouts({ tcp: tcp || old.tcp, tcpFin: tcpFin || old.tcpFin, udp: udp || old.udp })
      return DONE
    }
    case 'flush':
      ipvs.clear()
      return DONE
    case 'restore':
    case 'start-daemon':
    case 'stop-daemon':
      return complain(`kubehop does not simulate ipvsadm --${parsed.action}`, 2)
    case 'zero':
    case 'add-service':
    case 'edit-service':
    case 'delete-service':
      return changeService(ipvs, parsed)
    case 'add-server':
    case 'edit-server':
    case 'delete-server':
      return changeServer(ipvs, parsed)
  }
}

const CHANGES: ReadonlySet<string> = new Set(['set', 'add-service', 'edit-service', 'add-server', 'edit-server'])
const NOT_SIMULATED = ['netmask', 'u-threshold', 'l-threshold', 'ops', 'pe', 'daemon']
const DONE: CommandOutput = { stdout: '', stderr: '', exitCode: 0 }

function print(stdout: string): CommandOutput {
  return { stdout, stderr: '', exitCode: 0 }
}

/** What the kernel refuses ends with -1. */
function complain(message: string, exitCode = 255): CommandOutput {
  return { stdout: '', stderr: `${message}\n`, exitCode }
}

function find(ipvs: Ipvs, { service }: IpvsadmArguments): Readonly<VirtualServer> | undefined {
  const key = service && virtualServerKey(service.protocol, service.address)
  return ipvs.virtualServers().find((virtual) => virtual.key === key)
}

function list(ipvs: Ipvs, parsed: IpvsadmArguments, now: SimTime): CommandOutput {
  const { options } = parsed
  const style: IpvsadmStyle = {
    names: !options.has('numeric'),
    exact: options.has('exact'),
    unsorted: options.has('nosort'),
  }
  if (options.has('connection')) return print(printIpvsConnections(ipvs, now, style))
  if (options.has('timeout')) return print(printIpvsTimeouts(ipvs))
  const listings: readonly IpvsadmListing[] = ['stats', 'rate', 'thresholds', 'persistent-conn']
  const listing = listings.find((name) => options.has(name)) ?? 'servers'
  if (!parsed.service) return print(printIpvsadm(ipvs, now, listing, style))
  const only = find(ipvs, parsed)
  return only ? print(printIpvsadm(ipvs, now, listing, { ...style, only })) : complain('No such service', 1)
}

function changeService(ipvs: Ipvs, parsed: IpvsadmArguments): CommandOutput {
  const { action, service, scheduler = 'wlc', flags = [], persistence = 0 } = parsed
  const known = find(ipvs, parsed)
  if (action === 'zero') {
    if (service && !known) return complain('No such service')
    ipvs.zero(known?.key)
    return DONE
  }
  if (!service) return DONE
  if (action === 'delete-service') {
    return ipvs.deleteVirtualServer(service.protocol, service.address) ? DONE : complain('No such service')
  }
  if (action === 'add-service' && known) return complain('Service already exists')
  if (action === 'edit-service' && !known) return complain('No such service')
  if (!isScheduler(scheduler)) return complain('Scheduler or persistence engine not found')
  ipvs.ensureVirtualServer({ ...service, scheduler, schedulerFlags: flags, persistence, realServers: [] })
  return DONE
}

function changeServer(ipvs: Ipvs, parsed: IpvsadmArguments): CommandOutput {
  const { action, server, weight = 1, masquerading = false } = parsed
  const virtual = find(ipvs, parsed)
  if (!virtual || !server) return complain('Service not defined')
  const key = formatSocketAddress(server)
  const known = virtual.servers.some((one) => one.key === key)
  if (action === 'add-server' && known) return complain('Destination already exists')
  if (action !== 'add-server' && !known) return complain('No such destination')
  if (action === 'delete-server') ipvs.deleteRealServer(virtual.key, key)
  else if (!masquerading) return complain('kubehop simulates masquerading only: add -m', 2)
  else if (action === 'add-server') ipvs.addRealServer(virtual.key, server, weight)
  else ipvs.editRealServer(virtual.key, key, weight)
  return DONE
}
