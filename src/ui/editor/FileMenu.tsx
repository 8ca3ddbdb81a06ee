import { useRef } from 'react'
import { placePopover } from '../common/placePopover.ts'
import { useApp } from '../common/useApp.ts'
import css from './FileMenu.module.css'
import { editorMessages as say } from './messages.ts'

interface FileMenuProps {
  readonly onOpen: () => void
  readonly onRename: (name: string) => void
}

const ID = 'file-menu'

/** What is done to a file less often, in a native popover: Escape and a click elsewhere close it. */
export function FileMenu({ onOpen, onRename }: FileMenuProps) {
  const active = useApp((state) => state.manifests.active)
  const closeFile = useApp((state) => state.closeFile)
  const list = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const items = [
    { text: say.open, run: onOpen },
    {
      text: say.renameThis,
      run: () => {
        onRename(active)
      },
    },
    {
      text: say.close(active),
      run: () => {
        closeFile(active)
      },
    },
  ]
  return (
    <>
      <button ref={button} type="button" aria-label={say.menu} title={say.menu} popoverTarget={ID}>
        <svg viewBox="0 0 16 16" aria-hidden="true" className={css['dots']}>
          <circle cx="3" cy="8" r="1.2" />
          <circle cx="8" cy="8" r="1.2" />
          <circle cx="13" cy="8" r="1.2" />
        </svg>
      </button>
      <div
        ref={list}
        id={ID}
        popover="auto"
        className={css['menu']}
        onToggle={(event) => {
          placePopover(event, button.current, 'below')
        }}
      >
        {items.map(({ text, run }) => (
          <button
            key={text}
            type="button"
            onClick={() => {
              list.current?.hidePopover()
              run()
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </>
  )
}
