/** What Enter puts before the cursor, after `line` up to the cursor: under the last key, deeper after a colon. */
export function indentAfter(line: string): string {
  const lead = /^(?: |- +)*/.exec(line)?.[0].length ?? 0
  const opens = /:\s*(#.*)?$/.test(line)
  return ' '.repeat(opens ? lead + 2 : lead)
}
