import { apiVersionOf, printStatusAmongOthers, printStatusError, singularName } from '../../engine/index.ts'
import type { Kind, StatusError } from '../../engine/index.ts'
import type { Output } from '../commandResult.ts'
import type { Info } from './manifestInfos.ts'

/** `service/web`, `deployment.apps/web`. */
export function objectName(kind: Kind, name: string): string {
  return `${singularName(kind)}/${name}`
}

/** Tells an error of the server. `doing`: what kubectl was at, where it says so. */
export function failStatus(output: Output, status: StatusError, doing = ''): void {
  output.fail(printStatusError(status, doing), printStatusAmongOthers(status, doing))
}

/** The same while doing something with a file. `verb`: creating, replacing, deleting, patching. */
export function failSource(output: Output, status: StatusError, verb: string, source: string): void {
  failStatus(output, status, `error when ${verb} ${JSON.stringify(source)}`)
}

/** The lines by which kubectl names an object in long errors. */
export function infoLines({ kind, name, namespace }: Info): string {
  const group = kind.group === '' ? `/${kind.version}` : apiVersionOf(kind)
  return [
    `Resource: "${group}, Resource=${kind.resource}", GroupVersionKind: "${group}, Kind=${kind.kind}"`,
    `Name: ${JSON.stringify(name)}, Namespace: ${JSON.stringify(namespace)}`,
  ].join('\n')
}

/** Why an object's namespace or name cannot stand in a URL; undefined: they can. Source: client-go rest.Request. */
export function urlFault({ kind, namespace, name }: Pick<Info, 'kind' | 'namespace' | 'name'>): string | undefined {
  return namespaceFault({ kind, namespace }) ?? urlNameFault(name)
}

/** The same for a name by itself. */
export function urlNameFault(name: string): string | undefined {
  return name === '' ? 'resource name may not be empty' : pathFault('resource name', name)
}

/** The same for a request that names no object. */
export function namespaceFault({ kind, namespace }: Pick<Info, 'kind' | 'namespace'>): string | undefined {
  return kind.namespaced && namespace !== '' ? pathFault('namespace', namespace) : undefined
}

function pathFault(what: string, text: string): string | undefined {
  const faults: string[] = []
  if (text === '.' || text === '..') faults.push(`may not be '${text}'`)
  for (const c of ['/', '%']) if (text.includes(c)) faults.push(`may not contain '${c}'`)
  return faults.length === 0 ? undefined : `invalid ${what} ${JSON.stringify(text)}: [${faults.join(' ')}]`
}
