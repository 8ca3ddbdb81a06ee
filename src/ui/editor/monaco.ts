// The one module that names Monaco. It is loaded by import() after the first paint and never before.
import * as monaco from 'monaco-editor/editor'
import 'monaco-editor/features/bracketMatching/register'
import 'monaco-editor/features/caretOperations/register'
import 'monaco-editor/features/clipboard/register'
import 'monaco-editor/features/comment/register'
import 'monaco-editor/features/contextmenu/register'
import 'monaco-editor/features/cursorUndo/register'
import 'monaco-editor/features/find/register'
import 'monaco-editor/features/folding/register'
import 'monaco-editor/features/gotoError/register'
import 'monaco-editor/features/hover/register'
import 'monaco-editor/features/indentation/register'
import 'monaco-editor/features/lineSelection/register'
import 'monaco-editor/features/linesOperations/register'
import 'monaco-editor/features/multicursor/register'
import 'monaco-editor/features/smartSelect/register'
import 'monaco-editor/features/toggleTabFocusMode/register'
import 'monaco-editor/features/wordOperations/register'
import 'monaco-editor/languages/definitions/yaml/register'
import EditorWorker from 'monaco-editor/editor/editor.worker?worker'

self.MonacoEnvironment = { getWorker: () => new EditorWorker() }

/** The tokens of tokens.css as Monaco's two themes. */
export function applyTheme(theme: 'light' | 'dark'): void {
  const style = getComputedStyle(document.documentElement)
  // The build shortens #ffffff to #fff, which Monaco does not take.
  const color = (token: string): string =>
    style
      .getPropertyValue(`--${token}`)
      .trim()
      .replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3')
  const bare = (token: string): string => color(token).replace('#', '')
  monaco.editor.defineTheme('kubehop', {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: bare('ink') },
      { token: 'string.yaml', foreground: bare('ok') },
      { token: 'number.yaml', foreground: bare('ink') },
      { token: 'type', foreground: bare('packet') },
      { token: 'string', foreground: bare('ok') },
      { token: 'comment', foreground: bare('ink-3') },
      { token: 'number', foreground: bare('ink') },
      { token: 'keyword', foreground: bare('ink') },
      { token: 'operators', foreground: bare('ink') },
      { token: 'delimiter', foreground: bare('ink') },
    ],
    colors: {
      'editor.background': color('paper'),
      'editor.foreground': color('ink'),
      'editor.lineHighlightBackground': color('ground'),
      'editor.lineHighlightBorder': color('ground'),
      'editor.selectionBackground': color('packet-soft'),
      'editorLineNumber.foreground': color('ink-3'),
      'editorLineNumber.activeForeground': color('ink'),
      'editorLineNumber.dimmedForeground': color('ink-3'),
      'editorCursor.foreground': color('ink'),
      'editorError.foreground': color('bad'),
      'editorWarning.foreground': color('changed-ink'),
      'editorInfo.foreground': color('control'),
      'editorIndentGuide.background1': color('line'),
      'editorWidget.background': color('paper'),
      'editorWidget.border': color('line-2'),
      'editorHoverWidget.background': color('paper'),
      'editorHoverWidget.border': color('line-2'),
      focusBorder: color('packet'),
    },
  })
  monaco.editor.setTheme('kubehop')
}

export { monaco }
