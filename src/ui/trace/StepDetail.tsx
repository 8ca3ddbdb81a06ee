import type { Names } from '../../view/sentence.ts'
import type { Step } from '../../view/step.ts'
import { DiceStrip } from './DiceStrip.tsx'
import { HeaderTable } from './HeaderTable.tsx'
import { RuleList } from './RuleList.tsx'
import css from './StepDetail.module.css'
import { TagView } from './TagView.tsx'
import { VerdictCard } from './VerdictCard.tsx'
import { traceMessages as say } from './messages.ts'

interface StepDetailProps {
  readonly step: Step
  readonly steps: readonly Step[]
  readonly names: Names
  readonly cursor: number
  /** Title and sentence stand here too, where there is no list beside. */
  readonly titled: boolean
  /** What became of a kept connection; said at the end. */
  readonly connection: string | undefined
  readonly onSeek: (event: number) => void
}

/** One step in full: header In and Out, why, who could be chosen, every rule. */
export function StepDetail({ step, steps, names, cursor, titled, connection, onSeek }: StepDetailProps) {
  if (step.verdict) {
    return (
      <div className={css['detail']}>
        <VerdictCard verdict={step.verdict} connection={connection} steps={steps} onSeek={onSeek} />
      </div>
    )
  }
  return (
    <div className={css['detail']}>
      {titled && (
        <h2>
          {step.title.place} <span>{step.title.action}</span>
          {step.tags.map((tag) => (
            <TagView key={tag.text} tag={tag} />
          ))}
        </h2>
      )}
      {titled && <p>{step.sentence}</p>}
      <HeaderTable rows={step.header} />
      {!titled && step.sentence !== '' && (
        <div className={css['why']} role="group" aria-label={say.why}>
          <p>{step.sentence}</p>
          {step.choice && <DiceStrip choice={step.choice} names={names} />}
        </div>
      )}
      {titled && step.choice && <DiceStrip choice={step.choice} names={names} />}
      {step.lines.length > 0 && (
        <>
          <h3 className={css['sub']}>{step.rulesTried > 0 ? say.rules(step.rulesTried) : say.details}</h3>
          <RuleList lines={step.lines} cursor={cursor} onSeek={onSeek} />
        </>
      )}
    </div>
  )
}
