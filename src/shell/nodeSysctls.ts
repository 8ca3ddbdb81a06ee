import type { NodeKernel } from '../engine/index.ts'
import type { SysctlStore } from './sysctl.ts'

type Name = keyof NodeKernel['sysctls']

/** Source: Documentation/networking/ip-sysctl.rst, and br_netfilter. */
const KEYS: Readonly<Record<string, Name>> = {
  'net.ipv4.ip_forward': 'ipForward',
  'net.bridge.bridge-nf-call-iptables': 'bridgeNfCallIptables',
  'net.ipv4.conf.all.route_localnet': 'routeLocalnet',
  'net.ipv4.conf.all.rp_filter': 'rpFilter',
  'net.ipv4.conf.all.arp_ignore': 'arpIgnore',
}

/** The switches of `kernel`; what is written counts from the next packet on. */
export function nodeSysctls(kernel: NodeKernel): SysctlStore {
  const nameOf = (key: string): Name | undefined => (Object.hasOwn(KEYS, key) ? KEYS[key] : undefined)
  return {
    read: (key) => {
      const name = nameOf(key)
      return name === undefined ? undefined : Number(kernel.sysctls[name] ?? false)
    },
    write: (key, value) => {
      const name = nameOf(key)
      if (name === undefined) return false
      kernel.typedSysctls = { ...kernel.typedSysctls, [name]: value !== 0 }
      // A new object: recordings of earlier walks notice.
      kernel.sysctls = { ...kernel.sysctls, [name]: value !== 0 }
      return true
    },
  }
}
