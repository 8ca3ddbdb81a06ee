import { useRef, useState } from 'react'
import { Tabs } from '../common/Tabs.tsx'
import { useApp } from '../common/useApp.ts'
import { FileMenu } from './FileMenu.tsx'
import css from './FileTabs.module.css'
import { editorMessages as say } from './messages.ts'
import { openFiles } from './openFiles.ts'

/** The files: choose, add; open from disk, rename (also double-click or F2) and close from the menu. */
export function FileTabs({ panel }: { readonly panel: string }) {
  const files = useApp((state) => state.manifests.files)
  const active = useApp((state) => state.manifests.active)
  const faults = useApp((state) => state.manifests.faults)
  const activateFile = useApp((state) => state.activateFile)
  const addFile = useApp((state) => state.addFile)
  const [renaming, setRenaming] = useState<string>()
  const picker = useRef<HTMLInputElement>(null)
  const isBroken = (name: string): boolean => faults.some((fault) => fault.file === name && fault.severity === 'error')
  return (
    // Keys bubble up from the tabs inside.
    <div
      className={css['bar']}
      role="presentation"
      onKeyDown={(event) => {
        if (event.key === 'F2') setRenaming(active)
      }}
    >
      {renaming === undefined ? (
        <Tabs
          label={say.files}
          panel={panel}
          active={active}
          onSelect={activateFile}
          onDoubleClick={setRenaming}
          items={files.map(({ name }) => ({
            id: name,
            label: <span data-broken={isBroken(name)}>{name}</span>,
            name: isBroken(name) ? `${name}, ${say.problems}` : name,
          }))}
        />
      ) : (
        <NameField
          name={renaming}
          onDone={() => {
            setRenaming(undefined)
          }}
        />
      )}
      <span className={css['tools']}>
        <button
          type="button"
          aria-label={say.add}
          title={say.add}
          onClick={() => {
            addFile(say.newFile, '')
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M8 3.5v9M3.5 8h9" />
          </svg>
        </button>
        <FileMenu onOpen={() => picker.current?.click()} onRename={setRenaming} />
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept=".yaml,.yml,.json,text/*"
          onChange={(event) => {
            const field = event.target
            void openFiles(field.files, addFile).then(() => {
              field.value = ''
            })
          }}
        />
      </span>
    </div>
  )
}

function NameField({ name, onDone }: { readonly name: string; readonly onDone: () => void }) {
  const renameFile = useApp((state) => state.renameFile)
  return (
    <input
      className={css['name']}
      aria-label={say.rename(name)}
      defaultValue={name}
      // The reader has just asked for this field.
      // eslint-disable-next-line jsx-a11y/no-autofocus
      autoFocus
      onFocus={(event) => {
        event.target.select()
      }}
      onBlur={(event) => {
        renameFile(name, event.target.value)
        onDone()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') onDone()
      }}
    />
  )
}
