import { findKind, formatTimestamp, isObject, plainJson, printStatusError } from '../../engine/index.ts'
import type { Json, JsonObject, Kind, KubeObject } from '../../engine/index.ts'
import { at, loose, none } from './print/columnCells.ts'
import { templateLines } from './describe/describeContainers.ts'
import type { CommandContext } from './fileCommands.ts'
import type { FlagSpec } from './flags.ts'
import { objectName } from './messages.ts'
import { rolloutState } from './rolloutStatus.ts'
import type { Subcommand } from './subcommand.ts'
import { subjectsOf } from './subjects.ts'
import type { Subject } from './subjects.ts'
import { layOutTabs } from './print/tabWriter.ts'

const common: readonly FlagSpec[] = [
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
  { name: 'selector', letter: 'l', takes: 'value' },
  { name: 'output', letter: 'o', takes: 'value' },
  { name: 'field-manager', takes: 'value' },
  { name: 'dry-run', takes: 'optional', bare: 'unchanged' },
  { name: 'revision', takes: 'value', integer: true },
  { name: 'to-revision', takes: 'value', integer: true },
  { name: 'watch', letter: 'w', takes: 'nothing' },
  { name: 'timeout', takes: 'value' },
]

type Act = (context: CommandContext, subject: Subject) => void

const resourceText = ({ kind, object }: Subject): string =>
  `${kind.resource}${kind.group === '' ? '' : `.${kind.group}`} ${JSON.stringify(object.metadata.name)}`

const revisionKey = 'deployment.kubernetes.io/revision'

/** A Deployment's ReplicaSets by revision, the oldest first. */
function historyOf({ cluster }: CommandContext, { metadata }: KubeObject): readonly KubeObject[] {
  const kind = findKind('apps/v1', 'ReplicaSet')
  if (!kind) return []
  const own = cluster.api
    .list(kind, metadata.namespace)
    .filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid))
  return [...own].sort((a, b) => revisionOf(a) - revisionOf(b))
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.[revisionKey] ?? 0)
}

function isWorkload({ kind }: Kind): boolean {
  return ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind)
}

const groupKind = ({ kind, group }: Kind): string => (group === '' ? kind : `${kind}.${group}`)

const status: Act = ({ flags, output }, { kind, object }) => {
  if (!isWorkload(kind)) {
    output.fail(`error: no status viewer has been implemented for ${groupKind(kind)}`)
    return
  }
  const state = rolloutState(object)
  if ('problem' in state) {
    output.fail(`error: ${state.problem}`)
    return
  }
  output.out(`${state.text}\n`)
  if (state.done || flags.get('watch') === 'false') return
  // The cluster is at rest by now: what is not there yet does not come by itself.
  const isDeployment = kind.kind === 'Deployment' && !flags.has('timeout')
  const name = JSON.stringify(object.metadata.name)
  output.fail(
    isDeployment
      ? `error: deployment ${name} exceeded its progress deadline`
      : 'error: timed out waiting for the condition',
  )
}

const history: Act = (context, { kind, object }) => {
  const { flags, output } = context
  if (!isWorkload(kind)) {
    output.fail(`error: no history viewer has been implemented for ${JSON.stringify(groupKind(kind))}`)
    return
  }
  const asked = Number(flags.get('revision') ?? 0)
  const causeOf = ({ metadata }: KubeObject): string => metadata.annotations?.['kubernetes.io/change-cause'] ?? none
  const revisions =
    kind.kind === 'Deployment'
      ? historyOf(context, object).map((set) => ({ number: revisionOf(set), cause: causeOf(set), set }))
      : [{ number: 1, cause: causeOf(object), set: object }]
  const name = objectName(kind, object.metadata.name)
  if (asked === 0) {
    const rows = revisions.map(({ number, cause }) => `${number}\t${cause}\n`)
    output.out(`${name} \n${layOutTabs(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`)}\n`)
    return
  }
  const found = revisions.find(({ number }) => number === asked)
  if (!found) {
    output.fail('error: unable to find the specified revision')
    return
  }
  const template = at(found.set, 'spec.template')
  const meta = loose(loose(template)['metadata'])
  const cause =
    found.cause === none
      ? {}
      : { annotations: { ...loose(meta['annotations']), 'kubernetes.io/change-cause': found.cause } }
  const shown = { ...loose(template), metadata: { ...meta, ...cause } }
  output.out(`${name} with revision #${asked}\n${templateLines(shown)}\n`)
}

const kept = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionKey,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

