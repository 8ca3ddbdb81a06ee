import { Command, CommanderError, Option } from 'commander'
import { withInputFlags } from './flags.ts'
import { runRules } from './rules.ts'
import type { RulesFormat } from './rules.ts'
import { runTrace } from './trace.ts'
import type { TraceFlags } from './trace.ts'
import { UsageError } from './usageError.ts'
import type { Output } from './usageError.ts'

/**
 * `kubehop ...`. Gives the exit code: 0 done, 1 the simulated thing failed, 2 bad usage or unreadable input.
 * Results go to stdout, everything else to stderr.
 */
export function main(argv: readonly string[]): number {
  const out: Output = {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  }
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

  try {
    program.parse(argv, { from: 'user' })
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
