import type * as linkModule from '../share/link.ts'

let loading: Promise<typeof linkModule> | undefined

/** Loads what packs and unpacks links: a first visit without a link does without it. */
export function loadLinkCodec(): Promise<typeof linkModule> {
  loading ??= import('../share/link.ts')
  return loading
}
