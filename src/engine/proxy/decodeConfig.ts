import { compareText } from './servicePort.ts'
import { KUBE_PROXY_CONFIGURATION } from './configFields.ts'
import { durationFault } from './duration.ts'
import type { RawProxyConfig } from './config.ts'
import type { ConfigField, ConfigStruct } from './configFields.ts'

/** A KubeProxyConfiguration as kube-proxy read it, or why it could not. */
export type DecodedConfig =
  | {
      readonly raw: RawProxyConfig
      /** What a strict reader minds: kube-proxy logs it and goes on. */
      readonly strictFault?: string
    }
  | {
      /** In kube-proxy's words, without `failed complete: failed to decode: `. */
      readonly error: string
      /** Path of the field that it is about, where there is one: `iptables.masqueradeBit`. */
      readonly path?: string
    }

export interface DecodeInput {
  /** The text, for messages. */
  readonly text: string
  /** The first document in it. */
  readonly value: unknown
  /** Keys that a map of it has twice, with their lines from 1. */
  readonly repeated?: readonly { readonly key: string; readonly line: number }[]
}

const VERSION = 'kubeproxy.config.k8s.io/v1alpha1'
const KIND = 'KubeProxyConfiguration'
const HEAD = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

/**
 * Reads a configuration first strictly, then leniently. Source: cmd/kube-proxy/app/options.go and the serializers of
 * apimachinery (v1.35).
 */
export function decodeProxyConfig({ text, value, repeated = [] }: DecodeInput): DecodedConfig {
  const head = value === null || value === undefined ? {} : value
  if (!isMap(head)) return noHead(`json: cannot unmarshal ${goKind(head)} into Go value of type ${HEAD}`)
  for (const key of ['apiVersion', 'kind']) {
    const own = head[key]
    if (own !== undefined && own !== null && typeof own !== 'string') {
      return noHead(`json: cannot unmarshal ${goKind(own)} into Go struct field .${key} of type string`)
    }
  }
  const [kind, version] = [head['kind'] ?? '', head['apiVersion'] ?? ''] as [string, string]
  if (version.split('/').length > 2) return { error: `unexpected GroupVersion string: ${version}`, path: 'apiVersion' }
  if (kind === '') return { error: `Object 'Kind' is missing in '${text}'` }
  if (version === '') return { error: `Object 'apiVersion' is missing in '${text}'` }
  if (version !== VERSION || kind !== KIND) {
    const scheme = 'pkg/proxy/apis/config/scheme/scheme.go:31'
    const error = `no kind "${kind}" is registered for version "${version}" in scheme "${scheme}"`
    return { error, path: version === VERSION ? 'kind' : 'apiVersion' }
  }
  const unknown: string[] = []
  const fault = structFault(head, KUBE_PROXY_CONFIGURATION, '', unknown)
  if (fault) return fault
  const faults = [
    ...(repeated.length === 0
      ? []
      : [
          `yaml: unmarshal errors:\n${repeated.map(({ key, line }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`).join('\n')}`,
        ]),
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ]
  return faults.length === 0 ? { raw: head } : { raw: head, strictFault: `strict decoding error: ${faults.join(', ')}` }
}

interface Fault {
  readonly error: string
  readonly path: string
}

function noHead(reason: string): DecodedConfig {
  return { error: `couldn't get version/kind; json parse error: ${reason}` }
}

/** The first fault in order of the keys: YAML becomes JSON with sorted keys before Go's JSON reader sees it. */
function structFault(
  value: RawProxyConfig,
  { type, fields, named = {} }: ConfigStruct,
  prefix: string,
  unknown: string[],
): Fault | undefined {
  let first: Fault | undefined
  for (const key of Object.keys(value).sort(compareText)) {
    const path = `${prefix}${key}`
    const field: ConfigField | undefined = fields ? fields[key] : 'bool'
    if (field === undefined || (fields && !Object.hasOwn(fields, key))) {
      unknown.push(path)
      continue
    }
    // Go prints no key of a map.
    const shown = fields ? path : prefix.slice(0, -1)
    const struct = fields ? type.slice(type.indexOf('.') + 1) : KIND
    const target = (name: string): string => `Go struct field ${struct}.${shown} of type ${named[key] ?? name}`
    const fault =
      typeof field === 'object'
        ? objectFault(value[key], field, path, target(field.type), unknown)
        : scalarFault(value[key], field, path, target)
    first ??= fault
  }
  return first
}

function objectFault(
  value: unknown,
  field: ConfigStruct,
  path: string,
  target: string,
  unknown: string[],
): Fault | undefined {
  if (value === null || value === undefined) return undefined
  const { list } = field
  if (list === undefined) {
    return isMap(value) ? structFault(value, field, `${path}.`, unknown) : mismatch(value, target, path)
  }
  if (!Array.isArray(value)) return mismatch(value, target, path)
  const items = value as readonly unknown[]
  for (const [i, item] of items.entries()) {
    if (item === null) continue
    const own: string[] = []
    const fault = isMap(item)
      ? structFault(item, list, `${path}.`, own)
      : mismatch(item, `Go struct field LoggingConfiguration.${path} of type ${list.type}`, path)
    unknown.push(...own.map((text) => text.replace(path, `${path}[${i}]`)))
    if (fault) return fault
  }
  return undefined
}

function scalarFault(
  value: unknown,
  field: Exclude<ConfigField, ConfigStruct>,
  path: string,
  target: (name: string) => string,
): Fault | undefined {
  if (value === undefined) return undefined
  if (value === null) return field === 'duration' ? { error: 'time: invalid duration ""', path } : undefined
  switch (field) {
    case 'string':
      return typeof value === 'string' ? undefined : mismatch(value, target('string'), path)
    case 'bool':
      return typeof value === 'boolean' ? undefined : mismatch(value, target('bool'), path)
    case 'float32':
      return typeof value === 'number' ? undefined : mismatch(value, target('float32'), path)
    case 'int32':
    case 'uint32': {
      if (typeof value !== 'number') return mismatch(value, target(field), path)
      const [least, most] = field === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1]
      if (Number.isInteger(value) && value >= least && value <= most) return undefined
      return { error: `json: cannot unmarshal number ${value} into ${target(field)}`, path }
    }
    case 'seconds':
      if (typeof value === 'number') return undefined
      return timeFault(value, path, target)
    case 'duration':
    case 'duration?':
      return timeFault(value, path, target)
    case '[]string': {
      if (!Array.isArray(value)) return mismatch(value, target('[]string'), path)
      const odd = (value as readonly unknown[]).find((item) => typeof item !== 'string' && item !== null)
      return odd === undefined ? undefined : mismatch(odd, target('string'), path)
    }
  }
}

function timeFault(value: unknown, path: string, target: (name: string) => string): Fault | undefined {
  if (typeof value !== 'string') return mismatch(value, target('string'), path)
  const error = durationFault(value)
  return error === undefined ? undefined : { error, path }
}

function mismatch(value: unknown, target: string, path: string): Fault {
  return { error: `json: cannot unmarshal ${goKind(value)} into ${target}`, path }
}

function isMap(value: unknown): value is RawProxyConfig {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
