import type { StateCreator } from 'zustand/vanilla'
import type { Request } from '../engine/index.ts'
import type { AppState, Draft, RequestSlice } from './appState.ts'
import { gatewayChoices, sources, targets } from './choices.ts'
import type { Choice } from './choices.ts'

export const createRequestSlice: StateCreator<AppState, [], [], RequestSlice> = (set, get) => ({
  draft: { from: undefined, to: undefined, via: undefined, keep: false },
  askFor: (change) => {
    set(({ draft }) => ({ draft: { ...draft, ...change } }))
  },
  sendDraft: () => {
    const { draft, cluster, run, send } = get()
    const request = requestOf(draft, cluster.objects)
    if (request && !run.booting) send(request)
  },
})

/** One name for all that the bar sends: each client keeps one connection to each host and port under it. */
const KEPT = 'kept'

/** The request that the bar shows: a chosen source that is gone falls back to the first one. */
export function requestOf(draft: Draft, objects: AppState['cluster']['objects']): Request | undefined {
  const from = chosen(draft.from, sources(objects))
  const to = draft.to ?? targets(objects)[0]?.value
  if (from === undefined || to === undefined || to === '') return undefined
  const kept = draft.keep && !/^(udp|sctp):/.test(to) ? { connection: KEPT } : {}
  if (!from.startsWith('host/')) return { from, to, ...kept }
  const via = chosen(draft.via, gatewayChoices(objects)) ?? ''
  return via === '' ? { from, to, ...kept } : { from, to, via: via.slice('node/'.length), ...kept }
}

/** `wanted` while it is among `choices`, else the first of them. */
export function chosen(wanted: string | undefined, choices: readonly Choice[]): string | undefined {
  return choices.find((choice) => choice.value === wanted)?.value ?? choices[0]?.value
}

/** The bar after a replay: as the last request was. */
export function draftOf(request: Request | undefined): Draft {
  return {
    from: request?.from,
    to: request?.to,
    via: request?.via === undefined ? undefined : `node/${request.via}`,
    keep: request?.connection !== undefined,
  }
}
