import { curl } from './curl.ts'
import { dig } from './dig.ts'
import { host } from './digHost.ts'
import { nslookup } from './nslookup.ts'
import type { CommandResult } from './commandResult.ts'
import type { CurlIo } from './curlIo.ts'
import type { DnsIo, ToolResult } from './digIo.ts'
import type { Program } from './createShell.ts'

function program(run: (words: readonly string[]) => ToolResult): Program {
  return (words): CommandResult => {
    const { stdout, stderr, exitCode } = run(words)
    return { stdout, stderr, rc: exitCode }
  }
}

/** `dig`, `nslookup`, `host` and `curl` at one place: what they send goes out there. */
export function networkPrograms(dns: DnsIo, web: CurlIo): Readonly<Record<string, Program>> {
  return {
    dig: program((words) => dig(words, dns)),
    nslookup: program((words) => nslookup(words, dns)),
    host: program((words) => host(words, dns)),
    curl: program((words) => curl(words, web)),
  }
}
