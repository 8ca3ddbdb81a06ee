import { describe, expect, it } from 'vitest'
import { dig } from './dig.ts'
import { host } from './digHost.ts'
import { nslookup } from './nslookup.ts'
import { testBed } from './digTestBed.ts'
import flags from './testdata/dns/flags.json' with { type: 'json' }
import oracle from './testdata/dns/cases.json' with { type: 'json' }
import type { DnsIo, ToolResult } from './digIo.ts'

interface RecordedCase {
  readonly id: string
  readonly group: string
  readonly command: string
  readonly stdout: string
  readonly stderr: string
  readonly rc: number
}

const TOOLS: Readonly<Record<string, (words: readonly string[], io: DnsIo) => ToolResult>> = { dig, nslookup, host }

/** Takes out what differs from run to run: id, cookie, times, serial, order of records; TTL and aa of forwarded names. */
function comparable(text: string): readonly string[] {
  const forwarded = /flags:[^;]* ra/.test(text) || / CNAME\t/.test(text.replace(/IN\tCNAME/g, ' CNAME\t'))
  const lines = text
    .replace(/, id: \d+/g, ', id: -')
    .replace(/COOKIE: [0-9a-f]+/g, 'COOKIE: -')
    .replace(/Query time: \d+ msec/g, 'Query time: - msec')
    .replace(/;; WHEN: .*/g, ';; WHEN: -')
    .replace(/ in \d+ ms$/gm, ' in - ms')
    .replace(/(hostmaster\.cluster\.local\.) \d+/gi, '$1 -')
    .replace(/\d+( *; serial)/g, '-$1')
    .replace(forwarded ? /flags: qr aa rd ra/g : /$^/g, 'flags: qr rd ra')
    .replace(forwarded ? /^(\S+\t+| ?\S+ )\d+(\tIN)/gm : /$^/g, '$1-$2')
    .split('\n')
  return sortedRuns(lines)
}

/** Sorts each block of consecutive record lines. */
function sortedRuns(lines: readonly string[]): readonly string[] {
  const result: string[] = []
  let run: string[] = []
  const flush = (): void => {
    result.push(...run.sort())
    run = []
  }
  for (const line of lines) {
    if (line === '' || line.startsWith(';') || line.startsWith('*')) {
      flush()
      result.push(line)
    } else {
      run.push(line)
    }
  }
  flush()
  return result
}

describe('dig, nslookup and host print what was recorded against a real CoreDNS', () => {
  it.each([...oracle.cases, ...flags.cases] as readonly RecordedCase[])(
    '$id $command',
    ({ command, stdout, stderr, rc }) => {
      const [tool = '', ...words] = command.split(' ')
      const result = TOOLS[tool]!(words, testBed())
      expect(comparable(result.stdout)).toEqual(comparable(stdout))
      expect(result.stderr).toBe(stderr)
      expect(result.exitCode).toBe(rc)
    },
  )
})
