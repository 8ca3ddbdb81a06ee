import { useEffect, useRef } from 'react'
import { Button } from '../common/Button.tsx'
import { useApp } from '../common/useApp.ts'
import { appMessages } from './messages.ts'
import { shortcuts } from './shortcuts.ts'
import css from './KeySheet.module.css'

/** All keys, as a native modal dialog: Escape and the button close it, focus comes back by itself. */
export function KeySheet() {
  const open = useApp((state) => state.layout.keysOpen)
  const showKeys = useApp((state) => state.showKeys)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      className={css['sheet']}
      aria-labelledby="keys-title"
      onClose={() => {
        showKeys(false)
      }}
    >
      <header>
        <h2 id="keys-title">{appMessages.keys}</h2>
        <Button
          onClick={() => {
            showKeys(false)
          }}
        >
          {appMessages.close}
        </Button>
      </header>
      <p>{appMessages.keysHint}</p>
      <div className={css['groups']}>
        {Object.entries(appMessages.keyGroups).map(([group, title]) => (
          <section key={group}>
            <h3>{title}</h3>
            <dl>
              {shortcuts
                .filter((shortcut) => shortcut.group === group)
                .map(({ text, keys }) => (
                  <div key={text}>
                    <dt>{text}</dt>
                    <dd>
                      {keys.map((pressed) => (
                        <span key={pressed.join()}>
                          {pressed.map((key) => (
                            <kbd key={key}>{key}</kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  )
}
