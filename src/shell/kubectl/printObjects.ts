import { findKind, goJson } from '../../engine/index.ts'
import type { KubeObject } from '../../engine/index.ts'
import type { Output } from '../commandResult.ts'
import { objectName } from './messages.ts'
import { printYaml } from './printYaml.ts'

const formats =
  'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml'

/** One object, or several as a List. `asList`: a List even for one. */
export function printObjects(objects: readonly KubeObject[], format: string, output: Output, asList = false): void {
  const [first] = objects
  const value: unknown =
    objects.length === 1 && !asList && first
      ? first
      : { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } }
  switch (format) {
    case 'yaml':
      output.out(printYaml(value))
      break
    case 'json':
      output.out(`${printJson(value)}\n`)
      break
    case 'name':
      for (const object of objects) {
        const kind = findKind(object.apiVersion, object.kind)
        if (kind) output.out(`${objectName(kind, object.metadata.name)}\n`)
      }
      break
    default: {
      const quoted = JSON.stringify(format)
      output.fail(
        `error: unable to match a printer suitable for the output format ${quoted}, allowed formats are: ${formats}`,
      )
    }
  }
}

/** Keys sorted, four blanks. */
export function printJson(value: unknown): string {
  return JSON.stringify(JSON.parse(goJson(value)), null, 4).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
