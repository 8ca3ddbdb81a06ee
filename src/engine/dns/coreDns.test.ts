import { describe, expect, it } from 'vitest'
import { askable, dnsService, shown, TEST_VIEW } from './testCluster.ts'
import { KUBEADM_COREFILE } from './corefile.ts'
import { messageSize } from './wireSize.ts'

const S = 'svc.cluster.local.'
const SOA = 'cluster.local. 30 SOA ns.dns.cluster.local. 7'

describe('answers from the cluster', () => {
  const ask = askable()
  it.each<[name: string, type: string, answer: readonly string[], additional?: readonly string[]]>([
    [`web.dev.${S}`, 'A', [`web.dev.${S} 30 A 10.98.98.98`]],
    [`WEB.dev.${S}`, 'A', [`WEB.dev.${S} 30 A 10.98.98.98`]],
    [`dual.dev.${S}`, 'A', [`dual.dev.${S} 30 A 10.98.0.2`]],
    [`dual.dev.${S}`, 'AAAA', [`dual.dev.${S} 30 AAAA fd00:10:96::2`]],
    [
      `dual.dev.${S}`,
      'SRV',
      [`dual.dev.${S} 30 SRV 0 50 80 dual.dev.${S}`],
      [`dual.dev.${S} 30 A 10.98.0.2`, `dual.dev.${S} 30 AAAA fd00:10:96::2`],
    ],
    [
      `_http._tcp.web.dev.${S}`,
      'SRV',
      [`_http._tcp.web.dev.${S} 30 SRV 0 100 80 web.dev.${S}`],
      [`web.dev.${S} 30 A 10.98.98.98`],
    ],
    [`_http._tcp.web.dev.${S}`, 'A', [`_http._tcp.web.dev.${S} 30 A 10.98.98.98`]],
    [`10-244-1-7.web.dev.${S}`, 'A', [`10-244-1-7.web.dev.${S} 30 A 10.244.1.7`]],
    [`db.dev.${S}`, 'A', [`db.dev.${S} 30 A 10.244.1.4`, `db.dev.${S} 30 A 10.244.2.4`]],
    [`db-1.db.dev.${S}`, 'A', [`db-1.db.dev.${S} 30 A 10.244.2.4`]],
    [
      `_http._tcp.db.dev.${S}`,
      'SRV',
      [
        `_http._tcp.db.dev.${S} 30 SRV 0 50 8080 db-0.db.dev.${S}`,
        `_http._tcp.db.dev.${S} 30 SRV 0 50 8080 db-1.db.dev.${S}`,
      ],
      [`db-0.db.dev.${S} 30 A 10.244.1.4`, `db-1.db.dev.${S} 30 A 10.244.2.4`],
    ],
    [`bare.dev.${S}`, 'A', [`bare.dev.${S} 30 A 10.244.1.9`]],
    [
      `ext.dev.${S}`,
      'A',
      [
        `ext.dev.${S} 30 CNAME www.baidu.com.`,
        'www.baidu.com. 30 CNAME www.a.shifen.com.',
        'www.a.shifen.com. 30 A 39.156.66.18',
        'www.a.shifen.com. 30 A 39.156.66.14',
      ],
    ],
    [`in.dev.${S}`, 'A', [`in.dev.${S} 30 CNAME web.dev.${S}`, `web.dev.${S} 30 A 10.98.98.98`]],
    [
      `chain.dev.${S}`,
      'A',
      [`chain.dev.${S} 30 CNAME in.dev.${S}`, `in.dev.${S} 30 CNAME web.dev.${S}`, `web.dev.${S} 30 A 10.98.98.98`],
    ],
    [`in.dev.${S}`, 'CNAME', [`in.dev.${S} 30 CNAME web.dev.${S}`]],
    ['98.98.98.10.in-addr.arpa.', 'PTR', [`98.98.98.10.in-addr.arpa. 30 PTR web.dev.${S}`]],
    ['4.1.244.10.in-addr.arpa.', 'PTR', [`4.1.244.10.in-addr.arpa. 30 PTR db-0.db.dev.${S}`]],
    [
      '2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa.',
      'PTR',
      [`2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa. 30 PTR dual.dev.${S}`],
    ],
    ['10-0-0-1.dev.pod.cluster.local.', 'A', ['10-0-0-1.dev.pod.cluster.local. 30 A 10.0.0.1']],
    ['fd00--7.dev.pod.cluster.local.', 'AAAA', ['fd00--7.dev.pod.cluster.local. 30 AAAA fd00::7']],
    // The cache plugin brings every answer down to its 30 seconds, this one's 28800 too.
    ['dns-version.cluster.local.', 'TXT', ['dns-version.cluster.local. 30 TXT 1.1.0']],
    ['cluster.local.', 'SOA', [SOA]],
    ['ns.dns.cluster.local.', 'A', ['ns.dns.cluster.local. 30 A 10.244.0.3']],
    ['cluster.local.', 'NS', ['cluster.local. 30 NS ns.dns.cluster.local.'], ['ns.dns.cluster.local. 30 A 10.244.0.3']],
  ])('%s %s', (name, type, answer, additional = []) => {
    const reply = ask(name, type)
    expect(reply.rcode).toBe('NOERROR')
    expect(reply.authoritative).toBe(true)
    expect(reply.recursionAvailable).toBe(false)
    expect(reply.answer.map(shown).sort()).toEqual([...answer].sort())
    expect(reply.additional.map(shown).sort()).toEqual([...additional].sort())
  })

  it.each([
    ['NODATA', `web.dev.${S}`, 'AAAA'],
    ['NODATA', `web.dev.${S}`, 'MX'],
    ['NODATA', `web.dev.${S}`, 'TXT'],
    ['NODATA', `web.dev.${S}`, 'ANY'],
    ['NODATA', `web.dev.${S}`, 'NS'],
    ['NODATA', `web.dev.${S}`, 'PTR'],
    ['NODATA', `bare.dev.${S}`, 'SRV'],
    ['NODATA', `in.dev.${S}`, 'AAAA'],
    ['NODATA', `in.dev.${S}`, 'SRV'],
    ['NODATA', `lost.dev.${S}`, 'A'],
    ['NODATA', `ping.dev.${S}`, 'A'],
    ['NODATA', `nope.dev.${S}`, 'SOA'],
    ['NODATA', `dev.${S}`, 'A'],
    ['NODATA', S, 'A'],
    ['NODATA', 'cluster.local.', 'A'],
    ['NODATA', 'dev.pod.cluster.local.', 'A'],
    ['NODATA', '10-0-0-1.dev.pod.cluster.local.', 'AAAA'],
    ['NXDOMAIN', `nope.dev.${S}`, 'A'],
    ['NXDOMAIN', `nope.dev.${S}`, 'MX'],
    ['NXDOMAIN', `web.nope.${S}`, 'A'],
    ['NXDOMAIN', `nope.${S}`, 'A'],
    ['NXDOMAIN', 'foo.cluster.local.', 'A'],
    ['NXDOMAIN', `a.b.c.web.dev.${S}`, 'A'],
    ['NXDOMAIN', `*.dev.${S}`, 'A'],
    ['NXDOMAIN', `_nope._tcp.web.dev.${S}`, 'SRV'],
    ['NXDOMAIN', `_http._udp.web.dev.${S}`, 'SRV'],
    ['NXDOMAIN', `idle.dev.${S}`, 'A'],
    ['NXDOMAIN', `db-2.db.dev.${S}`, 'A'],
    ['NXDOMAIN', `10-244-1-4.db.dev.${S}`, 'A'],
    ['NXDOMAIN', `10-244-9-9.web.dev.${S}`, 'A'],
    ['NXDOMAIN', `x.ext.dev.${S}`, 'A'],
    ['NXDOMAIN', `dev.${S}`, 'TXT'],
    ['NXDOMAIN', 'dns-version.cluster.local.', 'A'],
    ['NXDOMAIN', '10-0-0-256.dev.pod.cluster.local.', 'A'],
    ['NXDOMAIN', '10-0-0-1.nope.pod.cluster.local.', 'A'],
  ])('%s: %s %s', (kind, name, type) => {
    const reply = ask(name, type)
    expect(reply.rcode).toBe(kind === 'NODATA' ? 'NOERROR' : kind)
    expect(reply.answer).toEqual([])
    expect(reply.authority.map(shown)).toEqual([SOA])
  })

  it('refuses zone transfers', () => {
    expect(ask('cluster.local.', 'AXFR')).toMatchObject({ rcode: 'REFUSED', authoritative: false })
  })

  it('sends reverse names it does not know to the upstream server', () => {
    const reply = ask('9.9.9.9.in-addr.arpa.', 'PTR')
    expect(reply).toMatchObject({ rcode: 'NXDOMAIN', authoritative: false, recursionAvailable: true })
  })

  it('names itself after the Service that has it as endpoint', () => {
    const self = askable({ world: { localIps: ['10.244.1.7'] } })
    expect(self('cluster.local.', 'NS').answer.map(shown)).toEqual([`cluster.local. 30 NS web.dev.${S}`])
    expect(self('ns.dns.cluster.local.').answer.map(shown)).toEqual(['ns.dns.cluster.local. 30 A 10.98.98.98'])
  })

  it('fails while it has not read the objects yet', () => {
    const early = askable({ world: { synced: false } })
    expect(early(`nope.dev.${S}`).rcode).toBe('SERVFAIL')
  })
})

