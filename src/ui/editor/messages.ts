/** What the editor says. */
export const editorMessages = {
  files: 'Manifest files',
  editor: (file: string) => `Manifest ${file}`,
  add: 'New file',
  open: 'Open a file',
  rename: (file: string) => `New name of ${file}`,
  renameHint: 'Double-click to rename',
  renameThis: 'Rename this file',
  close: (file: string) => `Close ${file}`,
  menu: 'More for files',
  newLine: 'New line',
  newFile: 'manifest.yaml',
  problems: 'Problems',
  problemCount: (n: number) => `${n} ${n === 1 ? 'problem' : 'problems'}`,
  severity: { error: 'Error', warning: 'Warning', hint: 'Hint' },
  line: (line: number) => `line ${line}`,
  apply: 'Apply',
  applyHint: 'Apply now (Ctrl+Enter)',
  booting: 'Starting the cluster …',
  applying: 'Applying …',
  edited: 'Edited. Applies when you pause.',
  applied: 'Applied.',
  invalid: 'What is valid is applied.',
  noService: 'No Service yet.',
  matching: (services: readonly { readonly name: string; readonly pods: number; readonly ready: number }[]): string => {
    const [only] = services
    if (services.length === 1 && only) {
      if (only.pods === 0) return 'No pod matches the selector.'
      const matched = `${only.pods} ${only.pods === 1 ? 'pod matches' : 'pods match'} the selector`
      if (only.ready === only.pods) return `${matched}.`
      return `${matched}, ${only.ready === 0 ? 'none' : `only ${only.ready}`} ready.`
    }
    const empty = services.filter((service) => service.pods === 0)
    if (empty.length > 0) return `No pod matches the selector of ${empty.map((service) => service.name).join(', ')}.`
    const unready = services.filter((service) => service.ready === 0)
    if (unready.length > 0) return `No pod is ready of ${unready.map((service) => service.name).join(', ')}.`
    return `${services.length} Services, each with pods.`
  },
  drop: 'Drop to open',
  failed: 'The editor could not be loaded; this plain one does the same.',
}
