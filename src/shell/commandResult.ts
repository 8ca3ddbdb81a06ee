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
  /** `amongOthers`: how the line reads where there are several of them, without `error: ` unless given. */
  readonly fail: (line: string, amongOthers?: string) => void
  readonly result: () => CommandResult
}

/** Failures stand at the end: as kubectl does, which gathers them and words several in another way than one. */
export function createOutput(): Output {
  let [stdout, stderr, rc] = ['', '', 0]
  const failures: { readonly alone: string; readonly amongOthers: string }[] = []
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
    fail: (alone, amongOthers = alone.replace(/^error: /, '')) => {
      failures.push({ alone, amongOthers })
      rc = 1
    },
    result: () => {
      const lines = failures.map((failure) => (failures.length === 1 ? failure.alone : failure.amongOthers))
      return { stdout, stderr: stderr + lines.map((line) => `${line}\n`).join(''), rc }
    },
  }
}
