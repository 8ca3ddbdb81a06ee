import { jsonFault } from './jsonFault.ts'
import type { JsonFault } from './jsonFault.ts'
import { jsonExtent } from './jsonStream.ts'
import { createRanges } from './ranges.ts'
import type { Ranges, TextRange } from './ranges.ts'
import { splitDocuments } from './splitDocuments.ts'
import type { DocumentText } from './splitDocuments.ts'
import { hasControlCharacter } from './yamlChars.ts'
import type { YamlFault } from './yamlCursor.ts'
import { parseYaml } from './yamlParser.ts'
import { yamlValue } from './yamlValue.ts'
import type { DuplicateKey, JsonValue } from './yamlValue.ts'

export type { JsonValue } from './yamlValue.ts'
export type { Ranges, TextRange } from './ranges.ts'

/** One document that could be read. `null` documents (only comments, or empty) are left out, as kubectl does. */
export interface ManifestDocument {
  /** Position in the file, from 0, unreadable and empty documents counted. */
  readonly index: number
  /** Anything JSON can hold; a manifest if all is well. */
  readonly object: JsonValue
  readonly ranges: Ranges
  readonly from: number
  readonly to: number
}

export interface ManifestFault extends TextRange {
  readonly severity: 'error' | 'hint'
  /** kubectl's words without `error: ` when an error. */
  readonly message: string
  /** `ManifestDocument.index` of the document it is in. */
  readonly document: number
}

/** What a file holds. An unreadable document is a fault, and the others are still there: a half-typed file still draws. */
export interface ManifestFileContent {
  readonly documents: readonly ManifestDocument[]
  readonly faults: readonly ManifestFault[]
}

interface ReadDocument {
  readonly object?: JsonValue
  readonly ranges?: Ranges
  readonly problem?: { readonly text: string; readonly at: number }
  readonly duplicates: readonly DuplicateKey[]
}

/** Reads a file of YAML or JSON documents as kubectl v1.35 does. `name` is the file's name in messages. Never throws. */
export function parseManifests(text: string, name: string): ManifestFileContent {
  const documents: ManifestDocument[] = []
  const faults: ManifestFault[] = []
  let index = 0
  for (const place of placesOf(text)) {
    const read = readPlace(text, place, index)
    if (read.problem) {
      const { from, to } = lineAround(text, read.problem.at)
      const message = `error parsing ${name}: ${read.problem.text}`
      faults.push({ severity: 'error', message, from, to, document: index })
    } else if (read.object !== undefined && read.object !== null && read.ranges) {
      documents.push({ index, object: read.object, ranges: read.ranges, from: place.from, to: place.to })
    }
    for (const { key, from, to } of read.duplicates) {
      const message = `The key ${JSON.stringify(key)} stands here a second time; kubectl silently takes this one.`
      faults.push({ severity: 'hint', message, from, to, document: index })
    }
    index += 1
  }
  return { documents, faults }
}

interface Place extends DocumentText {
  readonly json: boolean
  /** The file looked like JSON up to here and is not: told where YAML fails too. */
  readonly jsonFault?: JsonFault
  /** Nothing but the fault is to be had: the file had been JSON for too long, or too little of it is left. */
  readonly isLost?: boolean
}

