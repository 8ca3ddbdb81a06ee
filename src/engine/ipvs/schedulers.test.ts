import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createClients } from '../testing/director.ts'
import { socketAddress } from '../testing/hookContext.ts'
import { createIpvs } from './ipvs.ts'
import { printIpvsadm } from './printIpvsadm.ts'
import type { SchedulerFlag } from './model.ts'

interface Case {
  readonly name: string
  readonly scheduler: string
  readonly weights: readonly number[]
  readonly persistence: number
  readonly ops: readonly string[]
  readonly picks: readonly string[]
  readonly table: readonly string[]
}

interface Recording {
  /** In the order in which each case adds them. */
  readonly realServers: readonly string[]
  readonly cases: readonly Case[]
}

const FOLDER = join(import.meta.dirname, 'testdata')
/** Every file there is a recording of this form. */
const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const { realServers, cases } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Recording
    return cases.map((one): [string, Case, readonly string[]] => [one.name, one, realServers])
  })

it.each(cases)(
  'the kernel chose the same servers: %s',
  (_, { scheduler, weights, persistence, ops, picks, table }, realServers) => {
    const addresses = realServers.slice(0, weights.length)
    const virtual = table[0]?.split(' ')[2] ?? ''
    const ipvs = createIpvs()
    const spec = {
      protocol: 'TCP' as const,
      address: socketAddress(virtual),
      scheduler,
      schedulerFlags: [],
      persistence,
      realServers: addresses.map((text, i) => ({ address: socketAddress(text), weight: weights[i] ?? 0 })),
    }
    ipvs.applyVirtualServers([spec], 0)
    const clients = createClients(ipvs, virtual)
    const got: string[] = []
    const pick = (server: string): void => {
      const index = addresses.indexOf(server)
      got.push(index < 0 ? server : String(index))
    }
    for (const [verb = '', name = '', ip = ''] of ops.map((op) => op.split(' '))) {
      if (verb === 'close') clients.close(name)
      else pick(verb === 'open' ? clients.open(name, ip) : clients.request(name))
    }
    expect(got).toEqual(picks)
    for (const name of clients.names()) clients.close(name)
    expect(printIpvsadm(ipvs, clients.now()).split('\n').slice(3, -1)).toEqual(table)
  },
)

/** 10.98.98.98:80 with 10.244.1.10, .11 and 10.244.2.12 added in this order; the answers are their last numbers. */
function lab(scheduler: string, weights: readonly number[] = [1, 1, 1], schedulerFlags: readonly SchedulerFlag[] = []) {
  const ipvs = createIpvs()
  const servers = ['10.244.1.10:8080', '10.244.1.11:8080', '10.244.2.12:8080']
  const realServers = servers.map((text, i) => ({ address: socketAddress(text), weight: weights[i] ?? 1 }))
  const address = socketAddress('10.98.98.98:80')
  ipvs.applyVirtualServers([{ protocol: 'TCP', address, scheduler, schedulerFlags, persistence: 0, realServers }], 0)
  const clients = createClients(ipvs, '10.98.98.98:80')
  const short = (server: string): string => /\.(\d+):/.exec(server)?.[1] ?? server
  return {
    ipvs,
    request: (source: string) => short(clients.request(source)),
    hold: (name: string) => short(clients.open(name, '10.244.1.20')),
  }
}
const key = 'TCP 10.98.98.98:80'
const clientsFrom20 = Array.from({ length: 10 }, (_, i) => `10.244.1.${20 + i}`)
const portsFrom = (first: number): string[] => Array.from({ length: 10 }, (_, i) => `10.244.1.20:${first + i}`)

describe('vectors read off Linux 6.1', () => {
  it.each<[string, readonly number[], readonly SchedulerFlag[], readonly string[], string]>([
    ['sh', [1, 1, 1], [], clientsFrom20, '12 10 11 10 12 11 12 10 12 11'],
    ['sh', [4, 2, 1], [], clientsFrom20, '10 10 10 10 10 11 11 11 10 10'],
    ['sh', [1, 1, 1], ['sh-port'], portsFrom(40000), '10 12 10 11 11 12 11 12 10 10'],
    ['mh', [1, 1, 1], [], clientsFrom20, '11 10 11 11 10 12 11 10 12 10'],
    ['mh', [4, 2, 1], [], clientsFrom20, '10 10 11 11 10 10 10 10 11 10'],
    ['mh', [1, 1, 1], ['mh-port'], portsFrom(41000), '12 10 12 10 12 12 10 12 12 11'],
    ['dh', [1, 1, 1], [], clientsFrom20.slice(0, 2), '10 10'],
    ['rr', [1, 1, 1], [], clientsFrom20.slice(0, 8), '12 11 10 12 11 10 12 11'],
    [
      'wrr',
      [4, 2, 1],
      [],
      [...clientsFrom20, ...clientsFrom20].slice(0, 14),
      '12 11 10 10 10 11 10 12 11 10 10 10 11 10',
    ],
  ])('%s %j %j', (scheduler, weights, flags, sources, want) => {
    const { request } = lab(scheduler, weights, flags)
    expect(sources.map(request).join(' ')).toBe(want)
  })

  it.each<[string, readonly number[], string]>([
    ['wlc', [4, 2, 1], '12 11 10 10 11 10 10 12 11 10 10 11 10 10'],
    ['sed', [4, 2, 1], '10 11 10 10 12 11 10 10 11 10 10 12 11 10'],
    ['nq', [4, 2, 1], '12 11 10 10 10 11 10 10 11 10 10 12 11 10'],
    ['lblc', [1, 1, 1], '12 12 11 11 10 10'],
    ['ovf', [4, 2, 1], '10 10 10 10 10 11 11 11 12 12 refuse'],
    ['fo', [1, 1, 1], '12 12 12'],
    ['fo', [4, 2, 1], '10 10 10'],
  ])('%s %j, connections held', (scheduler, weights, want) => {
    const { hold } = lab(scheduler, weights)
    expect(
      want
        .split(' ')
        .map((_, i) => hold(`c${i}`))
        .join(' '),
    ).toBe(want)
  })

  it('rr stands on the server before one that is deleted, and a new one comes first', () => {
    const { ipvs, request } = lab('rr')
    const take = (n: number): string => clientsFrom20.slice(0, n).map(request).join(' ')
    expect(take(2)).toBe('12 11')
    ipvs.deleteRealServer(key, '10.244.1.11:8080')
    expect(take(4)).toBe('10 12 10 12')
    ipvs.addRealServer(key, socketAddress('10.244.1.11:8080'), 1)
    expect(take(6)).toBe('10 11 12 10 11 12')
  })

  it.each(['sh', 'mh', 'dh'])('%s refuses a client whose server weighs nothing', (scheduler) => {
    const { ipvs, request } = lab(scheduler)
    const server = request('10.244.1.20')
    ipvs.editRealServer(key, server === '12' ? '10.244.2.12:8080' : `10.244.1.${server}:8080`, 0)
    expect(request('10.244.1.20')).toBe('refuse')
  })

  it.each<SchedulerFlag>(['sh-fallback', 'mh-fallback'])('%s looks for another server', (flag) => {
    const { ipvs, request } = lab(flag.slice(0, 2), [1, 1, 1], [flag])
    const server = request('10.244.1.20')
    ipvs.editRealServer(key, server === '12' ? '10.244.2.12:8080' : `10.244.1.${server}:8080`, 0)
    expect(['10', '11', '12'].filter((one) => one !== server)).toContain(request('10.244.1.20'))
  })
})