describe('the Corefile decides', () => {
  const withOption = (option: string): string => KUBEADM_COREFILE.replace('pods insecure', option)

  it.each([
    ['pods disabled', '10-244-1-7.dev.pod.cluster.local.', 'NXDOMAIN'],
    ['pods verified', '10-244-1-7.dev.pod.cluster.local.', 'NOERROR'],
    ['pods verified', '10-244-1-8.dev.pod.cluster.local.', 'NXDOMAIN'],
    ['pods verified', '10-244-1-7.default.pod.cluster.local.', 'NXDOMAIN'],
    ['namespaces kube-system', `web.dev.${S}`, 'NXDOMAIN'],
    ['ignore empty_service', `dual.dev.${S}`, 'NXDOMAIN'],
    ['ignore empty_service', `web.dev.${S}`, 'NOERROR'],
    ['fallthrough', `nope.dev.${S}`, 'NXDOMAIN'],
  ])('%s: %s is %s', (option, name, rcode) => {
    expect(askable({ corefile: withOption(option) })(name).rcode).toBe(rcode)
  })

  it('ttl', () => {
    const ask = askable({ corefile: KUBEADM_COREFILE.replace('ttl 30', 'ttl 12') })
    expect(ask(`web.dev.${S}`).answer.map(shown)).toEqual([`web.dev.${S} 12 A 10.98.98.98`])
    expect(ask(`nope.dev.${S}`).authority[0]).toMatchObject({ ttl: 12, minimum: 12 })
  })

  it('another cluster domain', () => {
    const ask = askable({ corefile: KUBEADM_COREFILE.replaceAll('cluster.local', 'k8s.test') })
    expect(ask('web.dev.svc.k8s.test.').answer).toHaveLength(1)
    expect(ask(`web.dev.${S}`)).toMatchObject({ rcode: 'NXDOMAIN', recursionAvailable: true })
  })

  it('without forward, outside names fail', () => {
    const ask = askable({ corefile: KUBEADM_COREFILE.replace(/forward[^}]*}/, '') })
    expect(ask('www.baidu.com.').rcode).toBe('SERVFAIL')
  })

  it('hosts come before the cluster', () => {
    const hosts = 'hosts {\n 10.0.0.9 git.test\n fallthrough\n }\n ready'
    const ask = askable({ corefile: KUBEADM_COREFILE.replace('ready', hosts) })
    expect(ask('git.test.').answer.map(shown)).toEqual(['git.test. 30 A 10.0.0.9'])
    expect(ask('www.baidu.com.').answer).toHaveLength(3)
  })

  it('a server block of its own for a stub domain', () => {
    const asked: (readonly string[])[] = []
    const forward = (_: unknown, to: readonly string[]): undefined => {
      asked.push(to)
      return undefined
    }
    const ask = askable({ corefile: `${KUBEADM_COREFILE}\ncorp:53 {\n forward . 10.1.2.3\n}\n`, world: { forward } })
    expect(ask('db.corp.').rcode).toBe('SERVFAIL')
    expect(asked).toEqual([['10.1.2.3']])
  })
})

