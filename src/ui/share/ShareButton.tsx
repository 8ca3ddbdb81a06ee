import { useEffect, useRef } from 'react'
import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import { shareMessages as say } from './messages.ts'
import css from './ShareButton.module.css'

const LONG = 2_000

/** Copies the link, then shows below itself what it holds until it is closed. */
export function ShareButton({ share }: { readonly share: () => void }) {
  const made = useApp((state) => state.share.made)
  const noteShare = useApp((state) => state.noteShare)
  const box = useRef<HTMLDivElement>(null)
  const open = made !== undefined
  useEffect(() => {
    if (!open) return
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Node)) {
        noteShare({ made: undefined })
      }
    }
    document.addEventListener('keydown', close)
    document.addEventListener('pointerdown', close)
    return () => {
      document.removeEventListener('keydown', close)
      document.removeEventListener('pointerdown', close)
    }
  }, [open, noteShare])
  return (
    <div ref={box} className={css['box']}>
      <Button onClick={share} aria-expanded={open}>
        {say.share}
      </Button>
      <div role="status" className={open ? css['panel'] : undefined}>
        {made && (
          <>
            <p className={css['done']}>{made.copied ? say.copied : say.notCopied}</p>
            <input
              readOnly
              aria-label={say.link}
              value={made.url}
              onFocus={(event) => {
                event.target.select()
              }}
            />
            <p>
              {say.holds(made.files, made.requests)} {made.step && say.step(made.step.at, made.step.of)}
            </p>
            <p>{say.leftOut}</p>
            {made.url.length > LONG && <p className={css['long']}>{say.long}</p>}
            <div className={css['last']}>
              <span>{say.length(made.url.length)}</span>
              <Button
                onClick={() => {
                  noteShare({ made: undefined })
                }}
              >
                {say.close}
              </Button>
            </div>
          </>
        )}
      </div>
    </div>
  )
}
