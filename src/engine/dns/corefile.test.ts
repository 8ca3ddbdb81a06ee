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

  it.each([
    ['.:53 {\n errors\n', "Corefile:2 - Error during parsing: Unexpected EOF, expecting '}'"],
    ['.:53\n', "Corefile:1 - Error during parsing: Unexpected EOF, expecting '{'"],
    [
      '.:53 {\n kubernetes cluster.local {\n  pods some\n }\n}\n',
      'plugin/kubernetes: Corefile:2 - Error during parsing: wrong value for pods: some,  must be one of: disabled, verified, insecure',
    ],
    [
      '. {\n kubernetes {\n  foo\n }\n}\n',
      "plugin/kubernetes: Corefile:2 - Error during parsing: unknown property 'foo'",
    ],
    [
      '. {\n kubernetes {\n  ttl 9999\n }\n}\n',
      'plugin/kubernetes: Corefile:2 - Error during parsing: ttl must be in range [0, 3600]: 9999',
    ],
    [
      '. {\n forward .\n}\n',
      'plugin/forward: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending',
    ],
  ])('%j', (text, error) => {
    expect(parseCorefile(text)).toEqual({ ok: false, error })
  })
})
