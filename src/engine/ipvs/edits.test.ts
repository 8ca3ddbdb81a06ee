import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createClients } from '../testing/director.ts'
import { socketAddress } from '../testing/hookContext.ts'
import { createIpvs } from './ipvs.ts'
import type { VirtualServerSpec } from './model.ts'

interface Case {
  readonly name: string
  readonly scheduler: string
  readonly weights: readonly number[]
  readonly persistence: number
  readonly ops: string
  readonly picks: string
  /** The header of `ipvsadm -Ln`, then the real servers in the kernel's own order (/proc/net/ip_vs). */
  readonly table: readonly string[]
}

/** Servers, weights and schedulers edited between connections; ports used again. Recorded on Linux 6.1 with ipvsadm 1.31. */
const { realServers, cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'testdata/edits/edits.json'), 'utf8'),
) as { realServers: readonly string[]; cases: readonly Case[] }

it.each(cases.map((one): [string, Case] => [one.name, one]))('%s', (_, one) => {
  const virtual = one.table[0]?.split(' ')[2] ?? ''
  const key = `TCP ${virtual}`
  const server = (index = ''): string => realServers[Number(index)] ?? index
  const spec = (scheduler: string, persistence: number): VirtualServerSpec => ({
    protocol: 'TCP',
    address: socketAddress(virtual),
    scheduler,
    schedulerFlags: [],
    persistence,
    realServers: one.weights.map((weight, i) => ({ address: socketAddress(server(String(i))), weight })),
  })
  const ipvs = createIpvs()
  ipvs.applyVirtualServers([spec(one.scheduler, one.persistence)], 0)
  const clients = createClients(ipvs, virtual)
  const picks: string[] = []
  const pick = (answer: string): void => {
    const index = realServers.indexOf(answer)
    picks.push(index < 0 ? answer.replace('refuse', 'refused') : String(index))
  }
  const verbs: Readonly<Record<string, (a: string, b: string) => void>> = {
    req: (ip) => {
      pick(clients.request(ip))
    },
    open: (name, ip) => {
      pick(clients.open(name, ip))
    },
    send: (name) => {
      const answer = clients.send(name)
      if (answer !== 'not open') picks.push(answer === 'toServer' ? 'ok' : 'reset')
    },
    close: (name) => {
      clients.close(name)
    },
    quit: (name) => {
      clients.close(name, 'server')
    },
    rst: (name) => {
      clients.reset(name)
    },
    add: (index, weight) => ipvs.addRealServer(key, socketAddress(server(index)), Number(weight)),
    edit: (index, weight) => ipvs.editRealServer(key, server(index), Number(weight)),
    del: (index) => ipvs.deleteRealServer(key, server(index)),
    sched: (name, persistence) => ipvs.ensureVirtualServer(spec(name, Number(persistence))),
  }
  for (const [verb = '', a = '', b = ''] of one.ops.split(', ').map((op) => op.split(' '))) verbs[verb]?.(a, b)
  expect(picks.join(' ')).toBe(one.picks)
  for (const name of clients.names()) clients.close(name)
  const kept = ipvs.virtualServers()[0]
  expect([
    `TCP  ${virtual} ${kept?.scheduler}${kept?.persistence ? ` persistent ${kept.persistence}` : ''}`,
    ...(kept?.servers ?? []).map((s) => `${s.key} weight ${s.weight} active ${s.active} inactive ${s.inactive}`),
  ]).toEqual(one.table)
})
