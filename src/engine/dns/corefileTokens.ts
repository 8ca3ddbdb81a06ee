/** A word of the file with its line; `{` and `}` are words of their own. */
export interface Token {
  readonly text: string
  readonly line: number
}

/** One directive: its words, and the lines of its block. */
export interface Directive {
  readonly words: readonly string[]
  readonly line: number
  readonly block: readonly (readonly string[])[]
  /** The line in the file of each line of the block. */
  readonly blockLines: readonly number[]
}

/** The words of a Corefile; comments are left out. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (const [index, line] of text.split('\n').entries()) {
    for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|#.*$|[^\s"#]\S*/g)) {
      if (match[0].startsWith('#')) break
      tokens.push({ text: match[1] ?? match[0], line: index + 1 })
    }
  }
  return tokens
}

/** Splits the body of a server block into directives: one a line, with an optional block in braces. */
export function splitDirectives(body: readonly Token[]): readonly Directive[] {
  const list: Directive[] = []
  let at = 0
  while (at < body.length) {
    const line = body[at]?.line ?? 0
    const words: string[] = []
    while (body[at]?.line === line && body[at]?.text !== '{') {
      words.push(body[at]?.text ?? '')
      at++
    }
    const block: string[][] = []
    const blockLines: number[] = []
    if (body[at]?.text === '{') {
      let depth = 1
      let blockLine = body[at]?.line
      for (at++; at < body.length && depth > 0; at++) {
        const token = body[at]
        if (token?.text === '{') depth++
        if (token?.text === '}') depth--
        if (!token || depth === 0) continue
        const current = block.at(-1)
        if (token.line === blockLine && current) current.push(token.text)
        else {
          block.push([token.text])
          blockLines.push(token.line)
        }
        blockLine = token.line
      }
    }
    list.push({ words, line, block, blockLines })
  }
  return list
}