describe('the cache', () => {
  it('counts the TTL down and answers with aa', () => {
    const ask = askable()
    expect(ask('www.baidu.com.', 'A', 0)).toMatchObject({ authoritative: false, recursionAvailable: true })
    const hit = ask('www.baidu.com.', 'A', 4_000)
    expect(hit).toMatchObject({ authoritative: true, recursionAvailable: true })
    expect(hit.answer.map((record) => record.ttl)).toEqual([26, 26, 26])
    expect(ask('www.baidu.com.', 'A', 30_000).authoritative).toBe(false)
  })

  it('an ExternalName carries the age of what it points at', () => {
    const ask = askable()
    ask('www.baidu.com.', 'A', 0)
    expect(ask(`ext.dev.${S}`, 'A', 4_000).answer.map((record) => record.ttl)).toEqual([26, 26, 26, 26])
  })

  it('does not keep cluster names under kubeadm, but does under an older Corefile', () => {
    const old = KUBEADM_COREFILE.replace(/cache 30 {[^}]*}/, 'cache 30')
    for (const [corefile, ttl] of [
      [KUBEADM_COREFILE, 30],
      [old, 20],
    ] as const) {
      const ask = askable({ corefile })
      ask(`web.dev.${S}`, 'A', 0)
      expect(ask(`web.dev.${S}`, 'A', 10_000).answer[0]?.ttl).toBe(ttl)
    }
  })

  it('keeps denials and failures, the latter for five seconds', () => {
    let asked = 0
    const forward = askable().bind(undefined)
    const counting = askable({
      world: {
        forward: (query) => {
          asked++
          return forward(query.question[0]!.name, query.question[0]!.type)
        },
      },
    })
    for (const now of [0, 1_000, 4_000]) counting('nowhere.example.com.', 'A', now)
    expect(asked).toBe(1)
    for (const now of [0, 4_000, 6_000]) counting('servfail.example.com.', 'A', now)
    expect(asked).toBe(3)
  })
})

