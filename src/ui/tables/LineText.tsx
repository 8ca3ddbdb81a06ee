import { memo } from 'react'

/** What a packet is compared with, and what it becomes: worth underlining in a rule that matched. */
const COMPARED = /((?:^|\s)(?:-s|-d|-p|--dport|--sport|--to-destination|--probability|--ports|-i|-o) )(\S+)/g

/** One line; a matched rule with the values that decided underlined. */
export const LineText = memo(function LineText({
  text,
  matched,
}: {
  readonly text: string
  readonly matched: boolean
}) {
  if (!matched || !text.startsWith('-A')) return text === '' ? ' ' : text
  const parts: { readonly text: string; readonly compared: boolean }[] = []
  let from = 0
  for (const found of text.matchAll(COMPARED)) {
    const start = found.index + (found[1] ?? '').length
    parts.push({ text: text.slice(from, start), compared: false }, { text: found[2] ?? '', compared: true })
    from = start + (found[2] ?? '').length
  }
  parts.push({ text: text.slice(from), compared: false })
  return parts.map((part, i) => (part.compared ? <u key={i}>{part.text}</u> : part.text))
})
