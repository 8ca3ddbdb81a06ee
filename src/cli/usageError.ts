/** Bad usage or unreadable input: one sentence that names the file, line and field. The command ends with exit code 2. */
export class UsageError extends Error {}

/** Where the command writes. Results go to stdout, everything else to stderr. */
export interface Output {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
}
