import { useRef, useState } from 'react'
import { Tabs } from '../common/Tabs.tsx'
import { useApp } from '../common/useApp.ts'
import css from './FileTabs.module.css'
import { editorMessages as say } from './messages.ts'

/** The files: choose, add, open from disk, rename (double-click or F2), close. */
export function FileTabs({ panel }: { readonly panel: string }) {
  const files = useApp((state) => state.manifests.files)
  const active = useApp((state) => state.manifests.active)
  const faults = useApp((state) => state.manifests.faults)
  const { activateFile, addFile, renameFile, closeFile } = useFileActions()
  const [renaming, setRenaming] = useState<string>()
  const picker = useRef<HTMLInputElement>(null)
  const finish = (from: string, to: string | undefined): void => {
    setRenaming(undefined)
    if (to !== undefined) renameFile(from, to)
  }
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
          items={files.map(({ name }) => {
            const broken = faults.some((fault) => fault.file === name && fault.severity === 'error')
            return {
              id: name,
              label: <span data-broken={broken}>{name}</span>,
              name: broken ? `${name}, ${say.problems}` : name,
            }
          })}
        />
      ) : (
        <input
          className={css['name']}
          aria-label={say.rename(renaming)}
          defaultValue={renaming}
          // The reader has just asked for this field.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          onFocus={(event) => {
            event.target.select()
          }}
          onBlur={(event) => {
            finish(renaming, event.target.value)
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') finish(renaming, event.currentTarget.value)
            if (event.key === 'Escape') finish(renaming, undefined)
          }}
        />
      )}
      <span className={css['tools']}>
        {files.length > 1 && (
          <button
            type="button"
            aria-label={say.close(active)}
            title={say.close(active)}
            onClick={() => {
              closeFile(active)
            }}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M4 4l8 8M12 4l-8 8" />
            </svg>
          </button>
        )}
        <button
          type="button"
          aria-label={say.renameThis}
          title={say.renameThis}
          onClick={() => {
            setRenaming(active)
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M3 13l1-3 7-7 2 2-7 7z" />
          </svg>
        </button>
        <button
          type="button"
          aria-label={say.open}
          title={say.open}
          onClick={() => {
            picker.current?.click()
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M2 12.5V3.5h4l1.5 2H14v7z" />
          </svg>
        </button>
        <button
          type="button"
          aria-label={say.add}
          title={say.add}
          onClick={() => {
            addFile(say.newFile, '')
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M8 3v10M3 8h10" />
          </svg>
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept=".yaml,.yml,.json,text/*"
          onChange={(event) => {
            void openFiles(event.target.files, addFile)
            event.target.value = ''
          }}
        />
      </span>
    </div>
  )
}

function useFileActions() {
  return {
    activateFile: useApp((state) => state.activateFile),
    addFile: useApp((state) => state.addFile),
    renameFile: useApp((state) => state.renameFile),
    closeFile: useApp((state) => state.closeFile),
  }
}

/** Puts each file into the editor, with the line ends that the engine counts in. */
export async function openFiles(
  files: ArrayLike<File> | null,
  addFile: (name: string, text: string) => void,
): Promise<void> {
  for (const file of Array.from(files ?? [])) {
    const text = await file.text()
    addFile(file.name, text.replaceAll('\r\n', '\n'))
  }
}
