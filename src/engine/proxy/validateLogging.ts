import { forbidden, invalid, required } from '../api/fieldError.ts'
import { booleanAt, numberAt, section, textAt } from './config.ts'
import { durationSeconds, formatDuration } from './duration.ts'
import { aggregate } from './validateConfig.ts'
import type { FieldError } from '../api/fieldError.ts'
import type { RawProxyConfig } from './config.ts'

const MOST = 2 ** 31 - 1
const TOO_MUCH = `Must be <= ${MOST}`

/** The line that the log ends with when `logging` is at fault: before anything else is validated. */
export function loggingFailure(raw: RawProxyConfig): string | undefined {
  const all = aggregate(validateLogging(raw))
  return all === undefined ? undefined : `"command failed" err=${JSON.stringify(`initialize logging: ${all}`)}`
}

/** Source: k8s.io/component-base/logs/api/v1 (v0.35); its alpha options are off. */
export function validateLogging(raw: RawProxyConfig): readonly FieldError[] {
  const logging = section(raw, 'logging')
  const format = textAt(logging, 'format')
  const isText = format === '' || format === 'text'
  const faults: FieldError[] = [...flushFaults(logging['flushFrequency'])]
  if (!isText && format !== 'json') faults.push(invalid('logging.format', format, 'Unsupported log format'))
  const verbosity = numberAt(logging, 'verbosity') ?? 0
  if (verbosity > MOST) faults.push(invalid('logging.verbosity', verbosity, TOO_MUCH))
  const modules = (Array.isArray(logging['vmodule']) ? logging['vmodule'] : []) as readonly (RawProxyConfig | null)[]
  if (modules.length > 0 && !isText) faults.push(forbidden('logging.vmodule', 'Only supported for text log format'))
  for (const [i, item] of modules.entries()) {
    const pattern = textAt(item ?? {}, 'filePattern')
    const path = `logging.vmodule[${i}]`
    if (pattern === '') faults.push(required(path, 'File pattern must not be empty'))
    if (/[=,]/.test(pattern)) {
      faults.push(invalid(path, pattern, 'File pattern must not contain equal sign or comma'))
    }
    const own = numberAt(item ?? {}, 'verbosity') ?? 0
    if (own > MOST) faults.push(invalid(path, own, TOO_MUCH))
  }
  for (const name of ['text', 'json']) {
    const options = section(section(logging, 'options'), name)
    const disabled = (key: string): FieldError =>
      forbidden(`logging.options.${name}.${key}`, 'Feature LoggingAlphaOptions is disabled')
    if (booleanAt(options, 'splitStream')) faults.push(disabled('splitStream'))
    const size = options['infoBufferSize']
    if (typeof size === 'number' ? size !== 0 : typeof size === 'string' && !/^[-+]?0/.test(size))
      faults.push(disabled('infoBufferSize'))
  }
  return faults
}

/** A number is nanoseconds; zero means the default. */
function flushFaults(value: unknown): FieldError[] {
  const isNumber = typeof value === 'number'
  const seconds = isNumber ? value / 1e9 : durationSeconds(value)
  if (!(seconds < 0)) return []
  return [invalid('logging.flushFrequency', isNumber ? value : formatDuration(seconds), 'Must be greater than zero')]
}
