import type { Cidr } from '../base/cidr.ts'
import type { Ip } from '../base/ip.ts'

/** An address on an interface with the prefix of its network. */
export interface InterfaceAddress {
  readonly ip: Ip
  /** 24 for 172.16.210.11/24. */
  readonly bits: number
  /** `host`: never chosen as source towards others (127.0.0.1). */
  readonly scope: 'global' | 'host'
}

/** A network interface of one network namespace. */
export interface Interface {
  readonly name: string
  readonly index: number
  readonly kind: 'loopback' | 'ethernet' | 'bridge' | 'bridgePort' | 'dummy'
  readonly addresses: readonly InterfaceAddress[]
}

/** An entry of the main table. Without `via` the destination is on the link itself. */
export interface Route {
  /** `0.0.0.0/0` or `::/0` is `default`. */
  readonly destination: Cidr
  readonly type: 'unicast' | 'blackhole'
  readonly device: string
  readonly via?: Ip
  readonly onlink?: boolean
  /** Made by the kernel for an address of the device, which is its preferred source. */
  readonly source?: Ip
}
