import { goQuote } from '../json.ts'
import { part, text } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'

interface Place {
  readonly path: string
  readonly source: string
}

function shown({ path, source }: Place): string {
  return source === '' ? goQuote(path) : `${goQuote(path)} (${source})`
}

/** Pairs of which one would be written over the other, or into it. */
function overlaps(places: readonly Place[]): readonly string[] {
  const before: Place[] = []
  return places.flatMap((place) => {
    const own = { ...place, path: place.path.replace(/\/+$/, '') }
    const clashes = before.filter(
      ({ path }) =>
        own.path !== '' &&
        path !== '' &&
        (`${path}/`.startsWith(`${own.path}/`) || `${own.path}/`.startsWith(`${path}/`)),
    )
    before.push(own)
    return clashes.map((other) => `${shown(own)} with ${shown(other)}`)
  })
}

function pathsOf(source: Loose, name: string): readonly Place[] {
  return asList(source['items']).map((item) => ({ path: text(item, 'path'), source: name }))
}

/** Files of one volume that lie on each other. Source: kubernetes pkg/api/pod/warnings.go. */
export function overlapWarnings(volumes: readonly Loose[]): readonly string[] {
  return volumes.flatMap((volume) => {
    const name = goQuote(text(volume, 'name'))
    const warn = (what: string, list: readonly string[]): readonly string[] =>
      list.map((overlap) => `volume ${name} (${what}): overlapping paths: ${overlap}`)
    const warnings: string[] = []
    for (const [kind, word, field] of [
      ['configMap', 'ConfigMap', 'name'],
      ['secret', 'Secret', 'secretName'],
    ] as const) {
      const source = asLoose(volume[kind])
      if (source) warnings.push(...warn(`${word} ${goQuote(text(source, field))}`, overlaps(pathsOf(source, ''))))
    }
    const downward = asLoose(volume['downwardAPI'])
    if (downward) warnings.push(...warn('DownwardAPI', overlaps(pathsOf(downward, ''))))
    const places: Place[] = []
    for (const source of asList(part(volume, 'projected')['sources'])) {
      if (Object.keys(source).length === 0) {
        warnings.push(`volume ${name} (Projected) has no sources provided`)
        continue
      }
      const inner = (kind: string): Loose => part(source, kind)
      if (inner('configMap')['items'] !== undefined) {
        places.push(...pathsOf(inner('configMap'), `ConfigMap ${goQuote(text(inner('configMap'), 'name'))}`))
      } else if (inner('secret')['items'] !== undefined) {
        places.push(...pathsOf(inner('secret'), `Secret ${goQuote(text(inner('secret'), 'name'))}`))
      } else if (inner('downwardAPI')['items'] !== undefined) {
        places.push(...pathsOf(inner('downwardAPI'), 'DownwardAPI'))
      } else if (source['serviceAccountToken'] !== undefined) {
        places.push({ path: text(inner('serviceAccountToken'), 'path'), source: 'ServiceAccountToken' })
      }
    }
    return [...warnings, ...warn('Projected', overlaps(places))]
  })
}
