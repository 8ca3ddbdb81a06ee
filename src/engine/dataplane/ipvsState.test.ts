import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { expect, it } from 'vitest'
import { packetWorld } from '../testing/packetWorld.ts'
import { printIpvsadm } from '../ipvs/printIpvsadm.ts'
import type { KubeObject } from '../api/types.ts'
import type { Ipvs } from '../ipvs/ipvs.ts'
import type { RawProxyConfig } from '../proxy/config.ts'

interface Case {
  readonly cluster: string
  readonly proxy: string
  readonly expect: {
    readonly ipvsState?: Readonly<Record<string, { readonly ipvsadm: string; readonly kubeIpvs0: readonly string[] }>>
  }
}

const FOLDER = join(import.meta.dirname, 'testdata/packets')

it.each(readdirSync(FOLDER))('ipvsadm -Ln and kube-ipvs0 of every node are as recorded: %s', (file) => {
  const data = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Case
  const { ipvsState } = data.expect
  if (!ipvsState) return
  const world = packetWorld(loadAll(data.cluster) as KubeObject[], loadAll(data.proxy)[0] as RawProxyConfig, 'ipvs')
  for (const [node, want] of Object.entries(ipvsState)) {
    const kernel = world.node(node)
    expect(kernel && printIpvsadm(kernel.ipvs as unknown as Ipvs, 0)).toBe(want.ipvsadm)
    expect(kernel?.kubeIpvs0.map((ip) => `${ip}/32`).sort()).toEqual([...want.kubeIpvs0].sort())
  }
})
