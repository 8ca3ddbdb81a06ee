import { useMemo } from 'react'
import { gatewayChoices, sources, targets } from '../../state/choices.ts'
import { chosen, requestOf } from '../../state/requestSlice.ts'
import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import { Picker } from './Picker.tsx'
import { requestMessages as say } from './messages.ts'
import css from './RequestBar.module.css'

/** From, to, and the one button that people come for. */
export function RequestBar() {
  const objects = useApp((state) => state.cluster.objects)
  const booting = useApp((state) => state.run.booting)
  const draft = useApp((state) => state.draft)
  const askFor = useApp((state) => state.askFor)
  const sendDraft = useApp((state) => state.sendDraft)
  const froms = useMemo(() => sources(objects), [objects])
  const tos = useMemo(() => targets(objects), [objects])
  const nodes = useMemo(() => gatewayChoices(objects), [objects])
  const from = chosen(draft.from, froms) ?? ''
  return (
    <div className={css['box']}>
      <form
        className={css['bar']}
        aria-label={say.title}
        onSubmit={(event) => {
          event.preventDefault()
          sendDraft()
        }}
      >
        <Picker
          label={say.from}
          name={say.fromName}
          value={from}
          choices={froms}
          empty={booting ? say.booting : say.nobody}
          onChange={(value) => {
            askFor({ from: value })
          }}
        />
        {from.startsWith('host/') && (
          <Picker
            label={say.via}
            name={say.viaName}
            value={chosen(draft.via, nodes) ?? ''}
            choices={nodes}
            empty={booting ? say.booting : say.nobody}
            onChange={(value) => {
              askFor({ via: value })
            }}
          />
        )}
        <span className={css['arrow']} aria-hidden="true">
          →
        </span>
        <Picker
          label={say.to}
          name={say.toName}
          value={draft.to ?? tos[0]?.value ?? ''}
          choices={tos}
          empty={booting ? say.booting : say.nowhere}
          typable
          onChange={(value) => {
            askFor({ to: value })
          }}
        />
        <label className={css['keep']} title={say.keepHint}>
          <input
            type="checkbox"
            checked={draft.keep}
            onChange={(event) => {
              askFor({ keep: event.target.checked })
            }}
          />
          {say.keep}
        </label>
        <Button look="primary" type="submit" shortcut="R" disabled={booting || !requestOf(draft, objects)}>
          {say.send}
        </Button>
      </form>
    </div>
  )
}
