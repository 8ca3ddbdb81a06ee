import type { ManifestFile } from '../bridge/protocol.ts'
import type { OutsideSetting } from '../view/inspection.ts'

/** The files with one key of the ConfigMap `kube-system/outside-world` set, and where its line stands. */
export interface OutsideEdit {
  readonly files: readonly ManifestFile[]
  readonly file: string
  readonly from: number
  readonly to: number
}

const FILE = 'outside-world.yaml'

const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: outside-world
  namespace: kube-system
data:
  # "on": a cloud gives Services of type LoadBalancer an address.
  load-balancer: "off"
  # Ports that a firewall before the nodes closes, one a line, such as: tcp 30080
  firewall: ""
  # Names that the world outside knows, as in a zone file. Each address is a web site.
  names: |
    www.example.org. 300 IN A 192.0.2.80
`

/**
 * Finds the line of `key` in the editor's files, or makes it, as a person would write it; with `value` it is set. A text
 * that is laid out in another way is left alone: then only the place of the ConfigMap comes back.
 */
export function editOutside(files: readonly ManifestFile[], key: OutsideSetting, value?: string): OutsideEdit {
  const found = files.flatMap((file) => documentsOf(file)).find(({ text }) => isOutsideWorld(text))
  if (!found) return editOutside([...files, { name: freeName(files), text: TEMPLATE }], key, value)
  const { file, start, text } = found
  const line = new RegExp(`^[ ]+${key}:.*$`, 'm').exec(text)
  const data = /^data:[ ]*$/m.exec(text)
  if (!line && !data) return { files, file: file.name, from: start, to: start + text.length }
  const at = line?.index ?? (data?.index ?? 0) + (data?.[0].length ?? 0) + 1
  const old = line?.[0] ?? ''
  const indent = /^[ ]+/.exec(old)?.[0] ?? '  '
  const next = value === undefined && line ? old : `${indent}${key}: ${JSON.stringify(value ?? '')}`
  const edited = `${text.slice(0, at)}${next}${line ? '' : '\n'}${text.slice(at + old.length)}`
  const whole = `${file.text.slice(0, start)}${edited}${file.text.slice(start + text.length)}`
  return {
    files: whole === file.text ? files : files.map((one) => (one === file ? { name: one.name, text: whole } : one)),
    file: file.name,
    from: start + at + indent.length,
    to: start + at + next.length,
  }
}

interface Document {
  readonly file: ManifestFile
  /** Offset in the file's text. */
  readonly start: number
  readonly text: string
}

function documentsOf(file: ManifestFile): readonly Document[] {
  const starts = [0, ...[...file.text.matchAll(/^---.*$/gm)].map((match) => match.index)]
  return starts.map((start, i) => ({ file, start, text: file.text.slice(start, starts[i + 1]) }))
}

function isOutsideWorld(text: string): boolean {
  return /^kind:[ ]*ConfigMap\b/m.test(text) && /\bname:[ ]*['"]?outside-world\b/.test(text)
}

function freeName(files: readonly ManifestFile[]): string {
  const taken = new Set(files.map(({ name }) => name))
  if (!taken.has(FILE)) return FILE
  let n = 2
  while (taken.has(`outside-world-${n}.yaml`)) n += 1
  return `outside-world-${n}.yaml`
}
