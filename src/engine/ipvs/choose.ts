import { formatSocketAddress } from '../packet/packet.ts'
import { clientKey } from './connectionTable.ts'
import { maglevChances } from './hashing.ts'
import { selectServer } from './schedule.ts'
import { findServer } from './virtualServer.ts'
import type { HookContext } from '../conntrack/hookContext.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Candidate } from '../trace/event.ts'
import type { Connection } from './connectionTable.ts'
import type { IpvsKernel } from './kernel.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

/** Which server a connection goes to, and why. */
export interface Choice {
  readonly server: RealServer
  readonly because: 'scheduler' | 'persistence'
  readonly candidates: readonly Candidate[]
  readonly control: string | undefined
}

/** The server for a new connection; undefined: none takes it. */
export function chooseServer(kernel: IpvsKernel, ctx: HookContext, virtual: VirtualServer): Choice | undefined {
  return virtual.persistence > 0 ? choosePersistent(kernel, ctx, virtual) : chooseScheduled(ctx, virtual)
}

function chooseScheduled(ctx: HookContext, virtual: VirtualServer): Choice | undefined {
  const drawn =
    ctx.chance.explores &&
    virtual.scheduler === 'mh' &&
    virtual.flags.includes('mh-port') &&
    !virtual.flags.includes('mh-fallback')
  if (drawn) return chooseByUnknownPort(ctx, virtual)
  const open = virtual.started ? 0 : drawStart(ctx, virtual)
  const server = selectServer(virtual, ctx.packet.source, ctx.now)
  if (!server) return undefined
  if (!ctx.trace) return { server, because: 'scheduler', candidates: [], control: undefined }
  const chance = (other: RealServer): number =>
    open > 1 ? (other.weight > 0 ? 1 / open : 0) : other === server ? 1 : 0
  const candidates = virtual.servers.map((other) => candidate(other, chance(other)))
  return { server, because: 'scheduler', candidates, control: undefined }
}

/** mh, while every outcome is explored: the client's port stands for any. */
function chooseByUnknownPort(ctx: HookContext, virtual: VirtualServer): Choice | undefined {
  const chances = maglevChances(virtual, ctx.packet.source.ip)
  let left = 1
  const server = virtual.servers.find((_, i) => {
    const chance = chances[i] ?? 0
    // The last one's chance is 1, whatever the rounding.
    const share = left - chance < 1e-9 ? 1 : chance / left
    const won = chance > 0 && ctx.chance.roll(share).won
    left -= chance
    return won
  })
  const candidates = virtual.servers.map((other, i) => candidate(other, chances[i] ?? 0))
  return server && { server, because: 'scheduler', candidates, control: undefined }
}

/**
 * kube-proxy adds servers in no order: before the first connection any of them may stand first. Turns the list so that
 * the drawn one does; gives how many it was drawn from. mh does not care for the order.
 */
function drawStart(ctx: HookContext, virtual: VirtualServer): number {
  const open = virtual.servers.filter((server) => server.weight > 0)
  if (open.length < 2 || virtual.scheduler === 'mh') return 0
  const drawn = ctx.chance.pick(open.length, 'rr start')
  const first = open[drawn]
  if (drawn === 0 || !first) return open.length
  const index = virtual.servers.indexOf(first)
  virtual.servers = [...virtual.servers.slice(index), ...virtual.servers.slice(0, index)]
  virtual.table = undefined
  return open.length
}

/** The server of the client's template; without a valid one the scheduler's, for which a template is made. */
function choosePersistent(kernel: IpvsKernel, ctx: HookContext, virtual: VirtualServer): Choice | undefined {
  const client: SocketAddress = { ip: ctx.packet.source.ip, port: 0 }
  const key = clientKey(virtual.protocol, client, virtual.address)
  const template = kernel.connections.own(key)
  const remembered = template && findServer(virtual, template.serverKey)
  if (template && remembered && remembered.weight > 0) {
    template.expires = ctx.now + template.timeoutMs
    template.controlled++
    const candidates = ctx.trace ? virtual.servers.map((other) => candidate(other, other === remembered ? 1 : 0)) : []
    return { server: remembered, because: 'persistence', candidates, control: key }
  }
  if (template) retireTemplate(kernel, template)
  const choice = chooseScheduled(ctx, virtual)
  if (!choice) return undefined
  choice.server.persistent++
  const timeoutMs = virtual.persistence * 1000
  kernel.connections.add({
    epoch: 0,
    key,
    protocol: virtual.protocol,
    client,
    virtual: virtual.address,
    server: choice.server.address,
    virtualKey: virtual.key,
    serverKey: choice.server.key,
    template: true,
    control: undefined,
    controlled: 1,
    state: 'NONE',
    active: false,
    timeoutMs,
    expires: ctx.now + timeoutMs,
  })
  return { ...choice, control: key }
}

/** A template whose server no longer takes new clients: hashed away under port 65535, it lives on until its time is up. */
function retireTemplate(kernel: IpvsKernel, template: Connection): void {
  kernel.connections.remove(template)
  const port = 65535
  const { client } = template
  const virtual = { ip: template.virtual.ip, port }
  let key = clientKey(template.protocol, client, virtual)
  // Several may be put away under the same ports.
  while (kernel.connections.get(key)) key += '+'
  kernel.connections.add({ ...template, key, virtual, server: { ip: template.server.ip, port } })
  for (const { key: controlled, control } of [...kernel.connections.all()]) {
    const connection = control === template.key ? kernel.connections.own(controlled) : undefined
    if (connection) connection.control = key
  }
}

export function candidate(server: RealServer, probability: number): Candidate {
  return { label: formatSocketAddress(server.address), address: server.address, probability }
}
