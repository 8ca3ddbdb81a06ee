/**
 * Lays out cells that end in tabs as Go's text/tabwriter does, two blanks apart: a column is as wide as its widest cell
 * in the lines next to each other that have it. A form feed ends all columns.
 */
export function layOutTabs(text: string): string {
  return text.split('\f').map(layOutBlock).join('')
}

function layOutBlock(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  const format = (from: number, to: number, column: number): void => {
    for (let start = from; start < to; start++) {
      if ((lines[start]?.length ?? 0) - 1 <= column) continue
      let end = start
      let width = 0
      while (end < to && (lines[end]?.length ?? 0) - 1 > column) {
        width = Math.max(width, Array.from(lines[end]?.[column] ?? '').length + 2)
        end++
      }
      for (let i = start; i < end; i++) widths[i]?.push(width)
      format(start, end, column + 1)
      start = end - 1
    }
  }
  // A line without any cell ends the columns above it.
  let first = 0
  lines.forEach((line, i) => {
    if (line.length > 1) return
    format(first, i, 0)
    first = i + 1
  })
  format(first, lines.length, 0)
  return lines.map((cells, i) => cells.map((cell, j) => cell + padding(cell, widths[i]?.[j])).join('')).join('\n')
}

function padding(cell: string, width: number | undefined): string {
  return width === undefined ? '' : ' '.repeat(Math.max(0, width - Array.from(cell).length))
}
