import { useCallback } from 'react'
import { encodeLink } from '../../share/link.ts'
import { momentOf } from '../../state/session.ts'
import { selectTrace } from '../../state/select.ts'
import { stopsOf } from '../../state/stops.ts'
import { useAppStore } from '../common/useApp.ts'

/** Makes the link to what is on screen, copies it and notes it in the store. */
export function useShare(): () => void {
  const store = useAppStore()
  return useCallback(() => {
    const state = store.getState()
    const url = `${location.origin}${location.pathname}${location.search}${encodeLink(momentOf(state))}`
    const trace = selectTrace(state)
    const stops = trace && stopsOf(trace, state.trace.granularity)
    const step = stops && { at: stops.findLastIndex((stop) => stop <= state.trace.cursor) + 1, of: stops.length }
    const made = {
      url,
      files: state.manifests.files.length,
      requests: state.run.inputs.filter((input) => input.type === 'send').length,
      ...(step && { step }),
    }
    const note = (copied: boolean): void => {
      state.noteShare({ made: { ...made, copied } })
    }
    if (!isSecureContext) {
      note(false)
      return
    }
    navigator.clipboard.writeText(url).then(
      () => {
        note(true)
      },
      () => {
        note(false)
      },
    )
  }, [store])
}
