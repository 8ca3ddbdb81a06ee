/** What one transfer came to, for `-w`. Times in milliseconds since its start. */
export interface TransferFacts {
  readonly url: string
  readonly effectiveUrl: string
  readonly scheme: string
  readonly method: string
  /** 0: no response. */
  readonly status: number
  readonly exitCode: number
  readonly errorMessage: string
  readonly remote?: { readonly address: string; readonly port: number }
  readonly local?: { readonly address: string; readonly port: number }
  readonly contentType: string
  readonly redirect: string
  readonly redirects: number
  readonly connects: number
  readonly headers: number
  /** A field of the response; empty when it has none. */
  readonly headerOf: (name: string) => string
  readonly file: string
  readonly urlNumber: number
  readonly sizes: {
    readonly download: number
    readonly header: number
    readonly request: number
    readonly upload: number
  }
  readonly times: {
    readonly nameLookup: number
    readonly connect: number
    readonly startTransfer: number
    readonly total: number
  }
}

type Value = string | number | null

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6)
}

/** Names as in curl 7.88 src/tool_writeout.c. */
const VARIABLES: Readonly<Record<string, (facts: TransferFacts) => Value>> = {
  certs: () => '',
  content_type: (facts) => facts.contentType,
  ftp_entry_path: () => '',
  referer: () => '',
  errormsg: (facts) => facts.errorMessage,
  exitcode: (facts) => facts.exitCode,
  filename_effective: (facts) => facts.file,
  http_code: (facts) => String(facts.status).padStart(3, '0'),
  http_connect: () => '000',
  http_version: (facts) => (facts.status === 0 ? '0' : '1.1'),
  local_ip: (facts) => facts.local?.address ?? '',
  local_port: (facts) => facts.local?.port ?? 0,
  method: (facts) => facts.method,
  num_certs: () => 0,
  num_connects: (facts) => facts.connects,
  num_headers: (facts) => facts.headers,
  num_redirects: (facts) => facts.redirects,
  proxy_ssl_verify_result: () => 0,
  redirect_url: (facts) => facts.redirect,
  remote_ip: (facts) => facts.remote?.address ?? '',
  remote_port: (facts) => facts.remote?.port ?? 0,
  response_code: (facts) => String(facts.status).padStart(3, '0'),
  scheme: (facts) => (facts.status === 0 ? '' : facts.scheme.toUpperCase()),
  size_download: (facts) => facts.sizes.download,
  size_header: (facts) => facts.sizes.header,
  size_request: (facts) => facts.sizes.request,
  size_upload: (facts) => facts.sizes.upload,
  speed_download: (facts) => speed(facts.sizes.download, facts),
  speed_upload: (facts) => speed(facts.sizes.upload, facts),
  ssl_verify_result: () => 0,
  time_appconnect: () => seconds(0),
  time_connect: (facts) => seconds(facts.times.connect),
  time_namelookup: (facts) => seconds(facts.times.nameLookup),
  time_pretransfer: (facts) => seconds(facts.times.connect),
  time_redirect: () => seconds(0),
  time_starttransfer: (facts) => seconds(facts.times.startTransfer),
  time_total: (facts) => seconds(facts.times.total),
  url: (facts) => facts.url,
  url_effective: (facts) => facts.effectiveUrl,
  urlnum: (facts) => facts.urlNumber,
}

function speed(octets: number, facts: TransferFacts): number {
  return facts.times.total > 0 ? Math.round((octets * 1000) / facts.times.total) : 0
}

/** Fills in a `-w` format. `warnings`: for stderr. */
export function formatWriteOut(
  format: string,
  facts: TransferFacts,
): { readonly text: string; readonly warnings: string } {
  let warnings = ''
  const shown = facts.exitCode === 0 ? format.replace(/%\{onerror\}.*$/s, '') : format
  const text = shown.replace(
    /%%|%header\{([^}]*)\}|%\{([^}]*)\}|\\(.)/gs,
    (whole: string, field?: string, name?: string, escape?: string) => {
      if (whole === '%%') return '%'
      if (field !== undefined) return facts.headerOf(field)
      if (escape !== undefined) return ESCAPES[escape] ?? whole
      if (name === 'json') return json(facts)
      if (name === 'stderr' || name === 'stdout' || name === 'onerror') return ''
      const variable = name === undefined || !Object.hasOwn(VARIABLES, name) ? undefined : VARIABLES[name]
      if (variable) return String(variable(facts) ?? '')
      warnings += `curl: unknown --write-out variable: '${name ?? ''}'\n`
      return ''
    },
  )
  return { text, warnings }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const TEXTS = ['content_type', 'errormsg', 'redirect_url', 'filename_effective']
const WORDS = ['http_version', 'local_ip', 'method', 'remote_ip', 'scheme', 'url', 'url_effective']

function json(facts: TransferFacts): string {
  const entries = Object.entries(VARIABLES).map(([name, variable]) => {
    const value = variable(facts)
    if (TEXTS.includes(name)) return `"${name}":${value === '' ? 'null' : JSON.stringify(value)}`
    if (WORDS.includes(name)) return `"${name}":${JSON.stringify(value)}`
    return `"${name}":${name.startsWith('time_') ? String(value) : Number(value)}`
  })
  return `{${entries.join(',')}}`
}
