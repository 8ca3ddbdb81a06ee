import { useState } from 'react'
import type { Telling } from '../../state/appState.ts'
import { useApp } from '../common/useApp.ts'
import css from './TellingSwitch.module.css'
import { traceMessages as say } from './messages.ts'

const TELLINGS: readonly Telling[] = ['steps', 'text']

/** Steps or plain text; the text can be taken along. */
export function TellingSwitch() {
  const telling = useApp((state) => state.layout.telling)
  const tell = useApp((state) => state.tell)
  const lines = useApp((state) => state.trace.printed.get(state.trace.current))
  const [copied, setCopied] = useState<unknown>()
  return (
    <div className={css['switch']}>
      <fieldset>
        <legend className="spoken">{say.telling}</legend>
        {TELLINGS.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="telling"
              checked={telling === one}
              onChange={() => {
                tell(one)
              }}
            />
            {say.tellings[one]}
          </label>
        ))}
      </fieldset>
      {telling === 'text' && (
        <button
          type="button"
          disabled={!lines}
          onClick={() => {
            const text = lines?.map((line) => line.text).join('\n') ?? ''
            void navigator.clipboard.writeText(text).then(() => {
              setCopied(lines)
            })
          }}
        >
          <span role="status">{copied !== undefined && copied === lines ? say.copied : say.copy}</span>
        </button>
      )}
    </div>
  )
}
