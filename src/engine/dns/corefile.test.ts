import { describe, expect, it } from 'vitest'
import { KUBEADM_COREFILE, parseCorefile } from './corefile.ts'

describe('parseCorefile', () => {
  it('reads what kubeadm writes', () => {
    const parsed = parseCorefile(KUBEADM_COREFILE)
    expect(parsed).toMatchObject({
      ok: true,
      value: [
        {
          zones: ['.'],
          port: 53,
          loadBalance: true,
          kubernetes: {
            zones: ['cluster.local.', 'in-addr.arpa.', 'ip6.arpa.'],
            pods: 'insecure',
            ttl: 30,
            fallthrough: ['in-addr.arpa.', 'ip6.arpa.'],
          },
          cache: {
            maxTtl: 30,
            maxDenialTtl: 30,
            disableSuccess: ['cluster.local.'],
            disableDenial: ['cluster.local.'],
          },
          forwards: [{ from: '.', to: ['/etc/resolv.conf'], except: [] }],
          others: ['errors', 'health', 'ready', 'prometheus', 'loop', 'reload'],
        },
      ],
    })
  })

  it('reads comments, quotes, several zones and one-line blocks', () => {
    const parsed = parseCorefile(
      '# top\na.test b.test:1053 { # here\n forward "." 10.0.0.1 10.0.0.2 { except x.test }\n}\n',
    )
    expect(parsed).toMatchObject({
      ok: true,
      value: [{ zones: ['a.test.', 'b.test.'], forwards: [{ to: ['10.0.0.1', '10.0.0.2'], except: ['x.test.'] }] }],
    })
  })

  // What CoreDNS 1.14.7 wrote before it ended.
  it.each([
    ['.:53 {\n errors\n', "/etc/coredns/Corefile:2 - Syntax error: Unexpected token 'errors', expecting '}'"],
    ['.:53 {\n foo\n}\n', "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'foo'"],
    [
      '.:53 {\n kubernetes cluster.local {\n  pods some\n }\n}\n',
      'plugin/kubernetes: wrong value for pods: some,  must be one of: disabled, verified, insecure',
    ],
    [
      '. {\n kubernetes cluster.local {\n  bar x\n }\n}\n',
      "plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'bar'",
    ],
    [
      '. {\n kubernetes {\n  ttl 9999\n }\n}\n',
      'plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: ttl must be in range [0, 3600]: 9999',
    ],
    ['. {\n kubernetes {\n  ttl abc\n }\n}\n', 'plugin/kubernetes: strconv.Atoi: parsing "abc": invalid syntax'],
    ['. {\n kubernetes 10.in-addr.arpa\n}\n', 'plugin/kubernetes: non-reverse zone name must be used'],
    [
      '. {\n forward .\n}\n',
      "plugin/forward: /etc/coredns/Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '.'",
    ],
    [
      '. {\n cache {\n  success\n }\n}\n',
      "plugin/cache: /etc/coredns/Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after 'success'",
    ],
    ['. {\n cache 0\n}\n', 'plugin/cache: cache TTL can not be zero or negative: 0'],
    ['. {\n rewrite foo\n}\n', 'plugin/rewrite: invalid rule type "foo"'],
    ['.:53 {\n errors\n}\n.:53 {\n log\n}\n', 'cannot serve dns://.:53 - it is already defined'],
  ])('%j', (text, error) => {
    expect(parseCorefile(text)).toEqual({ ok: false, error })
  })

  it('needs no braces for a single block', () => {
    expect(parseCorefile('.:53\nerrors\nloadbalance\n')).toMatchObject({ ok: true, value: [{ loadBalance: true }] })
  })
})
