import type { Station } from '../../view/places.ts'

/** What of a node is lit at this moment. */
export interface Lit {
  /** Stations visited by the packet that is walking; the newest last. */
  readonly stations: readonly Station[]
  readonly now: Station | undefined
}

/** The part that a pod or machine plays in the request. */
export type Role = 'client' | 'endpoint' | 'chosen'
