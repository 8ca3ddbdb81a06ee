import { findKind } from '../../engine/index.ts'
import type { KubeObject } from '../../engine/index.ts'
import { at, computed, field, loose, show, since } from './print/columnCells.ts'
import type { CommandContext } from './fileCommands.ts'
import { fetchNamed, readTargets } from './resources.ts'
import { printTable } from './print/table.ts'
import type { Subcommand } from './subcommand.ts'
import { printYaml } from './print/printYaml.ts'

/** Commands of kubectl that are here only as far as their refusals go, and small ones. */

const notSimulated = (what: string): string => `error: ${what} is not simulated (docs/fidelity.md)`

/** The first object that a command names; its absence is told. */
function subject({ args, cluster, namespace, output }: CommandContext): KubeObject | undefined {
  const targets = readTargets(args.slice(0, args[0]?.includes('/') === true ? 1 : 2))
  if (typeof targets === 'string') {
    output.fail(targets)
    return undefined
  }
  const [target] = targets
  if (target?.name !== undefined) return fetchNamed(cluster.api, target.kind, namespace, target.name, output)
  output.fail('error: resource(s) were provided, but no name was specified')
  return undefined
}

function logs(context: CommandContext): void {
  const { args, cluster, namespace, output } = context
  const [name = ''] = args
  const pod = findKind('v1', 'Pod')
  if (!pod) return
  if (name === '') {
    output.fail(
      "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples",
    )
  } else if (name.includes('/')) {
    if (subject(context)) output.fail(notSimulated('what containers print'))
  } else if (cluster.api.get(pod, namespace, name).ok) output.fail(notSimulated('what containers print'))
  else {
    output.fail(
      `error: error from server (NotFound): pods ${JSON.stringify(name)} not found in namespace ${JSON.stringify(namespace)}`,
    )
  }
}

function portForward(context: CommandContext): void {
  const [name = ''] = context.args
  const args = name.includes('/') ? context.args : ['pod', ...context.args]
  if (subject({ ...context, args })) context.output.fail(notSimulated('kubectl port-forward'))
}

/** `kubectl wait`: the cluster is at rest, so that what is not so now does not come by itself. */
function wait(context: CommandContext): void {
  const { flags, output } = context
  const goal = flags.get('for')
  if (goal === undefined) {
    output.fail('error: required flag(s) "for" not set')
    return
  }
  const object = subject(context)
  if (!object) return
  const kind = findKind(object.apiVersion, object.kind)
  const name = `${kind?.singular ?? ''}${kind?.group === undefined || kind.group === '' ? '' : `.${kind.group}`}/${object.metadata.name}`
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(goal)
  const [, type = '', want = 'true'] = condition ?? []
  const conditions = (at(object, 'status.conditions') ?? []) as readonly Readonly<Record<string, unknown>>[]
  const isMet = conditions.some(
    (item) =>
      show(item['type']).toLowerCase() === type.toLowerCase() &&
      show(item['status']).toLowerCase() === want.toLowerCase(),
  )
  if (condition && isMet) output.out(`${name} condition met\n`)
  else output.fail(`error: timed out waiting for the condition on ${kind?.resource ?? ''}/${object.metadata.name}`)
}

function auth({ args, output }: CommandContext): void {
  if (args[0] === 'can-i' && args.length >= 3) output.out('yes\n')
  else output.fail(notSimulated(`kubectl auth ${args[0] ?? ''}`))
}

const eventColumns = [
  computed('LAST SEEN', (event, now) => since(event['lastTimestamp'] ?? event['eventTime'], now, '<unknown>')),
  field('TYPE', 'type'),
  field('REASON', 'reason'),
  computed('OBJECT', (event) => {
    const { kind, name } = loose(event['involvedObject'])
    return `${show(kind)}/${show(name)}`
  }),
  field('MESSAGE', 'message'),
]

