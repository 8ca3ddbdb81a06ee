import type { SharedMoment } from '../share/moment.ts'
import { loadLinkCodec } from './linkCodec.ts'
import { defaultInputs, defaultSeed } from './defaultScenario.ts'
import type { Layout } from './appState.ts'
import { isDirty } from './manifestsSlice.ts'
import type { AppState } from './appState.ts'
import type { AppStore } from './store.ts'

/** The part of `Storage` that is used; it may throw when the browser forbids or is full. */
export interface Keep {
  readonly getItem: (key: string) => string | null
  readonly setItem: (key: string, value: string) => void
  readonly removeItem: (key: string) => void
}

const WORK = 'kubehop.work'
/** `link` while the kept work is a link's, opened and not edited; `own` otherwise. */
const WORK_ORIGIN = 'kubehop.work.origin'
const PUT_ASIDE = 'kubehop.work.aside'
const LAYOUT = 'kubehop.layout'

/** The moment on screen; edits that were not applied yet count as applied. */
export function momentOf(state: AppState): SharedMoment {
  const { run, manifests, trace } = state
  const inputs = isDirty(manifests) ? [...run.inputs, { type: 'apply' as const, files: manifests.files }] : run.inputs
  const { seed } = run
  return trace.current < 0 ? { seed, inputs } : { seed, inputs, at: { trace: trace.current, cursor: trace.cursor } }
}

/**
 * Boots what the address asks for, else the kept work, else the default scenario. A link never destroys the reader's own
 * work: that is put aside first.
 */
export async function openSession(store: AppStore, fragment: string, keep: Keep): Promise<void> {
  readLayout(store, keep)
  const kept = read(keep, WORK)
  if (kept === null && !isLink(fragment)) {
    store.getState().noteShare({ putAside: read(keep, PUT_ASIDE) ?? undefined })
    bootMoment(store, { seed: defaultSeed, inputs: defaultInputs })
    return
  }
  const { decodeLink } = await loadLinkCodec()
  const linked = decodeLink(fragment)
  if (linked.ok) {
    if (kept !== null && read(keep, WORK_ORIGIN) !== 'link') write(keep, PUT_ASIDE, kept)
    write(keep, WORK_ORIGIN, 'link')
    write(keep, WORK, fragment)
    store.getState().noteShare({ origin: 'link', putAside: read(keep, PUT_ASIDE) ?? undefined })
    bootMoment(store, linked.value)
    return
  }
  const broken = linked.error.type !== 'notALink'
  const own = kept === null || broken ? undefined : decodeLink(kept)
  store.getState().noteShare({
    origin: own?.ok ? (read(keep, WORK_ORIGIN) === 'link' ? 'link' : 'kept') : 'default',
    error: broken ? linked.error : undefined,
    putAside: read(keep, PUT_ASIDE) ?? undefined,
  })
  bootMoment(store, own?.ok ? own.value : { seed: defaultSeed, inputs: defaultInputs })
}

/** Whether a fragment claims to be a link of ours, of whatever version. */
export function isLink(fragment: string): boolean {
  return /^#v\d+\./.test(fragment)
}

/** Back to the work that a link or a fresh start had put aside. */
export async function reopenPutAside(store: AppStore, keep: Keep): Promise<void> {
  const { decodeLink } = await loadLinkCodec()
  const { putAside } = store.getState().share
  const decoded = putAside === undefined ? undefined : decodeLink(putAside)
  remove(keep, PUT_ASIDE)
  write(keep, WORK_ORIGIN, 'own')
  store.getState().noteShare({ origin: 'kept', putAside: undefined, error: undefined })
  if (decoded?.ok) bootMoment(store, decoded.value)
}

/** Starts the default scenario; what was on screen is put aside first. */
export async function resetSession(store: AppStore, keep: Keep): Promise<void> {
  const { encodeLink } = await loadLinkCodec()
  const state = store.getState()
  const onlyLooked = state.share.origin === 'link' && !state.share.edited
  const putAside = (onlyLooked ? state.share.putAside : undefined) ?? encodeLink(momentOf(state))
  write(keep, PUT_ASIDE, putAside)
  remove(keep, WORK)
  remove(keep, WORK_ORIGIN)
  store.getState().noteShare({ origin: 'default', error: undefined, made: undefined, putAside })
  bootMoment(store, { seed: defaultSeed, inputs: defaultInputs })
}

function bootMoment(store: AppStore, { seed, inputs, at }: SharedMoment): void {
  store.getState().boot({ seed, inputs, ...(at && { moment: at }) })
}

/** Keeps work and layout across a reload; `later` runs its argument once, a while after the newest call. */
export function keepSession(store: AppStore, keep: Keep, later: (save: () => Promise<void>) => void): () => void {
  return store.subscribe((state, before) => {
    if (state.layout !== before.layout) write(keep, LAYOUT, JSON.stringify(keptLayout(state.layout)))
    if (state.run.booting || before.run.booting) return
    const edited = state.run.inputs !== before.run.inputs || state.manifests.files !== before.manifests.files
    const moved = state.trace.cursor !== before.trace.cursor || state.trace.current !== before.trace.current
    if (edited) write(keep, WORK_ORIGIN, 'own')
    if (edited || moved) {
      const codec = loadLinkCodec()
      later(async () => {
        const { encodeLink } = await codec
        const now = store.getState()
        // A fresh start may have come in between; the untouched default scenario is nothing to keep.
        if (now.run.booting || (now.share.origin === 'default' && !now.share.edited && !isDirty(now.manifests))) return
        write(keep, WORK, encodeLink(momentOf(now)))
      })
    }
  })
}

type KeptLayout = Pick<Layout, 'panes' | 'theme'>

function keptLayout({ panes, theme }: Layout): KeptLayout {
  return { panes, theme }
}

function readLayout(store: AppStore, keep: Keep): void {
  const text = read(keep, LAYOUT)
  if (text === null) return
  try {
    const { panes, theme } = JSON.parse(text) as Partial<KeptLayout>
    const { resizePane, togglePane, setTheme } = store.getState()
    if (theme === 'light' || theme === 'dark') setTheme(theme)
    for (const pane of ['manifests', 'tables', 'trace'] as const) {
      const { size, collapsed } = panes?.[pane] ?? {}
      if (typeof size === 'number' && Number.isFinite(size)) resizePane(pane, size)
      if (collapsed === true) togglePane(pane)
    }
  } catch {
    // Somebody else's text under our key: the defaults stand.
  }
}

function read(keep: Keep, key: string): string | null {
  try {
    return keep.getItem(key)
  } catch {
    return null
  }
}

function write(keep: Keep, key: string, value: string): void {
  try {
    keep.setItem(key, value)
  } catch {
    // Private mode or a full disk: the session works, it is only not kept.
  }
}

function remove(keep: Keep, key: string): void {
  try {
    keep.removeItem(key)
  } catch {
    // As above.
  }
}
