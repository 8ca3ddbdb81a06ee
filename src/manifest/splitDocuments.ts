/** One document's text: offsets into the file, end exclusive. */
export interface DocumentText {
  readonly from: number
  readonly to: number
  /** What stands behind the `---` that should end it and may not: nothing is read from there on. */
  readonly badSeparator?: string
}

/**
 * Cuts a file at its `---` lines as kubectl does before any YAML is read, which is why its line numbers count from the
 * document's start. A `---` before any other line stays in the document, and counts.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  const documents: DocumentText[] = []
  let from = 0
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline + 1
    if (text.startsWith('---', at)) {
      const behind = text.slice(at + 3, end).trim()
      if (behind !== '' && !behind.startsWith('#')) return [...documents, { from, to: end, badSeparator: behind }]
      if (at > from) {
        documents.push({ from, to: at })
        from = end
      }
    }
    at = end
  }
  if (from < text.length) documents.push({ from, to: text.length })
  return documents
}
