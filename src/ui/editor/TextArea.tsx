import { useEffect, useRef } from 'react'
import { useApp } from '../common/useApp.ts'
import { editorMessages as say } from './messages.ts'
import css from './TextArea.module.css'

/** The editor where Monaco is none: touch screens, narrow windows, and when its file could not be loaded. */
export function TextArea({ file, text }: { readonly file: string; readonly text: string }) {
  const editFile = useApp((state) => state.editFile)
  const apply = useApp((state) => state.apply)
  const jump = useApp((state) => state.manifests.jump)
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (jump?.file !== file || !area.current) return
    area.current.focus()
    area.current.setSelectionRange(jump.from, jump.to)
  }, [jump, file])
  return (
    <textarea
      ref={area}
      className={css['area']}
      aria-label={say.editor(file)}
      value={text}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      wrap="off"
      onChange={(event) => {
        editFile(file, event.target.value)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) apply({ force: true })
      }}
    />
  )
}
