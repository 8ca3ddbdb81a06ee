import { createSim } from '../engine/index.ts'
import type { Sim } from '../engine/index.ts'
import { assertNever } from '../engine/base/assertNever.ts'
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

  const showChanges = (reset = false): void => {
    if (!sim) return
    const { changed, deleted, now } = sim.changes()
    if (reset || changed.length > 0 || deleted.length > 0) {
      emit({ type: 'objectsChanged', changed, deleted, now, ...(reset ? { reset } : {}) })
    }
  }

  const executeInput = (running: Sim, input: Input, booting: boolean): void => {
    inputs = [...inputs, input]
    switch (input.type) {
      case 'apply': {
        const { faults, messages } = applyFiles(running, input.files)
        running.settle()
        if (!booting) showChanges()
        emit({ type: 'applied', faults, messages, now: running.now() })
        return
      }
      case 'setMode':
        running.setMode(input.mode)
        running.settle()
        if (!booting) showChanges()
        emit({ type: 'modeChanged', mode: input.mode })
        return
      case 'send': {
        const trace = running.request(input.request)
        running.settle()
        if (!booting) showChanges()
        emit({ type: 'traced', index: requests, trace })
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
    sim = createSim({ seed })
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
