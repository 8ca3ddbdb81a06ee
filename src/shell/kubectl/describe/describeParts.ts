import type { KubeObject } from '../../../engine/index.ts'
import { at, loose, looseList, none, show, since } from '../print/columnCells.ts'
import type { Loose } from '../print/columnCells.ts'

/** What descriptions are made of: lines with tabs between their cells. Source: kubectl pkg/describe. */

export const indent = (level: number): string => '  '.repeat(level)

function sorted(map: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(loose(map)).sort(([a], [b]) => (a < b ? -1 : 1))
}

export function labelLines(title: string, labels: unknown): string {
  const entries = sorted(labels)
  if (entries.length === 0) return `${title}:\t${none}\n`
  return entries.map(([key, value], i) => `${i === 0 ? `${title}:` : ''}\t${key}=${show(value)}\n`).join('')
}

const longest = 140
const hidden = 'kubectl.kubernetes.io/last-applied-configuration'

export function annotationLines(title: string, annotations: unknown): string {
  const entries = sorted(annotations).filter(([key]) => key !== hidden)
  if (entries.length === 0) return `${title}:\t${none}\n`
  const texts = entries.map(([key, raw], i) => {
    const value = show(raw).replace(/\n$/, '')
    const start = i === 0 ? '' : '\t'
    if (value.length + key.length + 2 <= longest && !value.includes('\n')) return `${start}${key}: ${value}\n`
    const short = (line: string): string => (line.length > longest - 2 ? `${line.slice(0, longest - 2)}...` : line)
    const lines = value.split('\n').map((line) => `\t  ${short(line)}\n`)
    return `${start}${key}:\n${lines.join('')}`
  })
  return `${title}:\t${texts.join('')}`
}

/** `Mon, 23 Nov 2026 14:38:34 +0000`. */
export function longTime(timestamp: unknown): string {
  return typeof timestamp === 'string' ? new Date(timestamp).toUTCString().replace('GMT', '+0000') : ''
}

