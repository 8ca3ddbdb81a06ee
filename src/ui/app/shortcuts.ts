import type { ProxyMode } from '../../engine/index.ts'
import type { AppState } from '../../state/appState.ts'
import { appMessages } from './messages.ts'

/** In the order of the mode switch. */
export const MODES: readonly ProxyMode[] = ['userspace', 'iptables', 'ipvs', 'nftables']

/** What a shortcut can ask of the page around the store. */
export interface Does {
  readonly sendRequest: () => void
  readonly share: () => void
}

type Action = (state: AppState, does: Does) => void

/** One line of the keyboard sheet. */
export interface Shortcut {
  readonly group: keyof typeof appMessages.keyGroups
  readonly text: string
  /** As drawn; a list inside is pressed together. */
  readonly keys: readonly (readonly string[])[]
  /** By chord as `chordOf` spells it; empty for keys that live elsewhere (in the editor, on a splitter). */
  readonly actions: Readonly<Record<string, Action>>
}

const SPEED_STEP = 1.5
const { keyTexts } = appMessages

export const shortcuts: readonly Shortcut[] = [
  {
    group: 'request',
    text: keyTexts.send,
    keys: [['R']],
    actions: {
      r: (_state, does) => {
        does.sendRequest()
      },
    },
  },
  {
    group: 'request',
    text: keyTexts.mode,
    keys: [['M']],
    actions: {
      m: ({ run, setMode }) => {
        setMode(MODES[(MODES.indexOf(run.mode) + 1) % MODES.length] ?? 'iptables')
      },
    },
  },
  {
    group: 'step',
    text: keyTexts.play,
    keys: [['Space']],
    actions: {
      ' ': ({ trace, setPlaying }) => {
        setPlaying(!trace.playing)
      },
    },
  },
  {
    group: 'step',
    text: keyTexts.hop,
    keys: [['←'], ['→']],
    actions: {
      ArrowLeft: ({ step }) => {
        step(-1, 'hop')
      },
      ArrowRight: ({ step }) => {
        step(1, 'hop')
      },
    },
  },
  {
    group: 'step',
    text: keyTexts.rule,
    keys: [
      ['Shift', '←'],
      ['Shift', '→'],
    ],
    actions: {
      'Shift+ArrowLeft': ({ step }) => {
        step(-1, 'rule')
      },
      'Shift+ArrowRight': ({ step }) => {
        step(1, 'rule')
      },
    },
  },
  {
    group: 'step',
    text: keyTexts.edge,
    keys: [['Home'], ['End']],
    actions: {
      Home: ({ stepToEdge }) => {
        stepToEdge('start')
      },
      End: ({ stepToEdge }) => {
        stepToEdge('end')
      },
    },
  },
  {
    group: 'step',
    text: keyTexts.speed,
    keys: [['['], [']']],
    actions: {
      '[': ({ trace, setSpeed }) => {
        setSpeed(trace.speed / SPEED_STEP)
      },
      ']': ({ trace, setSpeed }) => {
        setSpeed(trace.speed * SPEED_STEP)
      },
    },
  },
  {
    group: 'window',
    text: keyTexts.text,
    keys: [['T']],
    actions: {
      t: ({ layout, tell }) => {
        tell(layout.telling === 'text' ? 'steps' : 'text')
      },
    },
  },
  {
    group: 'window',
    text: keyTexts.share,
    keys: [['Ctrl', 'S']],
    actions: {
      'Mod+s': (_state, does) => {
        does.share()
      },
    },
  },
  {
    group: 'window',
    text: keyTexts.panes,
    keys: [['1'], ['2'], ['3']],
    actions: {
      1: ({ togglePane }) => {
        togglePane('manifests')
      },
      2: ({ togglePane }) => {
        togglePane('tables')
      },
      3: ({ togglePane }) => {
        togglePane('trace')
      },
    },
  },
  {
    group: 'window',
    text: keyTexts.close,
    keys: [['Esc']],
    actions: {
      Escape: ({ select }) => {
        select(undefined)
      },
    },
  },
  {
    group: 'window',
    text: keyTexts.help,
    keys: [['?']],
    actions: {
      '?': ({ showKeys }) => {
        showKeys(true)
      },
    },
  },
  { group: 'window', text: keyTexts.splitter, keys: [['←'], ['→']], actions: {} },
  { group: 'editor', text: keyTexts.apply, keys: [['Ctrl', 'Enter']], actions: {} },
  { group: 'editor', text: keyTexts.problem, keys: [['F8']], actions: {} },
  { group: 'editor', text: keyTexts.leave, keys: [['Ctrl', 'M']], actions: {} },
]

const byChord = new Map<string, Action>(shortcuts.flatMap(({ actions }) => Object.entries(actions)))

/** `r`, `?`, `Shift+ArrowLeft`, `Mod+s` (Ctrl, or Command). Shift is not spelled where it is part of the letter. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const shift = event.shiftKey && event.key.length > 1 ? 'Shift+' : ''
  return `${event.ctrlKey || event.metaKey ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${shift}${key}`
}

/** What the pressed keys do, when they do something. */
export function actionOf(chord: string): Action | undefined {
  return byChord.get(chord)
}
