import { memo } from 'react'
import { partsOf } from './lineParts.ts'

/** One line; in a rule that matched, the values that decided underlined; comments in a mark that CSS can fold. */
export const LineText = memo(function LineText({
  text,
  matched,
}: {
  readonly text: string
  readonly matched: boolean
}) {
  return partsOf(text).map((part, i) => {
    if (part.kind === 'comment') return <i key={i}>{part.text}</i>
    return part.kind === 'compared' && matched ? <u key={i}>{part.text}</u> : part.text
  })
})
