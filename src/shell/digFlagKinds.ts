import type { DigLookup, DigSettings } from './digLookup.ts'

/** One `+option`: its names may be cut down to `shortest` letters. `apply` gives an error text when the value is wrong. */
export interface Flag {
  readonly name: string
  readonly shortest: number
  readonly value?: 'required'
  /** `+noX` is wrong. */
  readonly positiveOnly?: boolean
  /** `invalid`: as if there were no such option. */
  readonly apply: (context: FlagContext) => Complaint | 'invalid' | undefined
}

export interface Complaint {
  /** dig's line on stdout about the value. */
  readonly complaint: string
  /** Its line on stderr, without the program's name. */
  readonly what: string
  /** 10 when absent. */
  readonly exitCode?: number
}

export interface FlagContext {
  readonly lookup: DigLookup
  readonly settings: DigSettings
  /** False for `+noX`. */
  readonly on: boolean
  readonly value: string | undefined
}

type BooleanKey = { [K in keyof DigLookup]: DigLookup[K] extends boolean ? K : never }[keyof DigLookup]

export function toggle(name: string, shortest: number, key: BooleanKey): Flag {
  return {
    name,
    shortest,
    apply: ({ lookup, on }) => {
      lookup[key] = on
      return undefined
    },
  }
}

export function act(name: string, shortest: number, effect: (context: FlagContext) => void): Flag {
  return {
    name,
    shortest,
    apply: (context) => {
      effect(context)
      return undefined
    },
  }
}

/** An option with a whole number up to `max`; `what` as dig calls it in its complaint. */
export function number(
  name: string,
  shortest: number,
  max: number,
  what: string,
  effect: (context: FlagContext, n: number) => void,
): Flag {
  return {
    name,
    shortest,
    value: 'required',
    positiveOnly: true,
    apply: (context) => numberFrom(context, max, what, effect),
  }
}

export function numberFrom(
  context: FlagContext,
  max: number,
  what: string,
  effect: (context: FlagContext, n: number) => void,
): Complaint | undefined {
  const text = context.value ?? ''
  if (!/^\d+$/.test(text)) return badNumber(what, text, 'not a valid number')
  if (Number(text) > max) return badNumber(what, text, 'out of range')
  effect(context, Number(text))
  return undefined
}

export function badNumber(what: string, text: string, reason: string): Complaint {
  return { complaint: `invalid ${what} '${text}': ${reason}\n`, what: `Couldn't parse ${what}` }
}

/** Options that need EDNS switch it on again. */
export function ensureEdns(lookup: DigLookup): void {
  lookup.ednsVersion ??= 0
}

export function ednsToggle(name: string, shortest: number, key: BooleanKey): Flag {
  return act(name, shortest, ({ lookup, on }) => {
    if (on) ensureEdns(lookup)
    lookup[key] = on
  })
}

export function nothing(name: string, shortest: number): Flag {
  return act(name, shortest, () => undefined)
}

export function deprecated(name: string, shortest: number): Flag {
  return act(name, shortest, ({ settings }) => {
    settings.warnings += `;; +${name} option is deprecated`
  })
}