/** JSON values one after the other while the file goes on like JSON, then YAML documents. */
function placesOf(text: string): readonly Place[] {
  const places: Place[] = []
  let at = 0
  let broken: JsonFault | undefined
  while (/^\s*\{/.test(text.slice(at, at + 4096))) {
    const extent = jsonExtent(text, at)
    if (extent.type === 'invalid') {
      broken = jsonFault(text, at)
      break
    }
    const to = extent.type === 'value' ? extent.end : text.length
    places.push({ from: at, to, json: true })
    at = to
  }
  const rest = text.slice(at)
  if (at > 0 && rest.trim() === '') return places
  broken ??= at > 0 ? jsonFault(text, at) : undefined
  if (broken && (places.length > 1 || (places.length === 1 && rest.length < 4))) {
    return [...places, { from: at, to: text.length, json: false, jsonFault: broken, isLost: true }]
  }
  for (const [i, document] of splitDocuments(rest).entries()) {
    places.push({
      ...(i === 0 && broken ? { jsonFault: broken } : {}),
      ...document,
      from: at + document.from,
      to: at + document.to,
      json: false,
    })
  }
  return places
}

function readPlace(text: string, place: Place, index: number): ReadDocument {
  if (place.json) return readJson(text, place)
  const { jsonFault: broken } = place
  const read = place.isLost === true ? undefined : readYaml(text, place)
  if (read && (!read.problem || !broken)) return read
  const where = index > 1 ? '' : `json: offset ${broken?.offset ?? 0}: `
  return { problem: { text: `${where}${broken?.message ?? ''}`, at: broken?.at ?? place.from }, duplicates: [] }
}

function readJson(text: string, place: Place): ReadDocument {
  const extent = jsonExtent(text, place.from)
  if (extent.type !== 'value') return { problem: { text: 'unexpected EOF', at: text.length }, duplicates: [] }
  const read = readYaml(text, place)
  // The YAML reader refuses some JSON, but where it does so for the depth there is nothing more to be had.
  if (read.problem?.text.includes('max depth')) return read
  const object = JSON.parse(text.slice(place.from, place.to)) as JsonValue
  const whole = { from: place.from, to: place.to }
  return { object, ranges: read.ranges ?? createRanges(undefined, new Map(), whole), duplicates: read.duplicates }
}

function readYaml(text: string, place: DocumentText): ReadDocument {
  // A text of its own, so that the reader does not run on into the next document.
  const source = place.from === 0 && place.to === text.length ? text : text.slice(0, place.to)
  const failed = (problem: string, at: number): ReadDocument => ({
    problem: { text: `error converting YAML to JSON: ${problem}`, at },
    duplicates: [],
  })
  if (place.badSeparator !== undefined) {
    const problem = { text: `invalid Yaml document separator: ${place.badSeparator}`, at: place.to - 1 }
    return { problem, duplicates: [] }
  }
  if (hasControlCharacter(text.slice(place.from, place.to))) {
    return failed('yaml: control characters are not allowed', place.from)
  }
  const { node, fault } = parseYaml(source, place.from)
  if (fault) return failed(faultText(fault), fault.mark.index)
  if (!node) return { object: null, duplicates: [] }
  const { value, problem, at, duplicates, anchors } = yamlValue(node)
  if (value === undefined || problem !== undefined)
    return failed(problem?.startsWith('unsupported map key') ? problem : `yaml: ${problem ?? ''}`, at ?? place.from)
  const unsupported = findUnsupported(value)
  if (unsupported !== undefined) return failed(`json: unsupported value: ${unsupported}`, place.from)
  return { object: value, ranges: createRanges(node, anchors, place), duplicates }
}

/** kubectl names no line when it would be the first one. */
function faultText({ from, problem, mark }: YamlFault): string {
  const line = mark.line === 0 || from === 'composer' ? '' : `line ${from === 'scanner' ? mark.line + 1 : mark.line}: `
  return `yaml: ${line}${problem}`
}

/** A number that JSON cannot hold. */
function findUnsupported(value: JsonValue): string | undefined {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'NaN'
    return Number.isFinite(value) ? undefined : value > 0 ? '+Inf' : '-Inf'
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const item of Object.values(value)) {
    const found = findUnsupported(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** The text of the line at `index`, blanks at its ends left out; for an end of text the last line that has any. */
function lineAround(text: string, index: number): TextRange {
  let at = Math.min(index, text.length)
  while (at > 0 && (at === text.length || text.charAt(at) === '\n') && /\s/.test(text.charAt(at - 1))) at--
  const start = text.lastIndexOf('\n', at - 1) + 1
  const newline = text.indexOf('\n', at)
  const end = newline < 0 ? text.length : newline
  const line = text.slice(start, end)
  const from = start + (line.length - line.trimStart().length)
  return { from, to: Math.max(from, start + line.trimEnd().length) }
}
