import { describe, expect, it } from 'vitest'
import { createNameService } from './nameService.ts'
import { createRandom } from '../base/random.ts'
import { KUBEADM_COREFILE } from './corefile.ts'
import { OUTSIDE_WORLD } from './outsideWorld.ts'
import { queryMessage } from './message.ts'
import { TEST_VIEW } from './testCluster.ts'
import type { Carried, NameServiceDeps } from './nameService.ts'

const delivered = (server: string): Carried => ({ type: 'delivered', server, localIps: ['10.244.0.3'], elapsedMs: 1 })

function service(over: Partial<NameServiceDeps> = {}): ReturnType<typeof createNameService> {
  return createNameService({
    view: () => TEST_VIEW,
    corefile: () => undefined,
    outside: () => OUTSIDE_WORLD,
    now: () => 0,
    serial: () => 7,
    carry: () => delivered('coredns-0'),
    random: createRandom(1),
    ...over,
  })
}

const to = { ip: '10.96.0.10', port: 53, transport: 'udp', timeoutMs: 5000 } as const
const conf = { nameservers: ['10.96.0.10'], search: ['dev.svc.cluster.local'], options: ['ndots:5'] }
const question = (name: string): ReturnType<typeof queryMessage> => queryMessage(1, { name, type: 'A', class: 'IN' })

describe('createNameService', () => {
  it('resolves over whatever the packets meet', () => {
    const { result, steps, elapsedMs } = service().resolve('pod/dev/client', 'web', conf)
    expect(result).toMatchObject({ ok: true, addresses: ['10.98.98.98'] })
    expect(steps).toHaveLength(1)
    expect(elapsedMs).toBe(1)
  })

  it('waits when nobody answers, and does not when the rules refuse', () => {
    const timeout = service({ carry: () => ({ type: 'timeout' }) }).resolve('pod/dev/client', 'web', conf)
    expect(timeout).toMatchObject({ result: { ok: false, error: 'EAI_AGAIN' }, elapsedMs: 20_000 })
    const refused = service({ carry: () => ({ type: 'refused' }) }).resolve('pod/dev/client', 'web', conf)
    expect(refused).toMatchObject({ result: { ok: false, error: 'EAI_AGAIN' }, elapsedMs: 0 })
  })

  it('each server has its own cache', () => {
    let server = 'a'
    let now = 0
    const names = service({ carry: () => delivered(server), now: () => now })
    const ttl = (): number | undefined => {
      const result = names.query('node/n', to, question('txt.example.com.'))
      return result.type === 'message' ? result.message.authority[0]?.ttl : undefined
    }
    expect(ttl()).toBe(30)
    now = 10_000
    expect(ttl()).toBe(20)
    server = 'b'
    expect(ttl()).toBe(30)
  })

  it('takes a changed Corefile and keeps the old one when the new is broken', () => {
    let corefile = KUBEADM_COREFILE
    const names = service({ corefile: () => corefile })
    const ttl = (): number | undefined => {
      const result = names.query('node/n', to, question('web.dev.svc.cluster.local.'))
      return result.type === 'message' ? result.message.answer[0]?.ttl : undefined
    }
    expect(ttl()).toBe(30)
    corefile = KUBEADM_COREFILE.replace('ttl 30', 'ttl 11')
    expect(ttl()).toBe(11)
    corefile = '.:53 {'
    expect(ttl()).toBe(11)
  })

  it('fails outside names when the upstream server is out of reach', () => {
    const result = service({ forward: () => undefined }).query('node/n', to, question('www.baidu.com.'))
    expect(result).toMatchObject({ type: 'message', message: { rcode: 'SERVFAIL' } })
  })
})
