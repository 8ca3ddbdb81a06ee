/** Name rules of the API, each giving the details of its faults; none means valid. Source: apimachinery util/validation. */

function regexError(text: string, pattern: string, ...examples: readonly string[]): string {
  const list = examples.map((example, i) => (i === 0 ? `'${example}'` : `or '${example}'`)).join(',  ')
  return `${text} (e.g. ${list}, regex used for validation is '${pattern}')`
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`
const configKey = '[-._a-zA-Z0-9]+'

const label1123Error = regexError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  'my-name',
  '123-abc',
)
const label1035Error = regexError(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035,
  'my-name',
  'abc-123',
)
const subdomainError = regexError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain,
  'example.com',
)
const wildcardError = regexError(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${subdomain}`,
  '*.example.com',
)
const qualifiedText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const qualifiedError = regexError(qualifiedText, qualified, 'MyName', 'my.name', '123-abc')
const labelValueError = regexError(
  `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
  labelValue,
  'MyValue',
  'my_value',
  '12345',
)
const searchText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character"
const configKeyError = regexError(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  configKey,
  'key.name',
  'KEY_NAME',
  'key-name',
)

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`)
const isLabel = whole(label)
const isLabel1035 = whole(label1035)
const isSubdomain = whole(subdomain)
const isWildcard = whole(`\\*\\.${subdomain}`)
const isQualified = whole(qualified)
const isLabelValue = whole(labelValue)
const isConfigKey = whole(configKey)

/** Length as Go counts it: UTF-8 bytes. */
export function byteLength(text: string): number {
  let bytes = 0
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

function longerThan(text: string, most: number, unit: 'characters' | 'bytes' = 'characters'): readonly string[] {
  return byteLength(text) > most ? [`must be no more than ${most} ${unit}`] : []
}

export function dns1123Label(text: string): readonly string[] {
  const faults = longerThan(text, 63)
  if (isLabel.test(text)) return faults
  return [...faults, isSubdomain.test(text) ? 'must not contain dots' : label1123Error]
}

export function dns1035Label(text: string): readonly string[] {
  return [...longerThan(text, 63), ...(isLabel1035.test(text) ? [] : [label1035Error])]
}

/** `*.example.com`. */
export function wildcardSubdomain(text: string): readonly string[] {
  return [...longerThan(text, 253), ...(isWildcard.test(text) ? [] : [wildcardError])]
}

export function dns1123Subdomain(text: string): readonly string[] {
  return [...longerThan(text, 253), ...(isSubdomain.test(text) ? [] : [subdomainError])]
}

/** A name with an optional DNS prefix, as label keys are: `example.com/app`. */
export function qualifiedName(text: string): readonly string[] {
  const parts = text.split('/')
  const [first = '', second] = parts
  if (parts.length > 2) {
    const example = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    return [`a valid label key ${qualifiedError} ${example}`]
  }
  const faults: string[] = []
  if (second !== undefined) {
    if (first === '') faults.push('prefix part must be non-empty')
    else {
      if (byteLength(first) > 253) faults.push('prefix part must be no more than 253 bytes')
      if (!isSubdomain.test(first)) faults.push(`prefix part ${subdomainError}`)
    }
  }
  const name = second ?? first
  if (name === '') faults.push('name part must be non-empty')
  else if (byteLength(name) > 63) faults.push('name part must be no more than 63 bytes')
  if (!isQualified.test(name)) faults.push(`name part ${qualifiedError}`)
  return faults
}

export function labelValueFaults(text: string): readonly string[] {
  return [...longerThan(text, 63, 'bytes'), ...(isLabelValue.test(text) ? [] : [labelValueError])]
}

/** The IANA service name of a port: `http`. */
export function portName(text: string): readonly string[] {
  const faults: string[] = []
  if (byteLength(text) > 15) faults.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(text)) {
    faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(text)) faults.push('must contain at least one letter (a-z)')
  if (text.includes('--')) faults.push('must not contain consecutive hyphens')
  if (text !== '' && (text.startsWith('-') || text.endsWith('-'))) {
    faults.push('must not begin or end with a hyphen')
  }
  return faults
}

export function portNumber(port: number): readonly string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

export function configMapKey(key: string): readonly string[] {
  const faults = [...longerThan(key, 253), ...(isConfigKey.test(key) ? [] : [configKeyError])]
  if (key === '.') faults.push("must not be '.'")
  else if (key === '..') faults.push("must not be '..'")
  else if (key.startsWith('..')) faults.push("must not start with '..'")
  return faults
}

export function environmentName(text: string): readonly string[] {
  const details: string[] = []
  if (text === '') details.push('environment variable name must not be empty')
  if (!/^[ -<>-~]*$/.test(text)) {
    details.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  }
  return details
}

/** The name of an HTTP header: `X-Real-IP`. */
export function headerName(text: string): readonly string[] {
  if (/^[-A-Za-z0-9]+$/.test(text)) return []
  const rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
  return [regexError(rule, '[-A-Za-z0-9]+', 'X-Header-Name')]
}

const searchLabel = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const search = `${searchLabel}(\\.${searchLabel})*`
const isSearch = whole(search)

/** A search domain, which may have underscores. */
export function searchDomain(text: string): readonly string[] {
  return [...longerThan(text, 253), ...(isSearch.test(text) ? [] : [regexError(searchText, search, 'example.com')])]
}

/** `25%`. */
export function percentText(text: string): readonly string[] {
  if (/^[0-9]+%$/.test(text)) return []
  return [
    regexError("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%'),
  ]
}
