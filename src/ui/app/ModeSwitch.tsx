import type { ProxyMode } from '../../engine/index.ts'
import { useApp } from '../common/useApp.ts'
import { appMessages } from './messages.ts'
import { MODES } from './shortcuts.ts'
import css from './ModeSwitch.module.css'

/** One choice out of four, as native radio buttons; a native select where there is no room. */
export function ModeSwitch({ compact = false }: { readonly compact?: boolean }) {
  const mode = useApp((state) => state.run.mode)
  const setMode = useApp((state) => state.setMode)
  if (compact) {
    return (
      <select
        className={css['select']}
        aria-label={appMessages.proxyMode}
        value={mode}
        onChange={(event) => {
          setMode(event.target.value as ProxyMode)
        }}
      >
        {MODES.map((each) => (
          <option key={each} value={each}>
            {appMessages.modes[each]}
          </option>
        ))}
      </select>
    )
  }
  return (
    <fieldset className={css['group']}>
      <legend className="spoken">{appMessages.proxyMode}</legend>
      <span className={css['label']} aria-hidden="true">
        {appMessages.proxyModeShort}
      </span>
      <div className={css['segments']}>
        {MODES.map((each) => (
          <label key={each} data-on={each === mode}>
            <input
              type="radio"
              name="proxy-mode"
              value={each}
              checked={each === mode}
              onChange={() => {
                setMode(each)
              }}
            />
            {appMessages.modes[each]}
          </label>
        ))}
      </div>
      <kbd aria-hidden="true" className={css['key']}>
        M
      </kbd>
    </fieldset>
  )
}
