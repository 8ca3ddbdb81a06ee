/** What a command printed and its exit code. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly rc: number
}

/** Collects the output of one command. Lines get their line feed. */
export interface Output {
  readonly out: (text: string) => void
  readonly err: (line: string) => void
  /** A warning of the API server; each text once a command. */
  readonly warn: (text: string) => void
  readonly fail: (line: string) => void
  readonly result: () => CommandResult
}

export function createOutput(): Output {
  let [stdout, stderr, rc] = ['', '', 0]
  const warned = new Set<string>()
  const err = (line: string): void => {
    stderr += `${line}\n`
  }
  return {
    out: (text) => {
      stdout += text
    },
    err,
    warn: (text) => {
      if (warned.has(text)) return
      warned.add(text)
      err(`Warning: ${text}`)
    },
    fail: (line) => {
      err(line)
      rc = 1
    },
    result: () => ({ stdout, stderr, rc }),
  }
}
