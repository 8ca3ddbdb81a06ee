/**
 * The difference of two texts as a unified diff without a head, as difflib makes it. Source: Python's difflib and its Go
 * port: longest matching blocks, with lines that are too frequent left out of the search in long texts.
 */
export function unifiedDiff(before: readonly string[], after: readonly string[], context = 3): string {
  const lines: string[] = []
  for (const group of grouped(changes(before, after), context)) {
    const [first, last] = [group[0], group.at(-1)]
    if (!first || !last) continue
    lines.push(`@@ -${span(first.i1, last.i2)} +${span(first.j1, last.j2)} @@`)
    for (const { equal, i1, i2, j1, j2 } of group) {
      if (equal) lines.push(...before.slice(i1, i2).map((line) => ` ${line}`))
      else {
        lines.push(...before.slice(i1, i2).map((line) => `-${line}`), ...after.slice(j1, j2).map((line) => `+${line}`))
      }
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

interface Block {
  readonly i: number
  readonly j: number
  readonly size: number
}

interface Change {
  readonly equal: boolean
  readonly i1: number
  readonly i2: number
  readonly j1: number
  readonly j2: number
}

function span(start: number, stop: number): string {
  const length = stop - start
  if (length === 1) return String(start + 1)
  return `${length === 0 ? start : start + 1},${length}`
}

/** Where each line of `after` stands; in long texts without those that are everywhere. */
function indexLines(after: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>()
  after.forEach((line, j) => {
    const known = index.get(line)
    if (known) known.push(j)
    else index.set(line, [j])
  })
  if (after.length >= 200) {
    const most = Math.floor(after.length / 100) + 1
    for (const [line, places] of index) if (places.length > most) index.delete(line)
  }
  return index
}

function matchingBlocks(before: readonly string[], after: readonly string[]): readonly Block[] {
  const index = indexLines(after)
  const longest = (alo: number, ahi: number, blo: number, bhi: number): Block => {
    let best: Block = { i: alo, j: blo, size: 0 }
    let lengths = new Map<number, number>()
    for (let i = alo; i < ahi; i++) {
      const next = new Map<number, number>()
      for (const j of index.get(before[i] ?? '') ?? []) {
        if (j < blo) continue
        if (j >= bhi) break
        const size = (lengths.get(j - 1) ?? 0) + 1
        next.set(j, size)
        if (size > best.size) best = { i: i - size + 1, j: j - size + 1, size }
      }
      lengths = next
    }
    let { i, j, size } = best
    for (; i > alo && j > blo && before[i - 1] === after[j - 1]; size++) [i, j] = [i - 1, j - 1]
    while (i + size < ahi && j + size < bhi && before[i + size] === after[j + size]) size++
    return { i, j, size }
  }
  const found: Block[] = []
  const queue: (readonly [number, number, number, number])[] = [[0, before.length, 0, after.length]]
  for (let part = queue.pop(); part; part = queue.pop()) {
    const [alo, ahi, blo, bhi] = part
    const block = longest(alo, ahi, blo, bhi)
    if (block.size === 0) continue
    found.push(block)
    if (alo < block.i && blo < block.j) queue.push([alo, block.i, blo, block.j])
    if (block.i + block.size < ahi && block.j + block.size < bhi) {
      queue.push([block.i + block.size, ahi, block.j + block.size, bhi])
    }
  }
  return found.sort((a, b) => a.i - b.i || a.j - b.j)
}

function changes(before: readonly string[], after: readonly string[]): readonly Change[] {
  const result: Change[] = []
  let [i, j] = [0, 0]
  for (const block of [...matchingBlocks(before, after), { i: before.length, j: after.length, size: 0 }]) {
    if (i < block.i || j < block.j) result.push({ equal: false, i1: i, i2: block.i, j1: j, j2: block.j })
    ;[i, j] = [block.i + block.size, block.j + block.size]
    const last = result.at(-1)
    if (block.size === 0) continue
    // Blocks that touch are one.
    if (last?.equal) result[result.length - 1] = { ...last, i2: i, j2: j }
    else result.push({ equal: true, i1: block.i, i2: i, j1: block.j, j2: j })
  }
  return result
}

function grouped(all: readonly Change[], context: number): readonly (readonly Change[])[] {
  const list = [...all]
  const [first, last] = [list[0], list.at(-1)]
  if (first?.equal) {
    list[0] = { ...first, i1: Math.max(first.i1, first.i2 - context), j1: Math.max(first.j1, first.j2 - context) }
  }
  const end = list.length - 1
  if (last?.equal && end >= 0) {
    const own = list[end] ?? last
    list[end] = { ...own, i2: Math.min(own.i2, own.i1 + context), j2: Math.min(own.j2, own.j1 + context) }
  }
  const groups: (readonly Change[])[] = []
  let group: Change[] = []
  for (const change of list) {
    if (change.equal && change.i2 - change.i1 > 2 * context) {
      const { i1, i2, j1, j2 } = change
      group.push({ ...change, i2: Math.min(i2, i1 + context), j2: Math.min(j2, j1 + context) })
      groups.push(group)
      group = [{ ...change, i1: Math.max(i1, i2 - context), j1: Math.max(j1, j2 - context) }]
    } else group.push(change)
  }
  if (group.length > 0 && !(group.length === 1 && group[0]?.equal)) groups.push(group)
  return groups.filter((each) => each.some((change) => !change.equal))
}
