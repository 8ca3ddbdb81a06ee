import { describe, expect, it } from 'vitest'
import { askable } from './testCluster.ts'
import { parseResolvConf, printResolvConf, resolvConfFor } from './resolvConf.ts'
import { resolveName, searchCandidates } from './stubResolver.ts'
import type { Pod } from '../api/types.ts'
import type { ResolvConf } from './resolvConf.ts'
import type { ResolverReply, ResolverResult, ResolverSend } from './stubResolver.ts'

const conf: ResolvConf = {
  nameservers: ['10.96.0.10'],
  search: ['dev.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  options: ['ndots:5'],
}

function drive(
  name: string,
  reply: (send: ResolverSend) => readonly ResolverReply[],
  using: ResolvConf = conf,
): { readonly result: ResolverResult; readonly sends: readonly ResolverSend[] } {
  const sends: ResolverSend[] = []
  const run = resolveName(name, using)
  let step = run.next()
  while (!step.done) {
    sends.push(step.value)
    step = run.next(reply(step.value))
  }
  return { result: step.value, sends }
}

const ask = askable()
const answered = (send: ResolverSend): readonly ResolverReply[] =>
  send.questions.map((question) => ({ type: 'message', message: ask(question.name, question.type) }))
const silent = (send: ResolverSend): readonly ResolverReply[] => send.questions.map(() => ({ type: 'timeout' }))

const asked = (sends: readonly ResolverSend[]): readonly string[] =>
  sends.map((send) => `${send.questions.map(({ type }) => type).join('+')} ${send.questions[0]?.name ?? ''}`)

describe('what a pod asks', () => {
  // Recorded: the packets that glibc 2.36 sent for these names.
  it.each<[name: string, tried: readonly string[], found: readonly string[]]>([
    ['web', ['web.dev.svc.cluster.local.'], ['10.98.98.98']],
    ['web.dev', ['web.dev.dev.svc.cluster.local.', 'web.dev.svc.cluster.local.'], ['10.98.98.98']],
    [
      'web.dev.svc.cluster.local',
      [
        'web.dev.svc.cluster.local.dev.svc.cluster.local.',
        'web.dev.svc.cluster.local.svc.cluster.local.',
        'web.dev.svc.cluster.local.cluster.local.',
        'web.dev.svc.cluster.local.',
      ],
      ['10.98.98.98'],
    ],
    ['web.dev.svc.cluster.local.', ['web.dev.svc.cluster.local.'], ['10.98.98.98']],
    [
      'dual.example.com',
      [
        'dual.example.com.dev.svc.cluster.local.',
        'dual.example.com.svc.cluster.local.',
        'dual.example.com.cluster.local.',
        'dual.example.com.',
      ],
      ['192.0.2.10', '2001:db8::10'],
    ],
    ['nope', ['nope.dev.svc.cluster.local.', 'nope.svc.cluster.local.', 'nope.cluster.local.', 'nope.'], []],
    // Aliases that lead nowhere end the search.
    ['dangling.example.com.', ['dangling.example.com.'], []],
  ])('%s', (name, tried, found) => {
    const { result, sends } = drive(name, answered)
    expect(asked(sends)).toEqual(tried.map((candidate) => `A+AAAA ${candidate}`))
    if (found.length > 0) expect(result).toMatchObject({ ok: true, addresses: found })
    else expect(result).toEqual({ ok: false, error: 'EAI_NONAME' })
  })

  it('follows aliases', () => {
    expect(drive('ext', answered).result).toEqual({
      ok: true,
      addresses: ['39.156.66.18', '39.156.66.14'],
      canonicalName: 'www.a.shifen.com',
      aliases: ['ext.dev.svc.cluster.local', 'www.baidu.com'],
    })
  })

  it('gives a silent server two tries, then tries only the bare name', () => {
    const { result, sends } = drive('web', silent)
    expect(asked(sends)).toEqual([
      ...Array<string>(2).fill('A+AAAA web.dev.svc.cluster.local.'),
      ...Array<string>(2).fill('A+AAAA web.'),
    ])
    expect(sends.map((send) => send.timeoutMs)).toEqual([5000, 5000, 5000, 5000])
    expect(result).toEqual({ ok: false, error: 'EAI_AGAIN' })
  })

  it('gives up at once where nobody listens', () => {
    const refused = (send: ResolverSend): readonly ResolverReply[] => send.questions.map(() => ({ type: 'refused' }))
    const { result, sends } = drive('web', refused)
    expect(asked(sends)).toEqual(Array<string>(2).fill('A+AAAA web.dev.svc.cluster.local.'))
    expect(result).toEqual({ ok: false, error: 'EAI_AGAIN' })
    expect(new Set(asked(drive('a.b.c.d.e.f', refused).sends))).toEqual(
      new Set(['A+AAAA a.b.c.d.e.f.', 'A+AAAA a.b.c.d.e.f.dev.svc.cluster.local.']),
    )
  })

  it('honours timeout and attempts', () => {
    const { sends } = drive('web.dev.', silent, { ...conf, options: ['timeout:1', 'attempts:3'] })
    expect(sends.map((send) => send.timeoutMs)).toEqual([1000, 1000, 1000])
  })

  it('asks the next server where one refuses', () => {
    const two = { ...conf, nameservers: ['10.0.0.1', '10.96.0.10'] }
    const reply = (send: ResolverSend): readonly ResolverReply[] =>
      send.server === '10.0.0.1' ? send.questions.map(() => ({ type: 'refused' })) : answered(send)
    const { result, sends } = drive('web', reply, two)
    expect(sends.map((send) => send.server)).toEqual(['10.0.0.1', '10.96.0.10'])
    expect(result.ok).toBe(true)
  })

  it('goes on after a server failure and remembers it', () => {
    const { result } = drive('servfail.example.com', answered)
    expect(result).toEqual({ ok: false, error: 'EAI_AGAIN' })
  })
})

describe('searchCandidates', () => {
  it.each([
    ['a.b.c.d.e.f', ['a.b.c.d.e.f.', 'a.b.c.d.e.f.x.']],
    ['a', ['a.x.', 'a.']],
    ['a.', ['a.']],
  ])('%s', (name, candidates) => {
    expect(searchCandidates(name, { nameservers: [], search: ['x'], options: ['ndots:5'] })).toEqual(candidates)
  })
})

describe('resolv.conf', () => {
  const kubelet = {
    clusterDomain: 'cluster.local',
    clusterDns: ['10.96.0.10'],
    nodeResolvConf: { nameservers: ['172.16.210.1'], search: ['lab'], options: [] },
  }
  const pod = (spec: Partial<Pod['spec']>): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'dev' },
    spec: { containers: [], ...spec },
  })
  const cluster =
    'search dev.svc.cluster.local svc.cluster.local cluster.local lab\nnameserver 10.96.0.10\noptions ndots:5\n'
  const node = 'search lab\nnameserver 172.16.210.1\n'

  it.each<[name: string, spec: Partial<Pod['spec']>, text: string]>([
    ['ClusterFirst', {}, cluster],
    ['ClusterFirst with hostNetwork', { hostNetwork: true }, node],
    ['ClusterFirstWithHostNet', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, cluster],
    ['Default', { dnsPolicy: 'Default' }, node],
    [
      'None with dnsConfig',
      {
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: ['1.2.3.4'],
          searches: ['a'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
        },
      },
      'search a\nnameserver 1.2.3.4\noptions ndots:2 edns0\n',
    ],
    [
      'dnsConfig over ClusterFirst',
      { dnsConfig: { options: [{ name: 'ndots', value: '2' }] } },
      cluster.replace('ndots:5', 'ndots:2'),
    ],
  ])('%s', (_, spec, text) => {
    const made = resolvConfFor(pod(spec), kubelet)
    expect(printResolvConf(made)).toBe(text)
    expect(parseResolvConf(text)).toEqual(made)
  })
})
