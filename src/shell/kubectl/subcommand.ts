import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'

/** A command with its flags; `required` ones must be given. `path` names it in messages, where its name is not enough. */
export interface Subcommand {
  readonly flags: readonly FlagSpec[]
  readonly required?: readonly string[]
  readonly path?: string
  readonly run: (context: CommandContext) => void
}
