import { Command, CommanderError, Option } from 'commander'
import { withInputFlags } from './flags.ts'
import { runRules } from './rules.ts'
import type { RulesFormat } from './rules.ts'
import { runShell } from './sh.ts'
import type { ShellFlags } from './sh.ts'
import { runTrace } from './trace.ts'
import type { TraceFlags } from './trace.ts'
import { UsageError } from './usageError.ts'
import type { Output } from './usageError.ts'

/**
 * `kubehop ...`. Gives the exit code: 0 done, 1 the simulated thing failed, 2 bad usage or unreadable input.
 * Results go to stdout, everything else to stderr.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const out: Output = {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  }
  // `kubehop trace ... | head`: a reader that has seen enough is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  let code = 0
  const program = new Command('kubehop')
    .description('Kubernetes Service networking, simulated: the engine of kubehop without a browser.')
    .exitOverride()
    .configureOutput({ writeOut: out.stdout, writeErr: out.stderr })
    .showHelpAfterError('(kubehop --help shows what there is)')

  withInputFlags(program.command('rules').description('what kube-proxy on a node writes'))
    .addOption(
      new Option('-o, --output <format>', 'what to print').choices(['json', 'restore', 'save', 'nft', 'ipvs', 'ipset']),
    )
    .action((flags: TraceFlags & { readonly output?: RulesFormat }) => {
      code = runRules(flags, out)
    })

  withInputFlags(program.command('trace').description('send a request and tell what happened to every packet'))
    .option('--from <source>', 'pod/NAMESPACE/NAME, node/NAME or host/ADDRESS')
    .option('--to <target>', 'tcp://ADDRESS:PORT, udp://..., sctp://..., http://NAME[:PORT]/PATH')
    .option('--via <node>', "the outside machine's only gateway")
    .option('--probes <file>', 'a JSON array of {"from", "to", "via"}')
    .option('--every-outcome', 'every possible end with its exact probability')
    .addOption(new Option('-o, --output <format>', 'what to print').choices(['text', 'json', 'summary']))
    .action((flags: TraceFlags) => {
      code = runTrace(flags, out)
    })

  withInputFlags(
    program.command('sh').description('a shell on the simulated cluster: kubectl, dig, curl, iptables, ...'),
  )
    .argument('[script]', 'a file of commands')
    .option('-c, --command <commands>', 'run these commands')
    .option('--batch <file>', 'a JSON array of command lines; prints an array of {"stdout", "stderr", "rc"}')
    .action(async (script: string | undefined, flags: ShellFlags) => {
      code = await runShell(script, flags, out)
    })

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof UsageError) {
      out.stderr(`${error.message.startsWith('kubehop') ? '' : 'kubehop: '}${error.message}\n`)
      return 2
    }
    // commander has said what is wrong; asking for help is no fault.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}
