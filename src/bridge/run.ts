import { createSim } from '../engine/index.ts'
import type { ProxyMode, Sim } from '../engine/index.ts'
import { assertNever } from '../engine/base/assertNever.ts'
import { readYaml } from '../manifest/readYaml.ts'
import { applyFiles } from './applyFiles.ts'
import type { Command, Input, Notice } from './protocol.ts'

/** Executes commands against one simulated cluster after the other. */
export interface Run {
  readonly execute: (command: Command) => void
  /** What replays the present cluster. */
  readonly seed: () => number
  readonly inputs: () => readonly Input[]
}

export function createRun(emit: (notice: Notice) => void): Run {
  let seed = 1
  let inputs: readonly Input[] = []
  let sim: Sim | undefined
  let requests = 0
  let shownMode: ProxyMode | undefined

  const showChanges = (reset = false): void => {
    if (!sim) return
    const { changed, deleted, now } = sim.changes()
    if (reset || changed.length > 0 || deleted.length > 0) {
      emit({ type: 'objectsChanged', changed, deleted, now, ...(reset ? { reset } : {}) })
    }
  }

  /** A manifest for kube-proxy's ConfigMap can change the mode too, once a pod of kube-proxy starts anew. */
  const showMode = (running: Sim): void => {
    const mode = running.mode()
    if (mode !== shownMode) emit({ type: 'modeChanged', mode })
    shownMode = mode
  }

  const executeInput = (running: Sim, input: Input, booting: boolean): void => {
    inputs = [...inputs, input]
    switch (input.type) {
      case 'apply': {
        const { faults, messages } = applyFiles(running, input.files)
        running.settle()
        if (!booting) showChanges()
        emit({ type: 'applied', faults, messages, now: running.now() })
        showMode(running)
        return
      }
      case 'setMode':
        running.setMode(input.mode)
        running.settle()
        if (!booting) showChanges()
        // Also when nothing came of it: whoever asked is to learn what runs now.
        shownMode = undefined
        showMode(running)
        return
      case 'send': {
        const trace = running.request(input.request)
        running.settle()
        if (!booting) showChanges()
        emit({ type: 'traced', index: requests, trace })
        showMode(running)
        requests += 1
        return
      }
      default:
        assertNever(input)
    }
  }

  const boot = (newSeed: number, replay: readonly Input[]): void => {
    seed = newSeed
    inputs = []
    requests = 0
    sim = createSim({ seed, readYaml })
    shownMode = sim.mode()
    for (const input of replay) executeInput(sim, input, true)
    showChanges(true)
    emit({ type: 'booted', seed, mode: sim.mode() })
  }

  return {
    seed: () => seed,
    inputs: () => inputs,
    execute: (command) => {
      switch (command.type) {
        case 'boot':
          boot(command.seed, command.inputs)
          return
        case 'input':
          if (!sim) boot(seed, [])
          if (sim) executeInput(sim, command.input, false)
          return
        case 'readTables': {
          const tables = sim?.nodeTables(command.node)
          if (tables) emit({ type: 'tables', tables })
          return
        }
        default:
          assertNever(command)
      }
    },
  }
}
