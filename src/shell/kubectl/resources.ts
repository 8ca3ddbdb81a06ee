import { findResource, printStatusError } from '../../engine/index.ts'
import type { ApiServer, Kind, KubeObject } from '../../engine/index.ts'
import type { Output } from '../commandResult.ts'
import { urlNameFault } from './messages.ts'

/** What a command line names: whole kinds, or single objects. */
export interface Target {
  readonly kind: Kind
  /** undefined: all of the kind. */
  readonly name?: string
}

const groups: Readonly<Record<string, readonly string[]>> = {
  all: [
    'pods',
    'replicationcontrollers',
    'services',
    'daemonsets',
    'deployments',
    'replicasets',
    'statefulsets',
    'jobs',
    'cronjobs',
  ],
}

/** Reads `svc`, `svc web db`, `svc,deploy`, `svc/web deploy/api`; a complete error line when it cannot. */
export function readTargets(args: readonly string[]): readonly Target[] | string {
  if (args.some((arg) => arg.includes('/'))) return readSlashed(args)
  const [types = '', ...names] = args
  const targets: Target[] = []
  for (const type of types
    .split(',')
    .flatMap((word) => (Object.hasOwn(groups, word) ? groups[word] : undefined) ?? [word])) {
    const kind = findResource(type)
    if (!kind) return unknownType(type)
    if (names.length === 0) targets.push({ kind })
    else for (const name of names) targets.push({ kind, name })
  }
  return targets
}

/** A version in the name (`deployments.v1beta1.apps`) is not part of what the message repeats. */
function unknownType(type: string): string {
  const plain = /^([^.]+)\.v\d\w*\./.exec(type)?.[1] ?? type
  return `error: the server doesn't have a resource type ${JSON.stringify(plain)}`
}

function readSlashed(args: readonly string[]): readonly Target[] | string {
  const targets: Target[] = []
  for (const arg of args) {
    const parts = arg.split('/')
    if (parts.length === 1) {
      return "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'"
    }
    const [type = '', name = ''] = parts
    if (parts.length > 2 || type === '' || name === '') {
      return 'error: arguments in resource/name form must have a single resource and name'
    }
    const kind = findResource(type)
    if (!kind) return unknownType(type)
    targets.push({ kind, name })
  }
  return targets
}

/** The named object; its error is reported. */
export function fetchNamed(
  api: ApiServer,
  kind: Kind,
  namespace: string,
  name: string,
  output: Output,
): KubeObject | undefined {
  const fault = urlNameFault(name)
  if (fault !== undefined) {
    output.fail(`error: ${fault}`)
    return undefined
  }
  const found = api.get(kind, kind.namespaced ? namespace : '', name)
  found.warnings.forEach(output.warn)
  if (found.ok) return found.object
  output.fail(printStatusError(found.status))
  return undefined
}
