import { createSim, printTraceLines } from '../engine/index.ts'
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
  let held = false

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

  const settle = (running: Sim): void => {
    if (!held) running.settle()
  }

  const showClock = (running: Sim): void => {
    emit({ type: 'clock', now: running.now(), quiet: running.isQuiet(), held })
  }

  const executeInput = (running: Sim, input: Input, booting: boolean): void => {
    inputs = [...inputs, input]
    perform(running, input, booting)
    if (!booting) showClock(running)
  }

  const perform = (running: Sim, input: Input, booting: boolean): void => {
    switch (input.type) {
      case 'apply': {
        const { faults, messages } = applyFiles(running, input.files)
        settle(running)
        if (!booting) showChanges()
        emit({ type: 'applied', faults, messages, now: running.now() })
        showMode(running)
        return
      }
      case 'setMode':
        running.setMode(input.mode)
        settle(running)
        if (!booting) showChanges()
        // Also when nothing came of it: whoever asked is to learn what runs now.
        shownMode = undefined
        showMode(running)
        return
      case 'send': {
        const trace = running.request(input.request)
        settle(running)
        if (!booting) showChanges()
        emit({ type: 'traced', index: requests, trace })
        showMode(running)
        requests += 1
        return
      }
      case 'hold':
        held = input.on
        settle(running)
        if (!booting) showChanges()
        return
      case 'advance':
        if (input.ms === undefined) running.settle()
        else running.advance(input.ms)
        if (!booting) showChanges()
        showMode(running)
        return
      default:
        assertNever(input)
    }
  }

  const boot = (newSeed: number, replay: readonly Input[]): void => {
    seed = newSeed
    inputs = []
    requests = 0
    held = false
    sim = createSim({ seed, readYaml })
    shownMode = sim.mode()
    for (const input of replay) executeInput(sim, input, true)
    showChanges(true)
    showClock(sim)
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
        case 'printTrace':
          emit({ type: 'tracePrinted', index: command.index, lines: printTraceLines(command.trace) })
          return
        default:
          assertNever(command)
      }
    },
  }
}