const undo: Act = (context, subject) => {
  const { flags, output } = context
  const { kind, object } = subject
  if (kind.kind !== 'Deployment') {
    const problem = isWorkload(kind)
      ? `undoing a ${kind.kind} is not simulated (docs/fidelity.md)`
      : `no rollbacker has been implemented for ${JSON.stringify(groupKind(kind))}`
    output.fail(`error: ${problem}`)
    return
  }
  if (at(object, 'spec.paused') === true) {
    output.fail(
      `error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    )
    return
  }
  const asked = Number(flags.get('to-revision') ?? 0)
  const sets = historyOf(context, object)
  const target = asked === 0 ? sets.at(-2) : sets.find((set) => revisionOf(set) === asked)
  if (!target) {
    const problem =
      asked === 0
        ? `no rollout history found for deployment ${JSON.stringify(object.metadata.name)}`
        : `unable to find specified revision ${asked} in history`
    output.fail(`error: ${problem}`)
    return
  }
  const template = withoutHash(at(target, 'spec.template'))
  if (plainJson(template) === plainJson(withoutHash(at(object, 'spec.template')))) {
    output.out(
      `${objectName(kind, object.metadata.name)} skipped rollback (current template already matches revision ${revisionOf(target)})\n`,
    )
    return
  }
  const mine = Object.entries(object.metadata.annotations ?? {}).filter(([key]) => kept.includes(key))
  const theirs = Object.entries(target.metadata.annotations ?? {}).filter(([key]) => !kept.includes(key))
  const annotations = Object.fromEntries([...mine, ...theirs])
  change(context, subject, 'rolled back', 'json', [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: annotations },
  ])
}

function withoutHash(template: unknown): JsonObject {
  const { metadata, ...rest } = loose(template) as JsonObject
  const { labels, ...meta } = isObject(metadata) ? metadata : {}
  const own = Object.entries(isObject(labels) ? labels : {}).filter(([key]) => key !== 'pod-template-hash')
  return { ...rest, metadata: { ...meta, labels: Object.fromEntries(own) } }
}

function change(
  { cluster, flags, output }: CommandContext,
  { kind, object }: Subject,
  word: string,
  type: 'json' | 'merge',
  patch: Json,
): void {
  const { name, namespace = '' } = object.metadata
  if (flags.get('dry-run') !== 'client') {
    const done = cluster.api.patch(kind, namespace, name, type, patch, { dryRun: flags.get('dry-run') === 'server' })
    done.warnings.forEach(output.warn)
    if (!done.ok) {
      output.fail(printStatusError(done.status))
      return
    }
  }
  output.out(`${objectName(kind, name)} ${word}\n`)
}

const restart: Act = (context, subject) => {
  const { kind, object } = subject
  if (!isWorkload(kind)) {
    context.output.fail(`error: ${resourceText(subject)} restarting is not supported`)
    return
  }
  if (at(object, 'spec.paused') === true) {
    context.output.fail(`error: ${resourceText(subject)} can't restart paused deployment (run rollout resume first)`)
    return
  }
  const annotations = { 'kubectl.kubernetes.io/restartedAt': formatTimestamp(context.cluster.now()) }
  change(context, subject, 'restarted', 'merge', { spec: { template: { metadata: { annotations } } } })
}

function pausing(pause: boolean): Act {
  return (context, subject) => {
    const { kind, object } = subject
    if (kind.kind !== 'Deployment') {
      context.output.fail(`error: ${resourceText(subject)} ${pause ? 'pausing' : 'resuming'} is not supported`)
      return
    }
    if ((at(object, 'spec.paused') === true) === pause) {
      context.output.fail(`error: ${resourceText(subject)} is ${pause ? 'already' : 'not'} paused`)
      return
    }
    change(context, subject, pause ? 'paused' : 'resumed', 'merge', { spec: { paused: pause ? true : null } })
  }
}

const acts: Readonly<Record<string, Act>> = {
  status,
  history,
  undo,
  restart,
  pause: pausing(true),
  resume: pausing(false),
}

/** `kubectl rollout WORD`. */
export const rolloutCommand: Subcommand = {
  flags: common,
  run: (context) => {
    const [word = '', ...args] = context.args
    const act = Object.hasOwn(acts, word) ? acts[word] : undefined
    if (!act) {
      const help = "See 'kubectl rollout -h' for help and examples"
      context.output.fail(`error: unknown command ${JSON.stringify(context.args.join(' '))}\n${help}`)
      return
    }
    const inner = { ...context, args }
    const subjects = subjectsOf(inner, inner.args, true)
    if (word === 'status' && subjects.length > 1) {
      subjects.forEach((subject) => {
        act(inner, subject)
      })
      return
    }
    for (const subject of subjects) act(inner, subject)
  },
}
