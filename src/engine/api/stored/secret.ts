import { forbidden, invalid, invalids, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { plainJson } from '../json.ts'
import { textOfBase64 } from '../schema/base64Text.ts'
import type { KubeObject, Labels } from '../types.ts'
import { immutable } from '../validation/meta.ts'
import { configMapKey } from '../validation/names.ts'
import { mapAt } from './rules.ts'

const mebibyte = 1024 * 1024

/** What each type of Secret must hold; of `basic-auth` either will do. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/basic-auth': ['username', 'password'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
}

const accountName = 'kubernetes.io/service-account.name'

/** Source: kubernetes pkg/apis/core/validation, ValidateSecret. */
export function validateSecret(object: KubeObject, old?: KubeObject): readonly FieldError[] {
  const data = mapAt(object, 'data') as Labels
  const type = typeof object['type'] === 'string' ? object['type'] : ''
  const faults: FieldError[] = []
  if (old) faults.push(...immutable('type', type, old['type']))
  if (old?.['immutable'] === true) {
    const detail = 'field is immutable when `immutable` is set'
    for (const field of ['immutable', 'data']) {
      if (plainJson(object[field]) !== plainJson(old[field])) faults.push(forbidden(field, detail))
    }
  }
  faults.push(...Object.keys(data).flatMap((key) => invalids(`data[${key}]`, key, configMapKey(key))))
  const size = Object.values(data).reduce(
    (sum, value) => sum + Math.floor((value.replace(/=+$/, '').length * 3) / 4),
    0,
  )
  if (size > mebibyte)
    faults.push({ field: 'data', type: 'Too long', detail: `may not be more than ${mebibyte} bytes` })
  if (type === 'kubernetes.io/service-account-token' && (object.metadata.annotations?.[accountName] ?? '') === '') {
    faults.push(required(`metadata.annotations[${accountName}]`))
  }
  const keys = (Object.hasOwn(requiredKeys, type) ? requiredKeys[type] : undefined) ?? []
  const isThere = (key: string): boolean => Object.hasOwn(data, key) && (data[key] !== '' || key !== 'ssh-privatekey')
  const missing = keys.filter((key) => !isThere(key))
  if (type !== 'kubernetes.io/basic-auth' || missing.length === 2) {
    faults.push(...missing.map((key) => required(`data[${key}]`)))
  }
  const [file] = keys
  if (file?.startsWith('.docker') === true && missing.length === 0) {
    const problem = jsonObjectFault(textOfBase64(data[file] ?? ''))
    if (problem !== undefined) faults.push(invalid(`data[${file}]`, '<secret contents redacted>', problem))
  }
  return faults
}

/** Go's complaint about a text that is no JSON object; undefined: it is one. Only the beginning is looked at by character. */
function jsonObjectFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const word = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    if (typeof value === 'object' && !Array.isArray(value)) return undefined
    return `json: cannot unmarshal ${word} into Go value of type map[string]interface {}`
  } catch {
    const first = /\S/.exec(text)?.[0]
    if (first === undefined || '{["-0123456789tfn'.includes(first)) return 'unexpected end of JSON input'
    return `invalid character '${first}' looking for beginning of value`
  }
}
