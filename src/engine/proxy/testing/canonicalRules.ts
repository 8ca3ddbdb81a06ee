/**
 * Canonical forms of what kube-proxy wrote, so that two answers that mean the same compare equal: kube-proxy walks its
 * Services in Go's random map order, so between Services the rules of some chains have no order.
 */
const LOOSE = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
  'KUBE-IPVS-OUT-FILTER',
])
const LAST = 'this must be the last rule'

/** `table chain` -> rules; `-X` lines stand under chain `-X`. */
export function canonicalRules(text: string): Record<string, string[]> {
  let table = ''
  const out: Record<string, string[]> = {}
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line === 'COMMIT') continue
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith(':')) out[`${table} ${line.slice(1).split(' ')[0] ?? ''}`] ??= []
    else if (line.startsWith('-X ')) (out[`${table} -X`] ??= []).push(line)
    else (out[`${table} ${line.split(' ')[1] ?? ''}`] ??= []).push(line)
  }
  for (const [key, rules] of Object.entries(out)) {
    const chain = key.split(' ')[1] ?? ''
    if (!LOOSE.has(chain) && chain !== '-X') continue
    rules.sort((a, b) => Number(a.includes(LAST)) - Number(b.includes(LAST)) || (a < b ? -1 : a > b ? 1 : 0))
  }
  return out
}

/** Object header -> lines; sets and maps have sorted elements. */
export function canonicalNft(listing: string): Record<string, string[]> {
  const sorted = listing.replace(/elements = \{([^]*?)\}/g, (_, body: string) => {
    const elements = body
      .replaceAll('\n', ' ')
      .split(/,\s*/)
      .map((element) => element.trim())
    return `elements = { ${elements.filter(Boolean).sort().join(', ')} }`
  })
  const out: Record<string, string[]> = {}
  let head: string | undefined
  for (const raw of sorted.split('\n')) {
    const line = raw.trim().replace(/\s+/g, ' ')
    if (line === '') continue
    if (/^(table|chain|set|map) /.test(line)) {
      head = line.replace(/[ {]+$/, '')
      out[head] = []
    } else if (line === '}') {
      if (head && !head.startsWith('table')) head = undefined
    } else if (head !== undefined) out[head]?.push(line)
  }
  return out
}
