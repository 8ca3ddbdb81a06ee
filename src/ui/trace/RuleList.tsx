import type { RuleLine } from '../../view/ruleLines.ts'
import css from './RuleList.module.css'
import { traceMessages as say } from './messages.ts'

interface RuleListProps {
  readonly lines: readonly RuleLine[]
  /** Events after this one have not happened yet. */
  readonly cursor: number
  readonly onSeek: (event: number) => void
}

const MOST = 400

/** What the kernel did at this stop, line by line; a press goes to that moment. */
export function RuleList({ lines, cursor, onSeek }: RuleListProps) {
  const shown = lines.slice(0, MOST)
  return (
    <ol className={css['rules']} aria-label={say.details}>
      {shown.map(({ event, kind, text, result }) => (
        <li key={event} data-kind={kind} data-future={event > cursor} data-now={event === cursor}>
          <button
            type="button"
            onClick={() => {
              onSeek(event)
            }}
          >
            <span className={css['text']}>{text}</span>
            {result !== undefined && <span className={css['result']}>{result}</span>}
          </button>
        </li>
      ))}
    </ol>
  )
}
