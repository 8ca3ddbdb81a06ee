import type { Command, Notice } from './protocol.ts'
import { createRun } from './run.ts'

/**
 * Executes commands and survives our own bugs: a command that throws is reported with what replays it, and the cluster
 * stands again as it was before.
 */
export function createSupervised(emit: (notice: Notice) => void): (command: Command) => void {
  let run = createRun(emit)
  return (command) => {
    const seed = command.type === 'boot' ? command.seed : run.seed()
    const before = run.inputs()
    try {
      run.execute(command)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const failed =
        command.type === 'boot' ? command.inputs : [...before, ...(command.type === 'input' ? [command.input] : [])]
      emit({ type: 'crashed', message, seed, inputs: failed })
      run = createRun(emit)
      const replay = command.type === 'boot' ? command.inputs.slice(0, -1) : before
      try {
        run.execute({ type: 'boot', seed, inputs: replay })
      } catch {
        // What came before breaks as well: an empty cluster is left.
        run = createRun(emit)
        run.execute({ type: 'boot', seed, inputs: [] })
      }
    }
  }
}
