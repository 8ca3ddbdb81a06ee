import { describe, expect, it } from 'vitest'
import { parseRewrite } from './rewrite.ts'
import { askable, shown } from './testCluster.ts'

const CLUSTER = 'kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods insecure\n ttl 30\n}\n'
const ask = (plugins: string, name: string, type = 'A'): string => {
  const corefile = `.:53 {\n${plugins}\n${plugins.includes('kubernetes ') ? '' : CLUSTER}forward . /etc/resolv.conf\n}\n`
  const reply = askable({ corefile })(name, type)
  const records = [...reply.answer, ...reply.additional]
  return records.length > 0 ? records.map(shown).join(', ') : `${reply.rcode} ${reply.authority.length}`
}

// What CoreDNS 1.14.7 answered with the same plugins.
describe('plugins that change the question or the answer', () => {
  it.each([
    ['rewrite name foo.test web.dev.svc.cluster.local', 'foo.test.', 'A', 'foo.test. 30 A 10.98.98.98'],
    ['rewrite name foo.test web.dev.svc.cluster.local', 'foo.test.', 'TXT', 'NOERROR 1'],
    [
      'rewrite name suffix .corp.test .dev.svc.cluster.local answer auto',
      'Web.corp.test.',
      'A',
      'web.corp.test. 30 A 10.98.98.98',
    ],
    ['rewrite name prefix x. web.', 'x.dev.svc.cluster.local.', 'A', 'web.dev.svc.cluster.local. 30 A 10.98.98.98'],
    // A prefix is made a whole name before it is compared.
    ['rewrite name prefix x- db-', 'x-0.db.dev.svc.cluster.local.', 'A', 'NXDOMAIN 1'],
    [
      'rewrite name regex (.*)\\.my\\.test {1}.dev.svc.cluster.local',
      'web.my.test.',
      'A',
      'web.dev.svc.cluster.local. 30 A 10.98.98.98',
    ],
    [
      'rewrite stop {\n name regex (.*)\\.my\\.test {1}.dev.svc.cluster.local\n answer name (.*)\\.dev\\.svc\\.cluster\\.local {1}.my.test\n}',
      'web.my.test.',
      'A',
      'web.my.test. 30 A 10.98.98.98',
    ],
    ['rewrite type ANY A', 'web.dev.svc.cluster.local.', 'ANY', 'web.dev.svc.cluster.local. 30 A 10.98.98.98'],
    [
      'rewrite ttl suffix dev.svc.cluster.local 11',
      'web.dev.svc.cluster.local.',
      'A',
      'web.dev.svc.cluster.local. 11 A 10.98.98.98',
    ],
    ['hosts {\n 1.1.1.1 One.test\n fallthrough\n}', 'ONE.test.', 'A', 'one.test. 3600 A 1.1.1.1'],
    ['hosts {\n 1.1.1.1 one.test\n fallthrough\n}', 'web.dev.svc.cluster.local.', 'AAAA', 'NOERROR 1'],
    ['hosts {\n 1.1.1.1 one.test\n}', 'one.test.', 'AAAA', 'NOERROR 0'],
    ['hosts {\n 1.1.1.1 one.test\n}', 'web.dev.svc.cluster.local.', 'A', 'SERVFAIL 0'],
    ['hosts {\n 1.1.1.1 one.test\n}', '1.1.1.1.in-addr.arpa.', 'PTR', '1.1.1.1.in-addr.arpa. 3600 PTR one.test.'],
    [
      'kubernetes cluster.local 10.96.0.0/12 {\n ttl 30\n}\n',
      '98.98.98.10.in-addr.arpa.',
      'PTR',
      '98.98.98.10.in-addr.arpa. 30 PTR web.dev.svc.cluster.local.',
    ],
    ['kubernetes cluster.local {\n noendpoints\n}\n', 'db.dev.svc.cluster.local.', 'A', 'NXDOMAIN 1'],
    [
      'kubernetes cluster.local {\n noendpoints\n}\n',
      'web.dev.svc.cluster.local.',
      'A',
      'web.dev.svc.cluster.local. 5 A 10.98.98.98',
    ],
    ['kubernetes cluster.local {\n labels app=x\n}\n', 'web.dev.svc.cluster.local.', 'A', 'NXDOMAIN 1'],
    [
      'minimal',
      '_http._tcp.web.dev.svc.cluster.local.',
      'SRV',
      '_http._tcp.web.dev.svc.cluster.local. 30 SRV 0 100 80 web.dev.svc.cluster.local.',
    ],
  ])('%s: %s %s', (plugins, name, type, want) => {
    expect(ask(plugins, name, type)).toBe(want)
  })

  it('says what is wrong with a rule in the words of CoreDNS', () => {
    const fault = (text: string): string => {
      const rule = parseRewrite(text.split(' '))
      return rule.ok ? '' : rule.error
    }
    expect(fault('name one')).toBe('too few arguments for a name rule')
    expect(fault('name regex ( x')).toBe('invalid regex matching pattern: (')
    expect(fault('foo a b')).toBe('invalid rule type "foo"')
    expect(fault('ttl a x')).toBe("invalid TTL 'x' for a ttl rule")
  })
})
