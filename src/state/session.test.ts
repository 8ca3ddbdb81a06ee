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
async function load(fragment: string, keep: Keep) {
  const port = createFakePort()
  const store = createAppStore(port)
  await openSession(store, fragment, keep)
  port.tell({ type: 'booted', seed: store.getState().run.seed, mode: 'iptables' })
  const saves: Promise<void>[] = []
  keepSession(store, keep, (save) => saves.push(save()))
  return { port, store, state: () => store.getState(), saved: () => Promise.all(saves) }
}

describe('a page load', () => {
  it('without anything starts the default scenario', async () => {
    const { state, port } = await load('', aKeep())
    expect(state().share).toMatchObject({ origin: 'default', error: undefined })
    expect(port.sent[0]).toEqual({ type: 'boot', seed: 1, inputs: defaultInputs })
  })

  it('finds the work of the one before, unapplied edits too', async () => {
    const keep = aKeep()
    const first = await load('', keep)
    first.state().setMode('ipvs')
    first.state().editFile('pods.yaml', 'kind: Pod # draft\n')
    await first.saved()
    const second = await load('', keep)
    expect(second.state().share.origin).toBe('kept')
    expect(momentOf(second.state())).toEqual(momentOf(first.state()))
    expect(second.state().manifests.files[1]?.text).toBe('kind: Pod # draft\n')
  })

  it('with a link opens it and puts own work aside', async () => {
    const keep = aKeep()
    const own = await load('', keep)
    own.state().setMode('nftables')
    await own.saved()
    const mine = momentOf(own.state())
    const other = await load(encodeLink(linked), keep)
    expect(momentOf(other.state())).toEqual(linked)
    expect(other.state().share.origin).toBe('link')
    // A second link does not push the own work out.
    const third = await load(encodeLink({ ...linked, seed: 10 }), keep)
    await reopenPutAside(third.store, keep)
    expect(momentOf(third.state())).toEqual(mine)
    expect(third.state().share.putAside).toBeUndefined()
  })

  it('with a broken link says so and starts the default scenario', async () => {
    const link = encodeLink(linked)
    const { state } = await load(link.slice(0, -4), aKeep())
    expect(state().share.error).toEqual({ type: 'damaged' })
    expect(state().run.inputs).toEqual(defaultInputs)
  })

  it('survives a storage that throws', async () => {
    const no = (): never => {
      throw new Error('denied')
    }
    const { state, saved } = await load('', { getItem: no, setItem: no, removeItem: no })
    state().setMode('ipvs')
    await saved()
    expect(state().run.inputs).toHaveLength(2)
  })
})

describe('the layout', () => {
  it('is kept, bounded, and foreign text is ignored', async () => {
    const keep = aKeep()
    const first = await load('', keep)
    first.state().setTheme('dark')
    first.state().resizePane('trace', 10_000)
    first.state().togglePane('manifests')
    const { layout } = (await load('', keep)).state()
    expect(layout.theme).toBe('dark')
    expect(layout.panes.trace.size).toBe(720)
    expect(layout.panes.manifests.collapsed).toBe(true)
    keep.all.set('kubehop.layout', '{"panes":7')
    expect((await load('', keep)).state().layout.theme).toBe('system')
  })
})

it('a fresh start puts the work aside, and back again', async () => {
  const keep = aKeep()
  const { store, state } = await load('', keep)
  state().setMode('ipvs')
  const mine = momentOf(state())
  await resetSession(store, keep)
  expect(state().run.inputs).toEqual(defaultInputs)
  const next = await load('', keep)
  expect(next.state().share.origin).toBe('default')
  await reopenPutAside(next.store, keep)
  expect(momentOf(next.state())).toEqual(mine)
})

it('a fresh start from a link that was only looked at does not push own work out', async () => {
  const keep = aKeep()
  const own = await load('', keep)
  own.state().setMode('ipvs')
  await own.saved()
  const mine = momentOf(own.state())
  const other = await load(encodeLink(linked), keep)
  await resetSession(other.store, keep)
  await reopenPutAside(other.store, keep)
  expect(momentOf(other.state())).toEqual(mine)
})
