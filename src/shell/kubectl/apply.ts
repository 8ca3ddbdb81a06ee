import { goJson, isList, isObject, threeWayPatch } from '../../engine/index.ts'
import type { ApiServer, Json, JsonObject, KubeObject, WriteOptions } from '../../engine/index.ts'
import type { Output } from '../commandResult.ts'
import type { Info } from './manifestInfos.ts'
import { failSource, failStatus, infoLines, objectName, urlFault } from './messages.ts'

const annotation = 'kubectl.kubernetes.io/last-applied-configuration'

function annotationsOf(body: JsonObject): JsonObject {
  const metadata = isObject(body['metadata']) ? body['metadata'] : {}
  return isObject(metadata['annotations']) ? metadata['annotations'] : {}
}

/** The manifest with itself as an annotation: what the next `apply` compares with. */
export function withLastApplied(body: JsonObject): JsonObject {
  const metadata = isObject(body['metadata']) ? body['metadata'] : {}
  // kubectl reads annotations as text: one without a value is empty.
  const annotations = Object.fromEntries(Object.entries(annotationsOf(body)).map(([key, value]) => [key, value ?? '']))
  Reflect.deleteProperty(annotations, annotation)
  const bare = { ...body, metadata: { ...metadata, annotations } }
  const applied = { ...annotations, [annotation]: `${goJson(bare)}\n` }
  return { ...body, metadata: { ...metadata, annotations: applied } }
}

export interface ApplyOptions extends WriteOptions {
  /** ' (dry run)' and its like, behind what was done. */
  readonly suffix: string
  readonly clientDryRun: boolean
  readonly serverSide: boolean
}

/** `kubectl apply` of one object; gives the object as it is afterwards. */
export function applyInfo(api: ApiServer, info: Info, options: ApplyOptions, output: Output): KubeObject | undefined {
  const { kind, name, namespace, source } = info
  const metadata = isObject(info.body['metadata']) ? info.body['metadata'] : {}
  const stem = metadata['generateName']
  if (name === '' && typeof stem === 'string' && stem !== '') {
    output.fail(`error: from ${stem}: cannot use generate name with apply`)
    return undefined
  }
  const fault = urlFault(info)
  if (fault !== undefined) {
    output.fail(
      `error: error when retrieving current configuration of:\n${infoLines(info)}\nfrom server for: ${JSON.stringify(source)}: ${fault}`,
    )
    return undefined
  }
  const done = (word: string): void => {
    output.out(`${objectName(kind, name)} ${options.serverSide ? 'serverside-applied' : word}${options.suffix}\n`)
  }
  const modified = options.serverSide ? info.body : withLastApplied(info.body)
  const found = api.get(kind, namespace, name)
  found.warnings.forEach(output.warn)
  if (!found.ok) {
    if (options.clientDryRun) {
      done('created')
      return modified as unknown as KubeObject
    }
    const body = options.serverSide ? modified : (withoutNulls(modified) as JsonObject)
    const created = api.create(kind, namespace, body, options)
    created.warnings.forEach(output.warn)
    if (!created.ok) {
      failSource(output, created.status, 'creating', source)
      return undefined
    }
    done('created')
    return created.object
  }
  const current = found.object as unknown as JsonObject
  const applied = annotationsOf(current)[annotation]
  if (applied === undefined && !options.serverSide) {
    const what = `resource ${kind.resource}/${name} is missing the ${annotation} annotation which is required by kubectl apply`
    const advice =
      'kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.'
    output.warn(`${what}. ${advice}`)
  }
  const original = typeof applied === 'string' ? parseObject(applied) : {}
  const { patch, problem } = threeWayPatch(original, modified, current, kind.type)
  if (problem !== undefined) {
    output.fail(patchFailure(info, problem, [original, modified, current]))
    return undefined
  }
  if (Object.keys(patch).length === 0) {
    done('unchanged')
    return found.object
  }
  if (options.clientDryRun) {
    done('configured')
    return found.object
  }
  const type = kind.type ? 'strategic' : 'merge'
  const patched = api.patch(kind, namespace, name, type, patch, options)
  patched.warnings.forEach(output.warn)
  if (!patched.ok) {
    const inner = `error when patching ${JSON.stringify(source)}`
    const outer = `error when applying patch:\n${goJson(patch)}\nto:\n${infoLines(info)}\nfor: ${JSON.stringify(source)}`
    failStatus(output, patched.status, `${outer}: ${inner}`)
    return undefined
  }
  done('configured')
  return patched.object
}

/** kubectl tries three descriptions of the kind, one after the other, and gives up. */
function patchFailure(info: Info, problem: string, versions: readonly JsonObject[]): string {
  const source = JSON.stringify(info.source)
  const [original, modified, current] = versions.map((version) => `${goJson(version)}\n`)
  const warnings = ['openapi v3 spec', 'openapi spec'].map(
    (from) => `warning: error calculating patch from ${from}: ${problem}\n`,
  )
  const place = `to:\n${infoLines(info)}\nfor: ${source}: error when patching ${source}: creating patch with:\n`
  const all = `original:\n${original}modified:\n${modified}current:\n${current}for: ${problem.trimEnd()}`
  return `${warnings.join('')}error: error when applying patch:\n\n${place}${all}`
}

/** What is sent when the object does not exist yet: nulls of maps would be deletions if it did. */
function withoutNulls(value: Json): Json {
  if (isList(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, item]) => item !== null && item !== undefined)
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item as Json)]))
}

function parseObject(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as unknown
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}