describe('size', () => {
  const many = {
    ...TEST_VIEW,
    services: [dnsService('big', { clusterIPs: ['None'], ports: [{ protocol: 'TCP', port: 80 }] })],
    endpointSlices: [
      {
        ...TEST_VIEW.endpointSlices[0]!,
        metadata: { name: 'big-1', namespace: 'dev', labels: { 'kubernetes.io/service-name': 'big' } },
        endpoints: Array.from({ length: 40 }, (_, i) => ({ addresses: [`10.244.1.${i + 1}`] })),
      },
    ],
  } as const

  it('cuts a UDP reply to what the client takes, compressed', () => {
    const reply = askable({ view: many })(`big.dev.${S}`)
    expect(reply).toMatchObject({ truncated: true, compress: true })
    expect(messageSize(reply)).toBeLessThanOrEqual(512)
    // 12 header, 31 question, 16 for each compressed A record.
    expect(reply.answer).toHaveLength(Math.floor((512 - 43) / 16))
  })

  it('compresses before it cuts', () => {
    const edns = { version: 0, udpSize: 1232, dnssecOk: false, flags: 0, options: [] }
    const reply = askable({ view: many, edns })(`big.dev.${S}`)
    expect(reply).toMatchObject({ truncated: false, compress: true })
    expect(reply.answer).toHaveLength(40)
    expect(messageSize(reply)).toBe(12 + 31 + 40 * 16 + 11)
  })

  it('sends everything over TCP, uncompressed', () => {
    const reply = askable({ view: many, transport: 'tcp' })(`big.dev.${S}`)
    expect(reply.answer).toHaveLength(40)
    expect(messageSize(reply)).toBe(12 + 31 + 40 * (27 + 14))
  })

  it('says BADVERS to a later EDNS', () => {
    const edns = { version: 1, udpSize: 1232, dnssecOk: false, flags: 0, options: [] }
    expect(askable({ edns })(`web.dev.${S}`)).toMatchObject({ rcode: 'BADVERS', edns: { version: 0 } })
  })
})
