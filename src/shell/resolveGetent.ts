import type { ResolverResult } from '../engine/index.ts'
import type { ToolResult } from './digIo.ts'

/** Looks a name up for these types alone, or side by side. */
export type GetentLookup = (name: string, types: readonly ('A' | 'AAAA')[]) => ResolverResult

/** Runs `getent hosts|ahosts|ahostsv4|ahostsv6 NAME`. Source: glibc 2.36 nss/getent.c. */
export function getent(words: readonly string[], lookUp: GetentLookup): ToolResult {
  const [database, ...names] = words
  const failed = (exitCode: number, stderr = ''): ToolResult => ({ stdout: '', stderr, exitCode })
  if (database === undefined) return failed(1, 'getent: wrong number of arguments\n')
  if (!['hosts', 'ahosts', 'ahostsv4', 'ahostsv6'].includes(database)) {
    return failed(1, `Unknown database: ${database}\n`)
  }
  let stdout = ''
  let missing = names.length === 0
  for (const name of names) {
    const text = database === 'hosts' ? hosts(name, lookUp) : addresses(name, database, lookUp)
    missing ||= text === undefined
    stdout += text ?? ''
  }
  return { stdout, stderr: '', exitCode: missing ? 2 : 0 }
}

/** One line an address; IPv6 is asked for first, through the whole search list. */
function hosts(name: string, lookUp: GetentLookup): string | undefined {
  const v6 = lookUp(name, ['AAAA'])
  const found = v6.ok ? v6 : lookUp(name, ['A'])
  if (!found.ok) return undefined
  const names = [found.canonicalName, ...found.aliases].join(' ')
  return found.addresses.map((address) => `${address.padEnd(15)} ${names}\n`).join('')
}

function addresses(name: string, database: string, lookUp: GetentLookup): string | undefined {
  const types =
    database === 'ahostsv4'
      ? (['A'] as const)
      : database === 'ahostsv6'
        ? (['AAAA'] as const)
        : (['A', 'AAAA'] as const)
  const found = lookUp(name, types)
  if (!found.ok) return undefined
  return found.addresses
    .map((address, i) => {
      const shown = address.padEnd(15)
      return `${shown} STREAM ${i === 0 ? found.canonicalName : ''}\n${shown} DGRAM  \n${shown} RAW    \n`
    })
    .join('')
}
