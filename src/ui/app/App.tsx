import { useMemo } from 'react'
import { reopenPutAside, resetSession } from '../../state/session.ts'
import type { Keep } from '../../state/session.ts'
import { useApp, useAppStore } from '../common/useApp.ts'
import { NARROW, useMedia } from '../common/useMedia.ts'
import { useShare } from '../share/useShare.ts'
import { KeySheet } from './KeySheet.tsx'
import { NarrowFrame } from './NarrowFrame.tsx'
import { WideFrame } from './WideFrame.tsx'
import { useShortcuts } from './useShortcuts.ts'
import { useTheme } from './useTheme.ts'

/** The whole application below its store. `keep` is where the session is kept across a reload. */
export function App({ keep }: { readonly keep: Keep }) {
  const store = useAppStore()
  const narrow = useMedia(NARROW)
  const share = useShare()
  const sendRequest = useApp((state) => state.sendDraft)
  useTheme()
  useShortcuts(useMemo(() => ({ sendRequest, share }), [sendRequest, share]))
  const reset = (): void => {
    void resetSession(store, keep)
  }
  const back = (): void => {
    void reopenPutAside(store, keep)
  }
  return (
    <>
      {narrow ? (
        <NarrowFrame share={share} reset={reset} back={back} />
      ) : (
        <WideFrame share={share} reset={reset} back={back} />
      )}
      <KeySheet />
    </>
  )
}
