/** A glob that cannot be read: curl's words, with the 1-based position. */
export interface GlobFault {
  readonly fault: string
}

type Part = readonly string[]

/** The URLs that `http://web/[1-3]?x={a,b}` stands for, in curl's order. Source: curl 7.88 src/tool_urlglob.c. */
export function expandGlob(url: string): readonly string[] | GlobFault {
  const parts: Part[] = []
  let plain = ''
  for (let i = 0; i < url.length; i++) {
    const c = url.charAt(i)
    if (c === '\\' && /[{}[\]]/.test(url.charAt(i + 1))) {
      plain += url.charAt(++i)
      continue
    }
    // An IPv6 address is no range.
    const address = c === '[' ? /^\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[^\]]*)?\]/.exec(url.slice(i))?.[0] : undefined
    if (address !== undefined) {
      plain += address
      i += address.length - 1
      continue
    }
    if (c !== '{' && c !== '[') {
      plain += c
      continue
    }
    const end = url.indexOf(c === '{' ? '}' : ']', i)
    if (end < 0 && c === '{') return fault('unmatched brace', url, url.length)
    const inner = end < 0 ? '' : url.slice(i + 1, end)
    const values = c === '{' ? inner.split(',') : range(inner)
    if (!values) return fault('bad range', url, i + 2 + (end < 0 ? inner.length : 0))
    parts.push([plain], values)
    plain = ''
    i = end
  }
  parts.push([plain])
  // The last part turns fastest.
  return parts.reduce<readonly string[]>(
    (urls, values) => urls.flatMap((start) => values.map((value) => start + value)),
    [''],
  )
}

function fault(what: string, url: string, position: number): GlobFault {
  return { fault: `${what} in URL position ${position}:\n${url}\n${' '.repeat(position - 1)}^` }
}

const LIMIT = 1000

/** `1-3`, `01-10:3`, `a-e`. */
function range(text: string): readonly string[] | undefined {
  const match = /^(?:(\d+)-(\d+)|([A-Za-z])-([A-Za-z]))(?::(\d+))?$/.exec(text)
  if (!match) return undefined
  const [, from, to, first, last, by] = match
  const step = by === undefined ? 1 : Number(by)
  const [low, high] =
    from === undefined ? [(first ?? '').charCodeAt(0), (last ?? '').charCodeAt(0)] : [Number(from), Number(to)]
  if (step < 1 || low > high || (high - low) / step > LIMIT) return undefined
  const width = from?.startsWith('0') === true ? from.length : 0
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => {
    const n = low + i * step
    return from === undefined ? String.fromCharCode(n) : String(n).padStart(width, '0')
  })
}
