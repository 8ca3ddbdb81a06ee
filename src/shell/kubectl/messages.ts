import { apiVersionOf, printStatusError, singularName } from '../../engine/index.ts'
import type { Kind, StatusError } from '../../engine/index.ts'
import type { Info } from './manifestInfos.ts'

/** `service/web`, `deployment.apps/web`. */
export function objectName(kind: Kind, name: string): string {
  return `${singularName(kind)}/${name}`
}

/** An error of the server while doing something with a file. `verb`: creating, replacing, deleting, patching. */
export function sourceError(status: StatusError, verb: string, source: string): string {
  return printStatusError(status, `error when ${verb} ${JSON.stringify(source)}`)
}

/** The lines by which kubectl names an object in long errors. */
export function infoLines({ kind, name, namespace }: Info): string {
  const group = kind.group === '' ? `/${kind.version}` : apiVersionOf(kind)
  return [
    `Resource: "${group}, Resource=${kind.resource}", GroupVersionKind: "${group}, Kind=${kind.kind}"`,
    `Name: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace)}`,
  ].join('\n')
}

/** Why a name cannot stand in a URL; undefined: it can. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'resource name may not be empty'
  const faults: string[] = []
  if (name === '.' || name === '..') faults.push(`may not be '${name}'`)
  for (const c of ['/', '%']) if (name.includes(c)) faults.push(`may not contain '${c}'`)
  return faults.length === 0 ? undefined : `invalid resource name ${JSON.stringify(name)}: [${faults.join(' ')}]`
}
