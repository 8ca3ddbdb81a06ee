import type { Result } from '../engine/base/result.ts'
import { err, ok } from '../engine/base/result.ts'
import type { ProxyMode, Request } from '../engine/index.ts'
import type { LinkError, SharedFile, SharedInput, SharedMoment } from './moment.ts'

/** `[name, text]`, or `[name, prefix, suffix, middle]`: so many units of the file's text in the apply before it are kept at both ends. */
type WireFile = readonly [string, string] | readonly [string, number, number, string]

type WireInput =
  | readonly ['apply', readonly WireFile[]]
  | readonly ['setMode', ProxyMode]
  | readonly ['send', string, string]
  | readonly ['send', string, string, string]
  | readonly ['send', string, string, string, WireKept]
  | readonly ['hold', 0 | 1]
  | readonly ['advance']
  | readonly ['advance', number]

/** What a request says about the connection that it goes over. An empty gateway before it means none. */
type WireKept = Readonly<Pick<Request, 'connection' | 'streams' | 'close'>>

interface Wire {
  readonly seed: number
  readonly inputs: readonly WireInput[]
  readonly at?: readonly [number, number]
}

export const LIMITS = {
  inputs: 5_000,
  filesPerApply: 200,
  unpackedChars: 4_000_000,
  advanceMs: 86_400_000,
  streams: 1_000,
} as const

const MODES: ReadonlySet<unknown> = new Set<ProxyMode>(['userspace', 'iptables', 'ipvs', 'nftables'])

/** The JSON that version 1 packs. Edits of a file are kept as differences, so a long session stays a short link. */
export function toWire(moment: SharedMoment): string {
  let before: readonly SharedFile[] = []
  const inputs = moment.inputs.map((input): WireInput => {
    switch (input.type) {
      case 'apply': {
        const files = input.files.map((file) => toWireFile(file, before))
        before = input.files
        return ['apply', files]
      }
      case 'setMode':
        return ['setMode', input.mode]
      case 'send': {
        const { from, to, via, ...kept } = input.request
        if (Object.keys(kept).length > 0) return ['send', from, to, via ?? '', kept]
        return via === undefined ? ['send', from, to] : ['send', from, to, via]
      }
      case 'hold':
        return ['hold', input.on ? 1 : 0]
      case 'advance':
        return input.ms === undefined ? ['advance'] : ['advance', input.ms]
    }
  })
  const wire: Wire = {
    seed: moment.seed,
    inputs,
    ...(moment.at && { at: [moment.at.trace, moment.at.cursor] as const }),
  }
  return JSON.stringify(wire)
}

function toWireFile({ name, text }: SharedFile, before: readonly SharedFile[]): WireFile {
  const old = before.find((file) => file.name === name)?.text
  if (old === undefined || old === '') return [name, text]
  const shorter = Math.min(old.length, text.length)
  let prefix = 0
  while (prefix < shorter && old[prefix] === text[prefix]) prefix += 1
  let suffix = 0
  while (suffix < shorter - prefix && old[old.length - 1 - suffix] === text[text.length - 1 - suffix]) suffix += 1
  const middle = text.slice(prefix, text.length - suffix)
  return middle.length + 12 < text.length ? [name, prefix, suffix, middle] : [name, text]
}

/** Checks every field: a link is a stranger's text. */
export function fromWire(json: string): Result<SharedMoment, LinkError> {
  const wire = parseJson(json)
  if (!isRecord(wire)) return err({ type: 'damaged' })
  const { seed, inputs: list, at } = wire
  if (!isCount(seed) || !Array.isArray(list)) return err({ type: 'damaged' })
  if (list.length > LIMITS.inputs) return err({ type: 'tooLarge' })
  let unpacked = 0
  let before: readonly SharedFile[] = []
  const inputs: SharedInput[] = []
  for (const item of list as unknown[]) {
    const input = fromWireInput(item, before)
    if (!input) return err({ type: 'damaged' })
    if (input.type === 'apply') {
      before = input.files
      for (const file of input.files) unpacked += file.text.length
      if (unpacked > LIMITS.unpackedChars) return err({ type: 'tooLarge' })
    }
    inputs.push(input)
  }
  if (at === undefined) return ok({ seed, inputs })
  if (!Array.isArray(at)) return err({ type: 'damaged' })
  const [trace, cursor] = at as unknown[]
  if (!isCount(trace) || !isCount(cursor)) return err({ type: 'damaged' })
  return ok({ seed, inputs, at: { trace, cursor } })
}

function fromWireInput(item: unknown, before: readonly SharedFile[]): SharedInput | undefined {
  if (!Array.isArray(item)) return undefined
  const [type, a, b, c, d] = item as unknown[]
  if (type === 'setMode') return MODES.has(a) ? { type, mode: a as ProxyMode } : undefined
  if (type === 'send') {
    if (typeof a !== 'string' || typeof b !== 'string') return undefined
    if (c === undefined) return { type, request: { from: a, to: b } }
    if (typeof c !== 'string') return undefined
    if (d === undefined) return { type, request: { from: a, to: b, via: c } }
    const kept = fromWireKept(d)
    return kept && { type, request: { from: a, to: b, ...(c !== '' && { via: c }), ...kept } }
  }
  if (type === 'hold') return a === 0 || a === 1 ? { type, on: a === 1 } : undefined
  if (type === 'advance') {
    if (a === undefined) return { type }
    return isCount(a) && a <= LIMITS.advanceMs ? { type, ms: a } : undefined
  }
  if (type !== 'apply' || !Array.isArray(a) || a.length > LIMITS.filesPerApply) return undefined
  const files: SharedFile[] = []
  for (const file of a as unknown[]) {
    const read = fromWireFile(file, before)
    if (!read) return undefined
    files.push(read)
  }
  return { type, files }
}

function fromWireKept(value: unknown): WireKept | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { connection, streams, close, ...others } = value as Readonly<Record<string, unknown>>
  if (Object.keys(others).length > 0) return undefined
  if (connection !== undefined && typeof connection !== 'string') return undefined
  if (streams !== undefined && !(isCount(streams) && streams >= 1 && streams <= LIMITS.streams)) return undefined
  if (close !== undefined && typeof close !== 'boolean') return undefined
  return {
    ...(connection !== undefined && { connection }),
    ...(streams !== undefined && { streams }),
    ...(close !== undefined && { close }),
  }
}

function fromWireFile(item: unknown, before: readonly SharedFile[]): SharedFile | undefined {
  if (!Array.isArray(item)) return undefined
  const [name, a, b, middle] = item as unknown[]
  if (typeof name !== 'string') return undefined
  if (typeof a === 'string') return { name, text: a }
  const old = before.find((file) => file.name === name)?.text
  if (old === undefined || !isCount(a) || !isCount(b) || typeof middle !== 'string') return undefined
  if (a + b > old.length) return undefined
  return { name, text: old.slice(0, a) + middle + old.slice(old.length - b) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(
  value: unknown,
): value is Readonly<Partial<Record<string, unknown>>> & { seed?: unknown; inputs?: unknown; at?: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