/** `kubectl events`: the oldest first. */
function events({ cluster, flags, namespace, output }: CommandContext): void {
  const kind = findKind('v1', 'Event')
  if (!kind) return
  const everywhere = flags.isOn('all-namespaces')
  const when = (event: KubeObject): string => show(event['lastTimestamp'] ?? event['eventTime'] ?? '')
  const found = [...cluster.api.list(kind, everywhere ? undefined : namespace)].sort((a, b) =>
    when(a) < when(b) ? -1 : when(a) > when(b) ? 1 : 0,
  )
  if (found.length === 0) {
    output.err(everywhere ? 'No events found.' : `No events found in ${namespace} namespace.`)
    return
  }
  const place = everywhere ? [computed('NAMESPACE', ({ metadata }) => metadata.namespace ?? '')] : []
  const columns = [...place, ...eventColumns]
  const rows = found.map((event) => columns.map(({ cell }) => cell(event, cluster.now())))
  output.out(
    printTable(
      columns.map(({ head }) => head),
      rows,
      !flags.isOn('no-headers'),
    ),
  )
}

const contextName = 'kubernetes-admin@kubernetes'

/** `kubectl config`: one context, whose namespace can be changed. */
function config({ args, cluster, flags, output }: CommandContext): void {
  const [word = ''] = args
  const { namespace } = cluster
  switch (word) {
    case 'current-context':
      output.out(`${contextName}\n`)
      break
    case 'set-context': {
      const next = flags.get('namespace')
      if (!flags.isOn('current') && args[1] !== contextName) {
        output.fail(notSimulated('another context'))
        return
      }
      if (next !== undefined) cluster.useNamespace?.(next)
      output.out(`Context ${JSON.stringify(contextName)} modified.\n`)
      break
    }
    case 'get-contexts':
      output.out(
        printTable(
          ['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'],
          [['*', contextName, 'kubernetes', 'kubernetes-admin', namespace === 'default' ? '' : namespace]],
        ),
      )
      break
    case 'view': {
      const place = namespace === 'default' ? {} : { namespace }
      const value = {
        apiVersion: 'v1',
        clusters: [
          {
            cluster: { 'certificate-authority-data': 'DATA+OMITTED', server: 'https://172.16.210.11:6443' },
            name: 'kubernetes',
          },
        ],
        contexts: [{ context: { cluster: 'kubernetes', ...place, user: 'kubernetes-admin' }, name: contextName }],
        'current-context': contextName,
        kind: 'Config',
        users: [
          {
            name: 'kubernetes-admin',
            user: { 'client-certificate-data': 'DATA+OMITTED', 'client-key-data': 'DATA+OMITTED' },
          },
        ],
      }
      output.out(printYaml(value))
      break
    }
    default:
      output.fail(notSimulated(`kubectl config ${word}`))
  }
}

const allNamespaces = { name: 'all-namespaces', letter: 'A', takes: 'nothing' } as const

export const otherCommands: Readonly<Record<string, Subcommand>> = {
  logs: {
    flags: [
      { name: 'follow', letter: 'f', takes: 'nothing' },
      { name: 'previous', letter: 'p', takes: 'nothing' },
      { name: 'container', letter: 'c', takes: 'value' },
      { name: 'selector', letter: 'l', takes: 'value' },
      { name: 'tail', takes: 'value' },
      { name: 'since', takes: 'value' },
      { name: 'timestamps', takes: 'nothing' },
      { name: 'all-containers', takes: 'nothing' },
    ],
    run: logs,
  },
  'port-forward': { flags: [{ name: 'address', takes: 'value' }], run: portForward },
  wait: {
    flags: [
      { name: 'for', takes: 'value' },
      { name: 'timeout', takes: 'value' },
      { name: 'all', takes: 'nothing' },
      { name: 'selector', letter: 'l', takes: 'value' },
      allNamespaces,
    ],
    run: wait,
  },
  auth: {
    flags: [allNamespaces, { name: 'as', takes: 'value' }, { name: 'quiet', letter: 'q', takes: 'nothing' }],
    run: auth,
  },
  top: {
    flags: [allNamespaces, { name: 'containers', takes: 'nothing' }, { name: 'sort-by', takes: 'value' }],
    run: ({ output }) => {
      output.fail('error: Metrics API not available')
    },
  },
  events: {
    flags: [
      allNamespaces,
      { name: 'for', takes: 'value' },
      { name: 'types', takes: 'value' },
      { name: 'no-headers', takes: 'nothing' },
      { name: 'watch', letter: 'w', takes: 'nothing' },
    ],
    run: events,
  },
  config: {
    flags: [
      { name: 'current', takes: 'nothing' },
      { name: 'minify', takes: 'nothing' },
      { name: 'raw', takes: 'nothing' },
      { name: 'output', letter: 'o', takes: 'value' },
    ],
    run: config,
  },
}
