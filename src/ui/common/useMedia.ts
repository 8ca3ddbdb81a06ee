import { useSyncExternalStore } from 'react'

/** Whether the media query holds, now and when it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => {
        list.removeEventListener('change', changed)
      }
    },
    () => matchMedia(query).matches,
  )
}

/** Below this the panes become tabs. */
export const NARROW = '(width < 980px)'

/** Below this the transport has room for the way through the trace only. */
export const PHONE = '(width < 640px)'
