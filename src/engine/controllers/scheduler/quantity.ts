const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
}

/** A resource quantity (`500m`, `64Mi`, `1e3`) as a number; undefined when it is none. */
export function parseQuantity(text: string): number | undefined {
  const match = /^([+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(text)
  const factor = suffixes[match?.[2] ?? '?']
  return match && factor !== undefined ? Number(match[1]) * factor : undefined
}
