import { useEffect, useState } from 'react'
import { isDirty } from '../../state/manifestsSlice.ts'
import { useTheme } from '../app/useTheme.ts'
import { useApp } from '../common/useApp.ts'
import { NARROW, useMedia } from '../common/useMedia.ts'
import { FileTabs } from './FileTabs.tsx'
import { MonacoEditor } from './MonacoEditor.tsx'
import { PlainText } from './PlainText.tsx'
import { Problems } from './Problems.tsx'
import { StatusLine } from './StatusLine.tsx'
import { TextArea } from './TextArea.tsx'
import { loadMonaco, whenIdle } from './loadMonaco.ts'
import type { Monaco } from './loadMonaco.ts'
import { editorMessages as say } from './messages.ts'
import { openFiles } from './openFiles.ts'
import css from './EditorPane.module.css'

const PANEL = 'manifest-text'
/** After the last keystroke. */
const IDLE_APPLY_MS = 900

export function EditorPane() {
  const active = useApp((state) => state.manifests.active)
  const file = useApp((state) => state.manifests.files.find(({ name }) => name === active))
  const addFile = useApp((state) => state.addFile)
  const [dropping, setDropping] = useState(false)
  useIdleApply()
  return (
    // Dropping is a shortcut for the button "Open a file" in the tabs.
    <div
      className={css['editor']}
      role="presentation"
      data-dropping={dropping}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setDropping(true)
      }}
      onDragLeave={() => {
        setDropping(false)
      }}
      onDrop={(event) => {
        event.preventDefault()
        setDropping(false)
        void openFiles(event.dataTransfer.files, addFile)
      }}
    >
      <FileTabs panel={PANEL} />
      <div id={PANEL} role="tabpanel" aria-label={active} className={css['text']}>
        {file && <Editor file={file.name} text={file.text} />}
        {dropping && <p className={css['drop']}>{say.drop}</p>}
      </div>
      <Problems />
      <StatusLine />
    </div>
  )
}

/** The best editor there is so far: a plain picture of the text, then Monaco; a text field where fingers type. */
function Editor({ file, text }: { readonly file: string; readonly text: string }) {
  const theme = useTheme()
  const touch = useMedia('(pointer: coarse)')
  const narrow = useMedia(NARROW)
  const plain = touch || narrow
  const [monaco, setMonaco] = useState<Monaco | 'failed'>()
  useEffect(() => {
    if (plain) return
    return whenIdle(() => {
      loadMonaco().then(setMonaco, () => {
        setMonaco('failed')
      })
    })
  }, [plain])
  if (plain || monaco === 'failed') return <TextArea file={file} text={text} />
  if (!monaco) return <PlainText text={text} label={say.editor(file)} />
  return <MonacoEditor loaded={monaco} file={file} text={text} theme={theme} />
}

/** Applies edits by itself once typing has paused. */
function useIdleApply(): void {
  const files = useApp((state) => state.manifests.files)
  const dirty = useApp((state) => isDirty(state.manifests))
  const apply = useApp((state) => state.apply)
  useEffect(() => {
    if (!dirty) return
    const timer = setTimeout(apply, IDLE_APPLY_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [files, dirty, apply])
}
