import { useCallback } from 'react'
import { loadLinkCodec } from '../../state/linkCodec.ts'
import { momentOf } from '../../state/session.ts'
import { selectTrace } from '../../state/select.ts'
import { stopsOf } from '../../state/stops.ts'
import type { AppStore } from '../../state/store.ts'
import { useAppStore } from '../common/useApp.ts'

/** Makes the link to what is on screen, copies it and notes it in the store. */
export function useShare(): () => void {
  const store = useAppStore()
  return useCallback(() => {
    void shareNow(store)
  }, [store])
}

async function shareNow(store: AppStore): Promise<void> {
  const state = store.getState()
  const { encodeLink } = await loadLinkCodec()
  const url = `${location.origin}${location.pathname}${location.search}${encodeLink(momentOf(state))}`
  const trace = selectTrace(state)
  const stops = trace && stopsOf(trace, state.trace.granularity)
  const step = stops && { at: stops.findLastIndex((stop) => stop <= state.trace.cursor) + 1, of: stops.length }
  const made = {
    url,
    copied: await copy(url),
    files: state.manifests.files.length,
    requests: state.run.inputs.filter((input) => input.type === 'send').length,
    ...(step && { step }),
  }
  state.noteShare({ made })
}

/** Whether the clipboard took it; it does not on an insecure page or when the reader forbade it. */
async function copy(text: string): Promise<boolean> {
  if (!isSecureContext) return false
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
