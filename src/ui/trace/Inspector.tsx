import { useMemo } from 'react'
import { inspectObject, inspectPlace } from '../../view/inspect.ts'
import type { Inspection } from '../../view/inspection.ts'
import { topologyOf } from '../../view/remember.ts'
import type { Step } from '../../view/step.ts'
import { useApp } from '../common/useApp.ts'
import { OutsideControl } from './OutsideControl.tsx'
import css from './Inspector.module.css'
import { titleText } from './StepList.tsx'
import { traceMessages as say } from './messages.ts'

interface InspectorProps {
  readonly steps: readonly Step[]
  readonly onSeek: (event: number) => void
}

/** What is selected on the canvas, pinned until closed, with the steps that pass it. */
export function Inspector({ steps, onSeek }: InspectorProps) {
  const selection = useApp((state) => state.trace.selection)
  const objects = useApp((state) => state.cluster.objects)
  const select = useApp((state) => state.select)
  const inspection = useMemo((): Inspection | undefined => {
    const topology = topologyOf(objects)
    if (selection?.type === 'place') return inspectPlace(selection.at, selection.station, topology)
    const object = selection?.type === 'object' ? objects.get(selection.key) : undefined
    return object && inspectObject(object, topology, objects.values())
  }, [selection, objects])
  if (!inspection || !selection) return null
  const passing = steps.filter((step) => passes(step, selection)).slice(0, 12)
  return (
    <section className={css['inspector']} aria-label={say.inspector}>
      <header>
        <span>{inspection.kind}</span>
        <h2>{inspection.name}</h2>
        <button
          type="button"
          aria-label={say.close}
          title={say.close}
          onClick={() => {
            select(undefined)
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>
      {inspection.about !== undefined && <p>{inspection.about}</p>}
      <dl>
        {inspection.rows.map(({ label, values, prose }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd data-prose={prose}>
              {values.map((value) => (
                <span key={value}>{value}</span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      {inspection.setting && <OutsideControl setting={inspection.setting} />}
      {passing.length > 0 && (
        <ul>
          {passing.map((step) => (
            <li key={step.index}>
              <button
                type="button"
                onClick={() => {
                  onSeek(step.to)
                }}
              >
                {say.showStep(step.index + 1, titleText(step))}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function passes(
  step: Step,
  selection: { readonly type: string; readonly key?: string; readonly at?: string; readonly station?: string },
): boolean {
  if (step.kind !== 'hop') return false
  if (selection.type === 'place') {
    const { at, station } = selection
    return step.visits.some((place) => place.at === at && (station === undefined || place.station === station))
  }
  const [kind, ...rest] = (selection.key ?? '').split('/')
  if (kind === 'Pod')
    return step.visits.some(({ at, pod }) => at === `pod/${rest.join('/')}` || pod === `pod/${rest.join('/')}`)
  if (kind === 'Service') return step.visits.some(({ station }) => station === 'service' || station === 'ipvs')
  return false
}
