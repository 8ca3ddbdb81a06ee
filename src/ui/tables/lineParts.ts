export interface LinePart {
  /** `compared`: what a packet is compared with or becomes; `comment`: says nothing to the kernel. */
  readonly kind: 'plain' | 'compared' | 'comment'
  readonly text: string
}

const MARKED =
  /(-m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+))|((?:^|\s)(?:-s|-d|-p|--dport|--sport|--to-destination|--to-source|--probability|--to-ports|-i|-o) )(\S+)/g

/** A rule in parts that add up to it; any other line in one. */
export function partsOf(text: string): readonly LinePart[] {
  if (!text.startsWith('-A')) return [{ kind: 'plain', text }]
  const parts: LinePart[] = []
  let from = 0
  const until = (to: number): void => {
    if (to > from) parts.push({ kind: 'plain', text: text.slice(from, to) })
    from = to
  }
  for (const found of text.matchAll(MARKED)) {
    const [whole, comment, option = '', value = ''] = found
    until(found.index + option.length)
    parts.push(comment === undefined ? { kind: 'compared', text: value } : { kind: 'comment', text: comment })
    from = found.index + whole.length
  }
  until(text.length)
  return parts
}
