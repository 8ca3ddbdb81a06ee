import { uuid } from '../base/hex.ts'
import type { Random } from '../base/random.ts'

/** A version 4 UUID. */
export function randomUid(random: Random): string {
  return uuid(random.u32(), random.u32(), random.u32(), random.u32(), 4)
}