/** `ReplicaSet/web-5d`; '' for what nothing controls. */
export function controllerOf({ metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  return owner ? `${owner.kind}/${owner.name}` : ''
}

export function eventLines(events: readonly KubeObject[], now: number): string {
  if (events.length === 0) return `Events:\t${none}\n`
  const when = (event: KubeObject): string => show(event['lastTimestamp'] ?? event['firstTimestamp'] ?? '')
  const ordered = [...events].sort((a, b) => (when(a) < when(b) ? -1 : when(a) > when(b) ? 1 : 0))
  const rows = ordered.map((event) => {
    const first = since(event['eventTime'] ?? event['firstTimestamp'], now, '<unknown>')
    const count = Number(event['count'] ?? 1)
    const age = count > 1 ? `${since(event['lastTimestamp'], now, '<unknown>')} (x${count} over ${first})` : first
    const place = at(event, 'involvedObject.fieldPath')
    const message = show(event['message'] ?? '').trim()
    const source = show(at(event, 'source.component') ?? event['reportingComponent'] ?? '')
    const cells = [
      event['type'],
      event['reason'],
      age,
      source,
      place === undefined ? message : `${show(place)}: ${message}`,
    ]
    return `  ${cells.map((cell) => show(cell ?? '')).join('\t')}\n`
  })
  return `\fEvents:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n${rows.join('')}`
}

export function conditionLines(conditions: unknown): string {
  const list = looseList(conditions)
  if (list.length === 0) return ''
  const rows = list.map(({ type, status, reason }) => `  ${show(type)} \t${show(status)}\t${show(reason ?? '')}\n`)
  return `Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n${rows.join('')}`
}

export function tolerationLines(title: string, tolerations: unknown): string {
  const list = [...looseList(tolerations)].sort((a, b) => (show(a['key'] ?? '') < show(b['key'] ?? '') ? -1 : 1))
  if (list.length === 0) return `${title}:\t${none}\n`
  const texts = list.map(({ key = '', value = '', effect = '', operator, tolerationSeconds }, i) => {
    const name = `${show(key)}${value === '' ? '' : `=${show(value)}`}${effect === '' ? '' : `:${show(effect)}`}`
    const exists = operator === 'Exists' && value === '' ? `${name === '' ? '' : ' '}op=Exists` : ''
    const seconds = tolerationSeconds === undefined ? '' : ` for ${show(tolerationSeconds)}s`
    return `${i === 0 ? '' : '\t'}${name}${exists}${seconds}\n`
  })
  return `${title}:\t${texts.join('')}`
}

const yes = (value: unknown): string => (value === true ? 'true' : 'false')

/** The lines behind a volume's name. */
function volumeSource(volume: Loose): readonly string[] {
  const { hostPath, emptyDir, secret, configMap, persistentVolumeClaim: claim, projected, nfs, downwardAPI } = volume
  if (hostPath !== undefined) {
    const { path, type = none } = loose(hostPath)
    return ['Type:\tHostPath (bare host directory volume)', `Path:\t${show(path)}`, `HostPathType:\t${show(type)}`]
  }
  if (emptyDir !== undefined) {
    const { medium = '', sizeLimit = '<unset>' } = loose(emptyDir)
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${show(medium)}`,
      `SizeLimit:\t${show(sizeLimit)}`,
    ]
  }
  if (secret !== undefined) {
    const { secretName = '', optional } = loose(secret)
    return [
      'Type:\tSecret (a volume populated by a Secret)',
      `SecretName:\t${show(secretName)}`,
      `Optional:\t${yes(optional)}`,
    ]
  }
  if (configMap !== undefined) {
    const { name = '', optional } = loose(configMap)
    return [
      'Type:\tConfigMap (a volume populated by a ConfigMap)',
      `Name:\t${show(name)}`,
      `Optional:\t${yes(optional)}`,
    ]
  }
  if (claim !== undefined) {
    const { claimName, readOnly } = loose(claim)
    return [
      'Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
      `ClaimName:\t${show(claimName)}`,
      `ReadOnly:\t${yes(readOnly)}`,
    ]
  }
  if (nfs !== undefined) {
    const { server, path, readOnly } = loose(nfs)
    return [
      'Type:\tNFS (an NFS mount that lasts the lifetime of a pod)',
      `Server:\t${show(server)}`,
      `Path:\t${show(path)}`,
      `ReadOnly:\t${yes(readOnly)}`,
    ]
  }
  if (downwardAPI !== undefined)
    return ['Type:\tDownwardAPI (a volume populated by information about the pod)', 'Items:']
  if (projected !== undefined) {
    const sources = looseList(loose(projected)['sources']).flatMap((source): readonly string[] => {
      if (source['secret'] !== undefined) {
        const { name, optional } = loose(source['secret'])
        return [`SecretName:\t${show(name)}`, `Optional:\t${yes(optional)}`]
      }
      if (source['downwardAPI'] !== undefined) return ['DownwardAPI:\ttrue']
      if (source['configMap'] !== undefined) {
        const { name, optional } = loose(source['configMap'])
        return [`ConfigMapName:\t${show(name)}`, `Optional:\t${yes(optional)}`]
      }
      return [`TokenExpirationSeconds:\t${show(at(source, 'serviceAccountToken.expirationSeconds') ?? '')}`]
    })
    return ['Type:\tProjected (a volume that contains injected data from multiple sources)', ...sources]
  }
  return ['<unknown>']
}

/** `space` is what a template's lines have before them. */
export function volumeLines(volumes: unknown, space = ''): string {
  const list = looseList(volumes)
  if (list.length === 0) return `${space}Volumes:\t${none}\n`
  const blocks = list.map((volume) => {
    const lines = volumeSource(volume).map((line) => `${line === '<unknown>' ? '  ' : '    '}${line}\n`)
    return `  ${space === '' ? '' : ' '}${show(volume['name'])}:\n${lines.join('')}`
  })
  return `${space}Volumes:\n${blocks.join('')}`
}
