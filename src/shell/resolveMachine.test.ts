import { describe, expect, it } from 'vitest'
import { createMachineIo } from './resolveMachine.ts'
import { createSim } from '../engine/index.ts'
import { networkPrograms } from './digPrograms.ts'
import type { Sim } from '../engine/index.ts'
import type { Program } from './createShell.ts'

function programsAt(sim: Sim, from: string): Readonly<Record<string, Program>> {
  const clock = { now: sim.now, unixMs: sim.now, advance: sim.advance }
  const { dns, web } = createMachineIo(sim, { from, seed: 1, ...clock })
  return networkPrograms(dns, web)
}

describe('network programs on simulated machines', () => {
  const sim = createSim({ seed: 1 })
  const node = programsAt(sim, 'node/node01')

  it('dig reaches CoreDNS through kube-proxy', () => {
    const result = node['dig']!(['@10.96.0.10', 'kubernetes.default.svc.cluster.local', '+short'])
    expect(result).toEqual({ stdout: '10.96.0.1\n', stderr: '', rc: 0 })
  })

  it('curl says what the packets met', () => {
    // The lab's nodes run no API server process, so nobody listens on its port.
    expect(node['curl']!(['-sS', 'http://172.16.210.11:6444/']).rc).toBe(7)
    expect(node['curl']!(['-sS', '--connect-timeout', '1', 'http://192.0.2.7/'])).toEqual({
      stdout: '',
      stderr: 'curl: (28) Failed to connect to 192.0.2.7 port 80 after 1001 ms: Timeout was reached\n',
      rc: 28,
    })
  })

  it('names die with CoreDNS', () => {
    for (const object of [...sim.store.list('Deployment')]) {
      if (object.metadata.name !== 'coredns') continue
      sim.cluster.loop.write([{ type: 'update', object: { ...object, spec: { ...object.spec, replicas: 0 } } }])
    }
    sim.settle()
    const result = node['dig']!(['@10.96.0.10', 'kubernetes.default.svc.cluster.local'])
    expect(result.rc).toBe(9)
    expect(result.stdout).toContain('no servers could be reached')
  })
})
