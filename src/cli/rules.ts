import { createWorld, rulesReport } from '../engine/index.ts'
import type { KubeObject, RulesReportEntry } from '../engine/index.ts'
import type { InputFlags } from './flags.ts'
import { readConfig, readStates, withNamingPlace } from './readInput.ts'
import { labObjects } from './lab.ts'
import { UsageError } from './usageError.ts'
import type { Output } from './usageError.ts'

export type RulesFormat = 'json' | 'restore' | 'save' | 'nft' | 'ipvs' | 'ipset'

/** The mode whose text a format shows, when `--mode` does not say. */
const MODE_OF_FORMAT: Partial<Record<RulesFormat, NonNullable<InputFlags['mode']>>> = {
  restore: 'iptables',
  save: 'iptables',
  nft: 'nftables',
  ipvs: 'ipvs',
  ipset: 'ipvs',
}

/** `kubehop rules`: what kube-proxy on one node writes, as if nothing else wrote rules there. */
export function runRules(flags: InputFlags & { readonly output?: RulesFormat }, out: Output): number {
  const config = readConfig(flags.config)
  const states = readStates(flags) ?? [labObjects(flags)]
  const format = flags.output ?? (flags.mode === 'nftables' ? 'nft' : flags.mode === 'ipvs' ? 'ipvs' : 'save')
  const mode = flags.mode ?? MODE_OF_FORMAT[format]
  if (format === 'ipvs' || format === 'ipset') {
    out.stdout(`${ipvsText(states, config, flags, format)}\n`)
    return 0
  }
  const report = rulesReport({
    config,
    states,
    ...(flags.node === undefined ? {} : { node: flags.node }),
    ...(mode === undefined ? {} : { mode }),
    ...(flags.family === undefined ? {} : { family: flags.family }),
  })
  if (!report.ok) throw new UsageError(withNamingPlace(report.error, flags))
  if (format === 'json') {
    out.stdout(`${JSON.stringify(report.value, undefined, 1)}\n`)
    return 0
  }
  // One text: the last step of the first family (IPv4 where there is one).
  const last = report.value.filter(({ family }) => family === report.value[0]?.family).at(-1)
  const text = last && textOf(last, format)
  if (!last) throw new UsageError(`${flags.dump ?? 'the lab'}: the node has no address, so there is nothing to write`)
  if (text === undefined) throw new UsageError(`-o ${format} has nothing to show in mode ${mode ?? 'iptables'}`)
  out.stdout(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}

/** What `ipvsadm -Ln` and `ipset list` print on the node: the kernel's own listing after kube-proxy's syncs. */
function ipvsText(
  states: readonly (readonly KubeObject[])[],
  config: Readonly<Record<string, unknown>>,
  flags: InputFlags,
  view: 'ipvs' | 'ipset',
): string {
  const [first = [], ...later] = states
  const configured = flags.config === undefined ? {} : { proxyConfig: config }
  const world = createWorld(first, { seed: flags.seed ?? 1, mode: 'ipvs', ...configured })
  for (const state of later) world.load(state)
  const hostname = config['hostnameOverride']
  const node =
    flags.node ?? (typeof hostname === 'string' ? hostname : first.find(({ kind }) => kind === 'Node')?.metadata.name)
  const tables = node === undefined ? undefined : world.nodeTables(node)
  if (!tables) throw new UsageError(withNamingPlace(`there is no Node named "${node ?? ''}"`, flags))
  return (tables.views.find(({ id }) => id === view)?.lines ?? []).map(({ text }) => text).join('\n')
}

function textOf(entry: RulesReportEntry, format: Exclude<RulesFormat, 'json' | 'ipvs' | 'ipset'>): string | undefined {
  switch (format) {
    case 'restore':
      return entry.restore
    case 'save':
      return entry.save
    case 'nft':
      return entry.nft
  }
}
