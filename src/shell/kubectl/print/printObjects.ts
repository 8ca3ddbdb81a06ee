import { findKind, goJson } from '../../../engine/index.ts'
import type { KubeObject } from '../../../engine/index.ts'
import type { Output } from '../../commandResult.ts'
import { printCustomColumns } from './customColumns.ts'
import { runGoTemplate } from './goTemplate.ts'
import { findValues, parseJsonPath, runJsonPath } from './jsonpath.ts'
import { objectName } from '../messages.ts'
import { printYaml } from './printYaml.ts'

const formats =
  'go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile'
const getFormats = `custom-columns,custom-columns-file,${formats},wide,yaml`

/** Whether there is a printer for `format`; the refusal is told. `get` has more of them than the others. */
export function isPrintable(format: string, output: Output, forGet = false): boolean {
  const { kind } = readFormat(format)
  if (['yaml', 'json', 'name', ...templates].includes(kind) || (forGet && kind === 'custom-columns')) return true
  const list = forGet ? getFormats : `${formats},yaml`
  output.fail(
    `error: unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: ${list}`,
  )
  return false
}

const templates = ['jsonpath', 'jsonpath-as-json', 'go-template', 'template']

/** `jsonpath={.a}` and `jsonpath {.a}` in their parts. */
function readFormat(format: string): { readonly kind: string; readonly template: string } {
  const equals = format.indexOf('=')
  return equals < 0
    ? { kind: format, template: '' }
    : { kind: format.slice(0, equals), template: format.slice(equals + 1) }
}

/** One object, or several as a List. */
export function printObjects(
  objects: readonly KubeObject[],
  format: string,
  output: Output,
  { asList = false, forGet = false, noHeaders = false }: PrintOptions = {},
): void {
  if (!isPrintable(format, output, forGet)) return
  const [first] = objects
  const value: unknown =
    objects.length === 1 && !asList && first
      ? first
      : { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } }
  const { kind, template } = readFormat(format)
  switch (kind) {
    case 'yaml':
      output.out(printYaml(value))
      break
    case 'json':
      output.out(`${printJson(value)}\n`)
      break
    case 'name':
      for (const object of objects) {
        const known = findKind(object.apiVersion, object.kind)
        if (known) output.out(`${objectName(known, object.metadata.name)}\n`)
      }
      break
    case 'custom-columns':
      tell(output, printCustomColumns(template, objects, !noHeaders))
      break
    default:
      printTemplate(kind, template, value, output)
  }
}

interface PrintOptions {
  /** A List even for one. */
  readonly asList?: boolean
  readonly forGet?: boolean
  readonly noHeaders?: boolean
}

function tell(output: Output, result: { readonly text: string } | { readonly problem: string }): void {
  if ('text' in result) output.out(result.text)
  else output.fail(`error: ${result.problem}`)
}

function printTemplate(kind: string, template: string, value: unknown, output: Output): void {
  if (template === '') {
    output.fail('error: template format specified but no template given')
    return
  }
  if (!kind.startsWith('jsonpath')) {
    const result = runGoTemplate(template, value)
    if ('text' in result) output.out(result.text)
    else output.fail(`error: error executing template ${JSON.stringify(template)}: ${result.problem}`)
    return
  }
  const parsed = parseJsonPath(template)
  if (typeof parsed === 'string') {
    output.fail(`error: error parsing jsonpath ${template}, ${parsed}`)
    return
  }
  if (kind === 'jsonpath-as-json') {
    const [node] = parsed
    const found = node?.type === 'path' ? findValues(node.steps, value) : []
    if (typeof found === 'string') output.fail(`error: ${found}`)
    else output.out(`${printJson(found)}\n`)
    return
  }
  const result = runJsonPath(parsed, value)
  if ('text' in result) {
    output.out(result.text)
    return
  }
  output.fail(`error: error executing jsonpath ${JSON.stringify(template)}: ${result.problem}`)
}

/** Keys sorted, four blanks. */
export function printJson(value: unknown): string {
  return JSON.stringify(JSON.parse(goJson(value)), null, 4).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
