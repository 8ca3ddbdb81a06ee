import { useEffect, useState } from 'react'

const EVERY_MS = 1000

/** Speaks `text` politely, at most once a second; what comes too fast is left out, the newest is not. */
export function LiveLine({ text, silent }: { readonly text: string; readonly silent: boolean }) {
  const [spoken, setSpoken] = useState('')
  useEffect(() => {
    if (silent) return
    const timer = window.setTimeout(() => {
      setSpoken(text)
    }, EVERY_MS / 2)
    return () => {
      window.clearTimeout(timer)
    }
  }, [text, silent])
  return (
    <p className="spoken" aria-live="polite">
      {spoken}
    </p>
  )
}
