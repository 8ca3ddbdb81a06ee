/** One command of a line and when it runs: always, or only when the one before succeeded (`&&`) or failed (`||`). */
export interface SequencedCommand {
  readonly text: string
  readonly when: 'always' | 'success' | 'failure'
}

/** Splits shell text at line ends, `;`, `&&` and `||` outside of quotes and comments. A backslash at a line's end joins. */
export function splitSequence(text: string): readonly SequencedCommand[] {
  const commands: SequencedCommand[] = []
  let when: SequencedCommand['when'] = 'always'
  let current = ''
  let quote = ''
  const end = (next: SequencedCommand['when']): void => {
    if (current.trim() !== '') commands.push({ text: current.trim(), when })
    current = ''
    when = next
  }
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    const two = text.slice(i, i + 2)
    if (c === '\\' && quote !== "'") {
      if (two !== '\\\n') current += two
      i++
    } else if (quote !== '') {
      if (c === quote) quote = ''
      current += c
    } else if (c === '"' || c === "'") {
      quote = c
      current += c
    } else if (c === '#' && /(^|\s)$/.test(current)) {
      const line = text.indexOf('\n', i)
      i = line < 0 ? text.length : line - 1
    } else if (two === '&&' || two === '||') {
      end(two === '&&' ? 'success' : 'failure')
      i++
    } else if (c === ';' || c === '\n') {
      end('always')
    } else {
      current += c
    }
  }
  end('always')
  return commands
}
