import { expect, it, vi } from 'vitest'
import { createAppStore } from '../../state/store.ts'
import { createFakePort } from '../../state/testing/fakePort.ts'
import { actionOf, chordOf, shortcuts } from './shortcuts.ts'

const pressed = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  chordOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })

it.each([
  { chord: pressed('r'), want: 'r' },
  { chord: pressed('R', { shiftKey: true }), want: 'r' },
  { chord: pressed('?', { shiftKey: true }), want: '?' },
  { chord: pressed('ArrowLeft', { shiftKey: true }), want: 'Shift+ArrowLeft' },
  { chord: pressed('s', { ctrlKey: true }), want: 'Mod+s' },
  { chord: pressed('S', { metaKey: true, shiftKey: true }), want: 'Mod+s' },
  { chord: pressed('r', { ctrlKey: true }), want: 'Mod+r' },
])('$want', ({ chord, want }) => {
  expect(chord).toBe(want)
})

it('no two shortcuts want the same keys, and the browser keeps its own', () => {
  const chords = shortcuts.flatMap(({ actions }) => Object.keys(actions))
  expect(new Set(chords).size).toBe(chords.length)
  expect(actionOf('Mod+r')).toBeUndefined()
  expect(actionOf('constructor')).toBeUndefined()
})

it('do what the sheet says', () => {
  const port = createFakePort()
  const store = createAppStore(port)
  const does = { sendRequest: vi.fn(), share: vi.fn() }
  const press = (chord: string): void => {
    actionOf(chord)?.(store.getState(), does)
  }
  press('r')
  press('Mod+s')
  expect(does.sendRequest).toHaveBeenCalledOnce()
  expect(does.share).toHaveBeenCalledOnce()
  press('m')
  expect(port.sent).toEqual([{ type: 'input', input: { type: 'setMode', mode: 'ipvs' } }])
  press(']')
  expect(store.getState().trace.speed).toBe(1.5)
  press('1')
  expect(store.getState().layout.panes.manifests.collapsed).toBe(true)
  press('?')
  expect(store.getState().layout.keysOpen).toBe(true)
})
