import type { Step, Verdict } from '../../view/step.ts'
import { titleText } from './StepList.tsx'
import css from './VerdictCard.module.css'
import { traceMessages as say } from './messages.ts'

interface VerdictCardProps {
  readonly verdict: Verdict
  /** What became of a connection that was to be kept. */
  readonly connection: string | undefined
  readonly steps: readonly Step[]
  readonly onSeek: (event: number) => void
}

/** How it ended: the word, the cause, the step that shows it, what to do about it. */
export function VerdictCard({ verdict, connection, steps, onSeek }: VerdictCardProps) {
  const { ok, word, cause, evidence, fix, answer, outcome } = verdict
  const step = evidence === undefined ? undefined : steps[evidence]
  return (
    <section className={css['card']} data-verdict={ok ? 'ok' : 'bad'}>
      <h3>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={ok ? 'M3 8.5l3.5 3.5L13 4.5' : 'M4 4l8 8M12 4l-8 8'} />
        </svg>
        {word}
        {outcome.errno !== undefined && <code>{outcome.errno}</code>}
      </h3>
      <dl>
        <dt>{say.cause}</dt>
        <dd>{cause}</dd>
        {connection !== undefined && (
          <>
            <dt>{say.connection}</dt>
            <dd>{connection}</dd>
          </>
        )}
        {step && (
          <>
            <dt>{say.evidence}</dt>
            <dd>
              <button
                type="button"
                onClick={() => {
                  onSeek(step.to)
                }}
              >
                {say.showStep(step.index + 1, titleText(step))}
              </button>
            </dd>
          </>
        )}
        {fix !== undefined && (
          <>
            <dt>{say.fix}</dt>
            <dd>{fix}</dd>
          </>
        )}
        {answer !== undefined && (
          <>
            <dt>{say.answer}</dt>
            <dd>
              {/* A long answer scrolls: the keyboard must reach it. */}
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <pre tabIndex={0} role="region" aria-label={say.answer}>
                {answer}
              </pre>
            </dd>
          </>
        )}
      </dl>
    </section>
  )
}
