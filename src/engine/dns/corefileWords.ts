import { err } from '../base/result.ts'
import { fqdn } from './name.ts'
import type { Directive } from './corefileTokens.ts'
import type { Result } from '../base/result.ts'

/** `at`: which line of the block is wrong; the directive itself when absent. */
export function fault(directive: Directive, detail: string, at?: number): Result<never, string> {
  const line = (at === undefined ? undefined : directive.blockLines[at]) ?? directive.line
  return plain(directive, `/etc/coredns/Corefile:${line} - Error during parsing: ${detail}`)
}

/** A fault that CoreDNS reports without a line. */
export function plain(directive: Directive, detail: string): Result<never, string> {
  return err(`plugin/${directive.words[0] ?? ''}: ${detail}`)
}

/** Caddy's words for arguments that are missing or too many; `after` is the last word that was read. */
export function argument(directive: Directive, after: string, at?: number): Result<never, string> {
  return fault(directive, `Wrong argument count or unexpected line ending after '${after}'`, at)
}

export function zonesOf(words: readonly string[]): readonly string[] {
  return words.flatMap(reverseZones).map((word) => fqdn(word.toLowerCase()))
}

/** `10.96.0.0/16` → `96.10.in-addr.arpa`; a prefix between octets becomes several zones; other words as they are. */
function reverseZones(word: string): readonly string[] {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(word)
  if (!match) return [word]
  const octets = match.slice(1, 5).map(Number)
  const bits = Number(match[5])
  const count = Math.ceil(bits / 8)
  const free = count * 8 - bits
  const last = ((octets[count - 1] ?? 0) >> free) << free
  return Array.from({ length: 2 ** free }, (_, i) => {
    const own = [...octets.slice(0, count - 1), last + i]
    return `${own.reverse().join('.')}.in-addr.arpa`
  })
}
