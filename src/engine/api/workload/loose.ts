/** Specs and their parts as they come out of the decoder. */
export type Loose = Readonly<Record<string, unknown>>

export function asList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? (value as readonly Loose[]) : []
}

export function asLoose(value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null ? (value as Loose) : undefined
}
