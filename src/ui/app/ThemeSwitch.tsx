import type { Theme } from '../../state/appState.ts'
import { useApp } from '../common/useApp.ts'
import css from './ThemeSwitch.module.css'
import { appMessages } from './messages.ts'

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const PICTURES: Readonly<Record<Theme, string>> = {
  system: 'M2.5 3.5h11v7h-11zM6 13h4M8 10.5V13',
  light:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1',
  dark: 'M13 9.6A5.6 5.6 0 1 1 6.4 3a4.6 4.6 0 0 0 6.6 6.6z',
}

/** Goes round: as the system, light, dark. */
export function ThemeSwitch() {
  const theme = useApp((state) => state.layout.theme)
  const setTheme = useApp((state) => state.setTheme)
  return (
    <button
      type="button"
      className={css['icon']}
      aria-label={appMessages.themes[theme]}
      title={appMessages.themes[theme]}
      onClick={() => {
        setTheme(NEXT[theme])
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={PICTURES[theme]} />
      </svg>
    </button>
  )
}

export function KeysButton() {
  const showKeys = useApp((state) => state.showKeys)
  return (
    <button
      type="button"
      className={css['icon']}
      aria-label={appMessages.keys}
      title={appMessages.keys}
      onClick={() => {
        showKeys(true)
      }}
    >
      ?
    </button>
  )
}
