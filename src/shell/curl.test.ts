import { describe, expect, it } from 'vitest'
import { curl } from './curl.ts'
import type { CurlFetch, CurlIo, FetchResult } from './curlIo.ts'

/** What each port of the test's one server does. Texts below: recorded from curl 7.88.1 against such a server. */
function answer(fetch: CurlFetch): FetchResult {
  const base = { connectMs: 0, elapsedMs: 0, local: { address: '10.9.9.1', port: 40000 } }
  if (fetch.address === '10.8.8.8') return { type: 'connectTimeout' }
  if (fetch.address === '10.7.7.7') return { type: 'connectFailed', errno: 'EHOSTUNREACH', elapsedMs: 3079 }
  switch (fetch.port) {
    case 80:
    case 8000: {
      if (fetch.scheme === 'https') return { ...base, type: 'tlsFailed', what: 'wrongVersion' }
      if (fetch.request.target === '/redir') {
        const headers = [{ name: 'Location', value: '/x' }]
        return { ...base, type: 'response', status: 302, reason: 'Found', headers, body: '', connection: 7 }
      }
      if (fetch.request.target === '/404') {
        return { ...base, type: 'response', status: 404, reason: 'Not Found', headers: [], body: 'nope\n' }
      }
      const headers = [{ name: 'X-A', value: 'b' }]
      const body = fetch.request.method === 'HEAD' ? '' : 'hello\n'
      return { ...base, type: 'response', status: 200, reason: 'OK', headers, body, connection: 7 }
    }
    case 8001:
      return { ...base, type: 'emptyReply' }
    case 8002:
      return { ...base, type: 'reset' }
    case 8003:
      return { ...base, type: 'noReply', elapsedMs: fetch.limitMs ?? 0 }
    default:
      return { type: 'connectFailed', errno: 'ECONNREFUSED', elapsedMs: 0 }
  }
}

function testIo(): CurlIo & { readonly fetched: CurlFetch[]; readonly files: Map<string, string> } {
  const fetched: CurlFetch[] = []
  const files = new Map<string, string>()
  return {
    fetched,
    files,
    lookUp: (name) =>
      name === 'web' ? { type: 'found', addresses: ['10.9.9.9'], elapsedMs: 1 } : { type: 'notFound', elapsedMs: 1 },
    fetch: (request) => {
      fetched.push(request)
      return answer(request)
    },
    writeFile: (path, text) => files.set(path, text),
  }
}

const run = (line: string): ReturnType<typeof curl> => curl(line.split(' ').slice(1), testIo())

