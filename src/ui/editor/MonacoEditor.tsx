import { useEffect, useRef } from 'react'
import type { editor } from 'monaco-editor'
import type { Fault } from '../../state/appState.ts'
import { useApp, useAppStore } from '../common/useApp.ts'
import type { Monaco } from './loadMonaco.ts'
import { editorMessages as say } from './messages.ts'
import css from './MonacoEditor.module.css'
import { indentAfter } from './yamlIndent.ts'

interface MonacoEditorProps {
  readonly loaded: Monaco
  readonly file: string
  readonly text: string
  readonly theme: 'light' | 'dark'
}

/** Monaco over the active file. Each file keeps its own model, and with it its own undo. */
export function MonacoEditor({ loaded, file, text, theme }: MonacoEditorProps) {
  const { monaco } = loaded
  const store = useAppStore()
  const faults = useApp((state) => state.manifests.faults)
  const applied = useApp((state) => state.manifests.applied)
  const jump = useApp((state) => state.manifests.jump)
  const names = useApp((state) => state.manifests.files)
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<editor.IStandaloneCodeEditor>(undefined)

  useEffect(() => {
    if (!box.current) return
    const made = monaco.editor.create(box.current, { model: null, ...OPTIONS })
    view.current = made
    const typed = made.onDidChangeModelContent(() => {
      const model = made.getModel()
      if (model) store.getState().editFile(fileOf(model), model.getValue())
    })
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, () => {
      store.getState().apply({ force: true })
    })
    made.addAction({
      id: 'kubehop.newLine',
      label: say.newLine,
      keybindings: [monaco.KeyCode.Enter],
      precondition: 'editorTextFocus && !editorReadonly && !editorHasMultipleSelections',
      run: (editor) => {
        const at = editor.getPosition()
        const line =
          at &&
          editor
            .getModel()
            ?.getLineContent(at.lineNumber)
            .slice(0, at.column - 1)
        editor.trigger('keyboard', 'type', { text: `\n${indentAfter(line ?? '')}` })
      },
    })
    return () => {
      typed.dispose()
      made.dispose()
      view.current = undefined
    }
  }, [monaco, store])

  useEffect(() => {
    loaded.applyTheme(theme)
  }, [loaded, theme])

  useEffect(() => {
    const uri = monaco.Uri.from({ scheme: 'file', path: `/${file}` })
    const model = monaco.editor.getModel(uri) ?? monaco.editor.createModel(text, 'yaml', uri)
    if (model.getValue() !== text) model.setValue(text)
    if (view.current?.getModel() !== model) view.current?.setModel(model)
    view.current?.updateOptions({ ariaLabel: say.editor(file) })
  }, [monaco, file, text])

  useEffect(() => {
    const kept = new Set(names.map(({ name }) => name))
    for (const model of monaco.editor.getModels()) if (!kept.has(fileOf(model))) model.dispose()
  }, [monaco, names])

  useEffect(() => {
    for (const model of monaco.editor.getModels()) {
      const name = fileOf(model)
      // Offsets are of the applied text; while that is being edited Monaco moves the old squiggles along by itself.
      if (applied.find((each) => each.name === name)?.text !== model.getValue()) continue
      const own = faults.filter((fault) => fault.file === name)
      monaco.editor.setModelMarkers(
        model,
        'kubehop',
        own.map((fault) => markerOf(loaded, model, fault)),
      )
    }
  }, [monaco, loaded, faults, applied, file])

  useEffect(() => {
    if (jump?.file !== file) return
    const model = view.current?.getModel()
    if (!model || !view.current) return
    const range = monaco.Range.fromPositions(model.getPositionAt(jump.from), model.getPositionAt(jump.to))
    view.current.setSelection(range)
    view.current.revealRangeInCenterIfOutsideViewport(range)
    view.current.focus()
  }, [monaco, jump, file])

  return <div ref={box} className={css['editor']} />
}

function fileOf(model: editor.ITextModel): string {
  return model.uri.path.slice(1)
}

function markerOf({ monaco }: Monaco, model: editor.ITextModel, fault: Fault): editor.IMarkerData {
  const from = model.getPositionAt(fault.from)
  // An empty range would draw nothing.
  const to = model.getPositionAt(Math.max(fault.to, fault.from + 1))
  const { Error, Warning, Info } = monaco.MarkerSeverity
  return {
    severity: { error: Error, warning: Warning, hint: Info }[fault.severity],
    message: fault.message,
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  }
}

const OPTIONS: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSize: 12,
  lineHeight: 20,
  fontLigatures: false,
  padding: { top: 8, bottom: 8 },
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 12,
  glyphMargin: false,
  folding: true,
  showFoldingControls: 'mouseover',
  minimap: { enabled: false },
  overviewRulerLanes: 0,
  scrollBeyondLastLine: false,
  renderLineHighlight: 'line',
  renderLineHighlightOnlyWhenFocus: true,
  // Text that comes all at once (dictation, scripts) stays as it is; Enter indents by an action of its own.
  autoIndent: 'none',
  tabSize: 2,
  insertSpaces: true,
  detectIndentation: false,
  wordBasedSuggestions: 'off',
  quickSuggestions: false,
  links: false,
  occurrencesHighlight: 'off',
  unicodeHighlight: { ambiguousCharacters: false },
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, alwaysConsumeMouseWheel: false },
  fixedOverflowWidgets: true,
  stickyScroll: { enabled: false },
}
