import { useEffect } from 'react'
import { useAppStore } from '../common/useApp.ts'
import { actionOf, chordOf } from './shortcuts.ts'
import type { Does } from './shortcuts.ts'

/** Fields, where letters are text. */
const TYPED_IN =
  'input:not([type=radio], [type=checkbox], [type=range], [type=button]), textarea, select, [contenteditable], .monaco-editor'
/** Widgets that use arrows, Home, End or Space themselves. */
const OWN_KEYS = '[role=tablist], [role=separator], [role=slider], [role=radiogroup], input, summary, [data-own-keys]'
const PRESSES = 'button, a, [role=button]'

/** The single-letter keys of the page, while no field has the focus. Ctrl+S works everywhere. */
export function useShortcuts(does: Does): void {
  const store = useAppStore()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return
      const chord = chordOf(event)
      const target = event.target instanceof Element ? event.target : document.body
      if (!chord.startsWith('Mod+') && target.closest(TYPED_IN)) return
      if (event.key.length > 1 && event.key !== 'Escape' && target.closest(OWN_KEYS)) return
      if (event.key === ' ' && target.closest(`${PRESSES}, ${OWN_KEYS}`)) return
      const action = actionOf(chord)
      if (!action) return
      event.preventDefault()
      action(store.getState(), does)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => {
      document.removeEventListener('keydown', onKeyDown)
    }
  }, [store, does])
}
