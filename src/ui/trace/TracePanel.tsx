import type { Trace } from '../../engine/index.ts'
import { selectTrace } from '../../state/select.ts'
import { connectionSentence } from '../../view/connectionSentence.ts'
import { momentOf, topologyOf } from '../../view/remember.ts'
import { MESSAGES } from '../../view/messages.ts'
import { verdictWord } from '../../view/verdict.ts'
import { useApp } from '../common/useApp.ts'
import { Inspector } from './Inspector.tsx'
import { LiveLine } from './LiveLine.tsx'
import { StepDetail } from './StepDetail.tsx'
import { StepList, titleText } from './StepList.tsx'
import { TellingSwitch } from './TellingSwitch.tsx'
import { TraceText } from './TraceText.tsx'
import css from './TracePanel.module.css'
import { traceMessages as say } from './messages.ts'
import { requestTitle } from './requestTitle.ts'

interface TracePanelProps {
  /** Only the current step: its title, header and why; no list. For the sheet below the canvas on a phone. */
  readonly compact?: boolean
}

/** The request as a list of steps, and what happens in the current one. */
export function TracePanel({ compact = false }: TracePanelProps) {
  const trace = useApp(selectTrace)
  const objects = useApp((state) => state.cluster.objects)
  const cursor = useApp((state) => state.trace.cursor)
  const seek = useApp((state) => state.seek)
  const setPlaying = useApp((state) => state.setPlaying)
  const telling = useApp((state) => state.layout.telling)
  const fast = useApp((state) => state.trace.playing && state.trace.speed > 1)
  const topology = topologyOf(objects)
  const { steps, current } = momentOf(trace, topology, cursor)
  const step = steps[current]
  const onSeek = (event: number): void => {
    setPlaying(false)
    seek(event)
  }
  if (!trace || !step) {
    return (
      <div className={css['panel']}>
        <Inspector steps={[]} onSeek={onSeek} />
        {!compact && (
          <div className={css['empty']}>
            <p>{say.empty}</p>
            <p>{say.emptyHint}</p>
          </div>
        )}
      </div>
    )
  }
  return (
    <div className={css['panel']} data-compact={compact}>
      <Inspector steps={steps} onSeek={onSeek} />
      {!compact && (
        <>
          <header className={css['head']}>
            <h2>{requestTitle(trace, topology.names)}</h2>
            <p>{say.subtitle(current + 1, steps.length, step.rulesTriedSoFar)}</p>
            <RequestChoice />
            <TellingSwitch />
          </header>
          {telling === 'text' ? (
            <TraceText cursor={cursor} onSeek={onSeek} />
          ) : (
            <StepList key={trace.startedAt} steps={steps} current={current} cursor={cursor} onSeek={onSeek} />
          )}
        </>
      )}
      <div className={css['detail']} data-compact={compact}>
        <StepDetail
          step={step}
          steps={steps}
          names={topology.names}
          cursor={cursor}
          titled={compact}
          connection={connectionSentence(trace)}
          onSeek={onSeek}
        />
      </div>
      <LiveLine text={`${titleText(step)}. ${step.sentence}`} silent={fast} />
    </div>
  )
}

/** The other requests of the run, when there are any. */
function RequestChoice() {
  const traces = useApp((state) => state.trace.traces)
  const current = useApp((state) => state.trace.current)
  const selectTraceAt = useApp((state) => state.selectTrace)
  const objects = useApp((state) => state.cluster.objects)
  if (traces.length < 2) return null
  const { names } = topologyOf(objects)
  return (
    <select
      aria-label={say.requests}
      className={css['requests']}
      value={current}
      onChange={(event) => {
        selectTraceAt(Number(event.target.value))
      }}
    >
      {traces.map((trace, i) => (
        <option key={trace.startedAt} value={i}>
          {say.request(i + 1, `${trace.mode}, ${requestTitle(trace, names)}`, outcomeWord(trace))}
        </option>
      ))}
    </select>
  )
}

function outcomeWord({ outcome }: Trace): string {
  return MESSAGES[verdictWord(outcome)].toLowerCase()
}
