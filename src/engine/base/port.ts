import { err, ok } from './result.ts'
import type { Brand } from './brand.ts'
import type { Result } from './result.ts'

/** A TCP, UDP or SCTP port number, 1..65535. */
export type Port = Brand<number, 'Port'>

/** Checks `n` with the API server's rule and words. Source: apimachinery util/validation. */
export function parsePort(n: number): Result<Port, string> {
  return Number.isInteger(n) && n >= 1 && n <= 65535 ? ok(n as Port) : err('must be between 1 and 65535, inclusive')
}
