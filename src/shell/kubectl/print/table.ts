/** Lays out a table as kubectl does: columns three blanks apart, the last one not padded. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[], headers = true): string {
  const lines = headers ? [header, ...rows] : rows
  const widths = header.map((_, i) => Math.max(3, ...lines.map((line) => runes(line[i] ?? ''))) + 3)
  return lines
    .map((line) => line.map((cell, i) => (i === header.length - 1 ? cell : pad(cell, widths[i] ?? 0))).join('') + '\n')
    .join('')
}

/** In characters, as Go counts runes. */
function runes(text: string): number {
  return Array.from(text).length
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - runes(cell)))
}
