/** Domain names in presentation form. A trailing dot makes a name absolute; `\.` is a dot inside a label. */

/** `name` with its trailing dot. The root is `.`. */
export function fqdn(name: string): string {
  if (name === '') return '.'
  return isAbsolute(name) ? name : `${name}.`
}

/** Whether the last dot ends the name (an escaped dot does not). */
export function isAbsolute(name: string): boolean {
  return /(^|[^\\])(\\\\)*\.$/.test(name)
}

/** `web.dev.` → `web.dev`; the root stays. */
export function withoutTrailingDot(name: string): string {
  return name !== '.' && isAbsolute(name) ? name.slice(0, -1) : name
}

/** The labels from left to right, escapes kept; none for the root. */
export function splitLabels(name: string): readonly string[] {
  if (name === '.' || name === '') return []
  const labels: string[] = []
  let label = ''
  for (let i = 0; i < name.length; i++) {
    const character = name.charAt(i)
    if (character === '\\') {
      label += character + name.charAt(i + 1)
      i++
    } else if (character === '.') {
      labels.push(label)
      label = ''
    } else {
      label += character
    }
  }
  if (label !== '') labels.push(label)
  return labels
}

/** Whether `child` is `parent` or lies below it, letters compared without case. */
export function isSubdomain(parent: string, child: string): boolean {
  const [above, below] = [splitLabels(parent.toLowerCase()), splitLabels(child.toLowerCase())]
  if (above.length > below.length) return false
  const offset = below.length - above.length
  return above.every((label, i) => label === below[offset + i])
}

/** The longest of `zones` that `name` lies in; undefined when in none. */
export function matchingZone(zones: readonly string[], name: string): string | undefined {
  let best: string | undefined
  for (const zone of zones) {
    if (isSubdomain(zone, name) && (best === undefined || zone.length > best.length)) best = zone
  }
  return best
}

/** Why `name` cannot be sent, in BIND's words; undefined when it can. */
export function nameFault(name: string): string | undefined {
  if (name === '.') return undefined
  if (name === '') return 'unexpected end of input'
  const labels = splitLabels(name)
  if (name.startsWith('.') || labels.some((label) => label === '')) return 'empty label'
  if (labels.some((label) => labelLength(label) > 63)) return 'label too long'
  return nameLength(name) > 255 ? 'ran out of space' : undefined
}

/**
 * `name` as BIND prints it: octets that are no printable ASCII as `\\DDD`, special characters after a backslash, and no
 * escapes that are not needed. Source: BIND 9.18 lib/dns/name.c.
 */
export function canonicalName(name: string): string {
  if (!/[^A-Za-z0-9._*-]/.test(name)) return name
  const labels = splitLabels(name).map((label) => octetsOf(label).map(printedOctet).join(''))
  return labels.join('.') + (isAbsolute(name) ? '.' : '')
}

function printedOctet(octet: number): string {
  const character = String.fromCharCode(octet)
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`
  return '"$().;@\\'.includes(character) ? `\\${character}` : character
}

function octetsOf(label: string): readonly number[] {
  const octets: number[] = []
  for (let i = 0; i < label.length; i++) {
    if (label.charAt(i) === '\\') {
      const digits = /^\d{3}/.exec(label.slice(i + 1))?.[0]
      octets.push(digits === undefined ? label.charCodeAt(i + 1) : Number(digits) & 255)
      i += digits?.length ?? 1
      continue
    }
    const code = label.codePointAt(i) ?? 0
    octets.push(...utf8(code))
    if (code > 0xffff) i++
  }
  return octets
}

function utf8(code: number): readonly number[] {
  if (code < 0x80) return [code]
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)]
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)]
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)]
}

/** Octets of `name` on the wire, uncompressed. */
export function nameLength(name: string): number {
  return splitLabels(name).reduce((sum, label) => sum + labelLength(label) + 1, 1)
}

/** Octets of one label: `\.` and `\123` are one each; other characters count as UTF-8. */
export function labelLength(label: string): number {
  const plain = label.replace(/\\(\d{3}|.)/g, 'x')
  let length = 0
  for (const character of plain) {
    const code = character.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
