import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'
import type { IpFamily, ProxyMode } from '../engine/index.ts'

/** Flags that every subcommand takes (design: the headless command). */
export interface InputFlags {
  readonly file?: readonly string[]
  readonly dump?: string
  readonly then?: readonly string[]
  readonly config?: string
  readonly node?: string
  readonly mode?: ProxyMode
  readonly family?: IpFamily
  readonly seed?: number
  readonly at?: number
  readonly empty?: boolean
  readonly dualStack?: boolean
  readonly controllers?: readonly string[]
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value]

function number(value: string): number {
  const parsed = Number(value)
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new InvalidArgumentError('Not a number.')
  return parsed
}

/** Adds the input flags to `command`. */
export function withInputFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-f, --file <file>',
        'manifests, applied as kubectl apply -f would (repeatable, - is stdin)',
      ).argParser(collect),
    )
    .addOption(new Option('--dump <file>', 'objects as a live cluster stores them, taken as they are'))
    .addOption(new Option('--then <file>', 'the next state of the same dump (repeatable)').argParser(collect))
    .addOption(new Option('--config <file>', 'a KubeProxyConfiguration'))
    .addOption(new Option('--node <name>', 'which node'))
    .addOption(new Option('--mode <mode>', "kube-proxy's mode").choices(['iptables', 'ipvs', 'nftables', 'userspace']))
    .addOption(new Option('--family <family>', 'address family').choices(['IPv4', 'IPv6']))
    .addOption(new Option('--seed <number>', 'seed of all chance').argParser(number))
    .addOption(new Option('--at <seconds>', 'virtual time').argParser(number))
    .addOption(new Option('--empty', 'the lab cluster without workloads'))
    .addOption(new Option('--dual-stack', 'with --empty: IPv4 and IPv6'))
    .addOption(
      new Option('--controllers <names>', 'with --dump: these controllers run over it, comma separated').argParser(
        (value: string) => value.split(',').map((name) => name.trim()),
      ),
    )
}
