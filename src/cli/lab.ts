import { createSim } from '../engine/index.ts'
import type { KubeObject, Sim } from '../engine/index.ts'
import { applyFiles } from '../bridge/applyFiles.ts'
import { defaultFiles } from '../bridge/defaultScenario.ts'
import { readYaml } from '../manifest/readYaml.ts'
import type { InputFlags } from './flags.ts'
import { lineOf, readConfig, readSource } from './readInput.ts'
import type { SourceFile } from './readInput.ts'
import { UsageError } from './usageError.ts'

/** The default lab cluster (the tutorial's, or without workloads), every `-f` applied to it, run until nothing changes. */
export function labSim(flags: InputFlags): Sim {
  if (flags.dualStack && !flags.empty) throw new UsageError('--dual-stack needs --empty')
  const config = readConfig(flags.config)
  const sim = createSim({
    seed: flags.seed ?? 1,
    readYaml,
    ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    ...(flags.dualStack ? { shape: { dualStack: true } } : {}),
    ...(flags.config === undefined ? {} : { proxyConfig: config }),
  })
  if (!flags.empty) applyFiles(sim, defaultFiles)
  sim.settle()
  for (const file of flags.file ?? []) {
    applyOne(sim, readSource(file))
    sim.settle()
  }
  const wait = (flags.at ?? 0) * 1000 - sim.now()
  if (wait > 0) sim.advance(wait)
  return sim
}

function applyOne(sim: Sim, file: SourceFile): void {
  const { faults } = applyFiles(sim, [file], { prune: false })
  const errors = faults.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const lines = errors.map(({ message, from }) => `${file.name}: line ${lineOf(file.text, from)}: ${message}`)
  throw new UsageError(lines.join('\n'))
}

/** The objects of the lab cluster as they are in the end. */
export function labObjects(flags: InputFlags): readonly KubeObject[] {
  const { store } = labSim(flags)
  return store.kinds().flatMap((kind) => [...store.list(kind)])
}