describe('curl ends as curl 7.88.1 does', () => {
  it.each([
    ['curl http://web/', 'hello\n', '', 0],
    ['curl -s web:8000', 'hello\n', '', 0],
    ['curl -sI http://web/', 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n', '', 0],
    ['curl -si http://web/', 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nhello\n', '', 0],
    ['curl http://nope/', '', 'curl: (6) Could not resolve host: nope\n', 6],
    ['curl -s http://nope/', '', '', 6],
    [
      'curl -sS http://web:81/',
      '',
      "curl: (7) Failed to connect to web port 81 after 1 ms: Couldn't connect to server\n",
      7,
    ],
    [
      'curl -sS http://10.7.7.7/',
      '',
      "curl: (7) Failed to connect to 10.7.7.7 port 80 after 3079 ms: Couldn't connect to server\n",
      7,
    ],
    [
      'curl --connect-timeout 2 http://10.8.8.8/',
      '',
      'curl: (28) Failed to connect to 10.8.8.8 port 80 after 2001 ms: Timeout was reached\n',
      28,
    ],
    ['curl -m 2 http://10.8.8.8/', '', 'curl: (28) Connection timed out after 2001 milliseconds\n', 28],
    ['curl http://web:8001/', '', 'curl: (52) Empty reply from server\n', 52],
    ['curl http://web:8002/', '', 'curl: (56) Recv failure: Connection reset by peer\n', 56],
    [
      'curl -m 1 http://web:8003/',
      '',
      'curl: (28) Operation timed out after 1001 milliseconds with 0 bytes received\n',
      28,
    ],
    [
      'curl https://web:8000/',
      '',
      'curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number\n',
      35,
    ],
    ['curl -f http://web/404', '', 'curl: (22) The requested URL returned error: 404\n', 22],
    ['curl http://web/404', 'nope\n', '', 0],
    ['curl -L http://web/redir', 'hello\n', '', 0],
    ['curl http://', '', 'curl: (3) URL using bad/illegal format or missing URL\n', 3],
    ['curl http://web:99999/', '', 'curl: (3) URL using bad/illegal format or missing URL\n', 3],
    ['curl ftpx://web/', '', 'curl: (1) Protocol "ftpx" not supported or disabled in libcurl\n', 1],
    [
      'curl --foo http://web/',
      '',
      "curl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      2,
    ],
    [
      'curl -m x http://web/',
      '',
      "curl: option -m: expected a proper numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      2,
    ],
    ['curl -so /dev/null -w %{http_code} http://nope/', '000', '', 6],
    [
      'curl -s -w %{http_code}|%{remote_ip}|%{size_download}|%{num_connects}|%{method}\\n http://web/',
      'hello\n200|10.9.9.9|6|1|GET\n',
      '',
      0,
    ],
  ])('%s', (line, stdout, stderr, exitCode) => {
    expect(run(line)).toEqual({ stdout, stderr, exitCode })
  })
})

describe('curl -v', () => {
  it('shows the request as it was sent', () => {
    expect(run('curl -sv http://web:8000/a?b=c').stderr).toBe(
      [
        '*   Trying 10.9.9.9:8000...\n',
        '* Connected to web (10.9.9.9) port 8000 (#0)\n',
        '> GET /a?b=c HTTP/1.1\r\n> Host: web:8000\r\n> User-Agent: curl/7.88.1\r\n> Accept: */*\r\n> \r\n',
        '< HTTP/1.1 200 OK\r\n< X-A: b\r\n< \r\n',
        '* Connection #0 to host web left intact\n',
      ].join(''),
    )
  })

  it('moves on from an address that does not answer, with half of the time', () => {
    const result = run('curl -sv --connect-timeout 2 --resolve web:8000:10.8.8.8,10.9.9.9 http://web:8000/')
    expect(result.stderr).toContain(
      '* Added web:8000:10.8.8.8,10.9.9.9 to DNS cache\n* Hostname web was found in DNS cache\n' +
        '*   Trying 10.8.8.8:8000...\n* ipv4 connect timeout after 1000ms, move on!\n*   Trying 10.9.9.9:8000...\n',
    )
    expect(result.exitCode).toBe(0)
  })

  it('says why a connection failed', () => {
    expect(run('curl -sv http://web:81/').stderr).toBe(
      '*   Trying 10.9.9.9:81...\n* connect to 10.9.9.9 port 81 failed: Connection refused\n' +
        "* Failed to connect to web port 81 after 1 ms: Couldn't connect to server\n* Closing connection 0\n",
    )
  })
})

describe('what curl sends', () => {
  const sent = (line: string): readonly CurlFetch[] => {
    const io = testIo()
    curl(line.split(' ').slice(1), io)
    return io.fetched
  }

  it('uses one connection for two URLs of one host', () => {
    expect(sent('curl -s http://web/ http://web/x').map((fetch) => fetch.reuse)).toEqual([undefined, 7])
  })

  it('replaces and removes headers', () => {
    const [fetch] = sent('curl -s -H Host:foo -H Accept: -H X-B:1 http://web/')
    expect(fetch?.request.headers.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Host: foo',
      'User-Agent: curl/7.88.1',
      'X-B: 1',
    ])
  })

  it('posts data', () => {
    const [fetch] = sent('curl -s -d a=b http://web/')
    expect(fetch?.request).toMatchObject({ method: 'POST', body: 'a=b' })
  })
})

// Recorded from curl 7.88.1 (Debian bookworm) against small servers like the one above.
describe('what curl makes of a command line', () => {
  const notes = (line: string): string => run(line).stderr
  it.each([
    ['curl -s http://web/[1-3]?x={a,b}', 'hello\n'.repeat(6), '', 0],
    ['curl --resolve bad http://web/', '', "curl: (49) Couldn't parse CURLOPT_RESOLVE entry 'bad'\n", 49],
    ['curl -6 http://10.9.9.9/', '', "curl: (7) Couldn't connect to server\n", 7],
    ['curl http://10.9.2313/', 'hello\n', '', 0],
    ['curl -f --fail-with-body http://web/404', 'nope\n', 'curl: (22) The requested URL returned error: 404\n', 22],
    ['curl --fail-early -s http://web:81/ http://web/', '', '', 7],
    [
      'curl -m -1 http://web/',
      '',
      "curl: option -m: expected a positive numerical parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
      2,
    ],
    [
      'curl -d x -I http://web/',
      '',
      'Warning: You can only select one HTTP request method! You asked for both POST \nWarning: (-d, --data) and HEAD (-I, --head).\n',
      2,
    ],
    [
      'curl --retry 1 --retry-delay 1 --retry-all-errors http://web:8001/',
      '',
      'curl: (52) Empty reply from server\n' +
        'Warning: Problem (retrying all errors). Will retry in 1 seconds. 1 retries \nWarning: left.\n' +
        'curl: (52) Empty reply from server\n',
      52,
    ],
    ['curl -s -w %{onerror}bad http://web/', 'hello\n', '', 0],
    ['curl -s -o /dev/null -w %header{x-a} http://web/', 'b', '', 0],
  ])('%s', (line, stdout, stderr, exitCode) => {
    expect(run(line)).toEqual({ stdout, stderr, exitCode })
  })

  it('tells how it uses a connection again', () => {
    expect(notes('curl -sv http://web/ http://web/x')).toContain(
      '* Connection #0 to host web left intact\n* Found bundle for host: 0x55d5f0c2a5b0 [serially]\n' +
        '* Can not multiplex, even if we wanted to\n* Re-using existing connection #0 with host web\n> GET /x HTTP/1.1\r\n',
    )
  })

  it.each([
    [
      'curl -sv --connect-to foo:80:web:8000 http://foo/',
      '* Connecting to hostname: web\n* Connecting to port: 8000\n',
    ],
    ['curl -sv --connect-to foo:80:web:8000 http://foo/', '* Connected to (nil) (10.9.9.9) port 8000 (#0)\n'],
    ['curl -sv --resolve *:80:10.9.9.9 http://bar/', '* RESOLVE *:80 is wildcard, enabling wildcard checks\n'],
    ['curl -sv http://web/a/./b/../c', '> GET /a/c HTTP/1.1\r\n'],
    ['curl -sv --path-as-is http://web/a/../b', '> GET /a/../b HTTP/1.1\r\n'],
    ['curl -0sv http://web/', '> GET / HTTP/1.0\r\n'],
    [
      'curl -sv -u a:b http://web/',
      "* Server auth using Basic with user 'a'\n> GET / HTTP/1.1\r\n> Host: web\r\n> Authorization: Basic YTpi\r\n",
    ],
    ['curl -sv https://web:8000/', '* ALPN: offers h2,http/1.1\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n'],
    ['curl -sv -H X-Empty; http://web/', '> X-Empty:\r\n'],
  ])('%s', (line, want) => {
    expect(notes(line)).toContain(want)
  })
})
