import { describe, expect, it } from 'vitest'
import { encodeLink } from '../share/link.ts'
import type { SharedMoment } from '../share/moment.ts'
import { defaultInputs } from './defaultScenario.ts'
import { keepSession, momentOf, openSession, reopenPutAside, resetSession } from './session.ts'
import type { Keep } from './session.ts'
import { createAppStore } from './store.ts'
import { createFakePort } from './testing/fakePort.ts'

const linked: SharedMoment = { seed: 9, inputs: [{ type: 'apply', files: [{ name: 'a.yaml', text: 'kind: Pod\n' }] }] }

function aKeep(): Keep & { readonly all: Map<string, string> } {
  const all = new Map<string, string>()
  return {
    all,
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
  }
}

/** A page load: what a fresh store shows after opening `fragment` over `keep`. */
function load(fragment: string, keep: Keep) {
  const port = createFakePort()
  const store = createAppStore(port)
  openSession(store, fragment, keep)
  port.tell({ type: 'booted', seed: store.getState().run.seed, mode: 'iptables' })
  keepSession(store, keep, (save) => {
    save()
  })
  return { port, store, state: () => store.getState() }
}

describe('a page load', () => {
  it('without anything starts the default scenario', () => {
    const { state, port } = load('', aKeep())
    expect(state().share).toMatchObject({ origin: 'default', error: undefined })
    expect(port.sent[0]).toEqual({ type: 'boot', seed: 1, inputs: defaultInputs })
  })

  it('finds the work of the one before, unapplied edits too', () => {
    const keep = aKeep()
    const first = load('', keep)
    first.state().setMode('ipvs')
    first.state().editFile('pods.yaml', 'kind: Pod # draft\n')
    const second = load('', keep)
    expect(second.state().share.origin).toBe('kept')
    expect(momentOf(second.state())).toEqual(momentOf(first.state()))
    expect(second.state().manifests.files[1]?.text).toBe('kind: Pod # draft\n')
  })

  it('with a link opens it and puts own work aside', () => {
    const keep = aKeep()
    const own = load('', keep)
    own.state().setMode('nftables')
    const mine = momentOf(own.state())
    const other = load(encodeLink(linked), keep)
    expect(momentOf(other.state())).toEqual(linked)
    expect(other.state().share.origin).toBe('link')
    // A second link does not push the own work out.
    const third = load(encodeLink({ ...linked, seed: 10 }), keep)
    reopenPutAside(third.store, keep)
    expect(momentOf(third.state())).toEqual(mine)
    expect(third.state().share.putAside).toBeUndefined()
  })

  it('with a broken link says so and starts the default scenario', () => {
    const link = encodeLink(linked)
    const { state } = load(link.slice(0, -4), aKeep())
    expect(state().share.error).toEqual({ type: 'damaged' })
    expect(state().run.inputs).toEqual(defaultInputs)
  })

  it('survives a storage that throws', () => {
    const no = (): never => {
      throw new Error('denied')
    }
    const { state } = load('', { getItem: no, setItem: no, removeItem: no })
    state().setMode('ipvs')
    expect(state().run.inputs).toHaveLength(2)
  })
})

describe('the layout', () => {
  it('is kept, bounded, and foreign text is ignored', () => {
    const keep = aKeep()
    const first = load('', keep)
    first.state().setTheme('dark')
    first.state().resizePane('trace', 10_000)
    first.state().togglePane('manifests')
    const { layout } = load('', keep).state()
    expect(layout.theme).toBe('dark')
    expect(layout.panes.trace.size).toBe(720)
    expect(layout.panes.manifests.collapsed).toBe(true)
    keep.all.set('kubehop.layout', '{"panes":7')
    expect(load('', keep).state().layout.theme).toBe('system')
  })
})

it('a fresh start puts the work aside, and back again', () => {
  const keep = aKeep()
  const { store, state } = load('', keep)
  state().setMode('ipvs')
  const mine = momentOf(state())
  resetSession(store, keep)
  expect(state().run.inputs).toEqual(defaultInputs)
  const next = load('', keep)
  expect(next.state().share.origin).toBe('default')
  reopenPutAside(next.store, keep)
  expect(momentOf(next.state())).toEqual(mine)
})
