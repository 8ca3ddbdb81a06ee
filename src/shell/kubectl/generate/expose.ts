import { isObject } from '../../../engine/index.ts'
import type { JsonObject, Kind, KubeObject } from '../../../engine/index.ts'
import { gatherInfos } from '../fileCommands.ts'
import type { CommandContext } from '../fileCommands.ts'
import type { FlagSpec } from '../flags.ts'
import { isNumber } from './generatorWords.ts'
import { generatorFlags, sendGenerated } from './generate.ts'
import { fetchNamed, readTargets } from '../resources.ts'
import { pairsOf } from './run.ts'

const values =
  'name,port,protocol,target-port,type,cluster-ip,external-ip,load-balancer-ip,session-affinity,selector,overrides,override-type'

export const exposeFlags: readonly FlagSpec[] = [
  ...generatorFlags,
  ...values.split(',').map((name): FlagSpec => ({ name, takes: 'value' })),
  { name: 'filename', letter: 'f', takes: 'value' },
  { name: 'labels', letter: 'l', takes: 'value' },
  { name: 'recursive', letter: 'R', takes: 'nothing' },
]

interface Exposed {
  readonly selector: JsonObject
  readonly ports: readonly JsonObject[]
}

/** `kubectl expose`. Source: kubectl cmd/expose. */
export function runExpose(context: CommandContext): void {
  const { output } = context
  const found = subjects(context)
  if (!found) return
  for (const { kind, object } of found) {
    const service = serviceFor(context, kind, object)
    if (typeof service === 'string') output.fail(`error: ${service}`)
    else sendGenerated(context, { body: service, extra: { status: { loadBalancer: {} } }, word: 'exposed' })
  }
}

interface Subject {
  readonly kind: Kind
  readonly object: KubeObject
}

function subjects(context: CommandContext): readonly Subject[] | undefined {
  const { args, cluster, flags, namespace, output } = context
  const named = flags.has('filename') ? gatherInfos(context)?.infos : readTargets(args)
  if (named === undefined) return undefined
  if (typeof named === 'string' || named.length === 0) {
    output.fail(typeof named === 'string' && args.length > 0 ? named : nothingNamed)
    return undefined
  }
  const found: Subject[] = []
  for (const { kind, name } of named) {
    if (name === undefined) {
      output.fail('error: resource(s) were provided, but no name was specified')
      return undefined
    }
    const object = fetchNamed(cluster.api, kind, namespace, name, output)
    if (object) found.push({ kind, object })
  }
  return found
}

export const nothingNamed = [
  'error: You must provide one or more resources by argument or filename.',
  'Example resource specifications include:',
  "   '-f rsrc.yaml'",
  "   '--filename=rsrc.json'",
  "   '<resource> <name>'",
  "   '<resource>'",
].join('\n')

const exposable = ['ReplicationController', 'Service', 'Pod', 'Deployment', 'ReplicaSet']

function serviceFor({ flags }: CommandContext, kind: Kind, object: KubeObject): JsonObject | string {
  if (!exposable.includes(kind.kind)) {
    const group = kind.group === '' ? '' : `.${kind.group}`
    return `cannot expose a ${kind.kind}${group}`
  }
  const asked = flags.get('selector')
  const known = exposedOf(object)
  if (asked === undefined && typeof known === 'string') return known
  const selector = asked === undefined ? (known as Exposed).selector : pairsOf(asked)
  if (typeof selector === 'string') return selector
  const labels = flags.has('labels') ? pairsOf(flags.get('labels') ?? '') : object.metadata.labels
  if (typeof labels === 'string') return labels
  const ports = portsOf(flags.get('port'), flags.get('protocol'), typeof known === 'string' ? [] : known.ports)
  if (typeof ports === 'string') return ports
  const target = flags.get('target-port') ?? ''
  const type = flags.get('type')
  const affinity = flags.get('session-affinity') ?? ''
  if (!['', 'None', 'ClientIP'].includes(affinity)) return `unknown session affinity: ${affinity}`
  const [external, clusterIP] = [flags.get('external-ip') ?? '', flags.get('cluster-ip') ?? '']
  const balancer = type === 'LoadBalancer' ? (flags.get('load-balancer-ip') ?? '') : ''
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: flags.get('name') ?? object.metadata.name.slice(0, 63),
      ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: {
      ports: ports.map((port) => ({
        ...port,
        targetPort: target === '' ? (port['port'] ?? 0) : isNumber(target) ? Number(target) : target,
      })),
      selector,
      ...(external === '' ? {} : { externalIPs: [external] }),
      ...(type === undefined ? {} : { type }),
      ...(balancer === '' ? {} : { loadBalancerIP: balancer }),
      ...(affinity === '' ? {} : { sessionAffinity: affinity }),
      ...(clusterIP === '' ? {} : { clusterIP }),
    },
  }
}

/** Selector and ports of what is exposed; or why it cannot be. */
function exposedOf(object: KubeObject): Exposed | string {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  if (object.kind === 'Service') {
    const selector = spec['selector']
    return isObject(selector) && Object.keys(selector).length > 0
      ? { selector, ports: listOf(spec['ports']) }
      : `couldn't retrieve selectors via --selector flag or introspection: the service has no pod selector set`
  }
  if (object.kind === 'Pod') {
    const labels = (object.metadata.labels ?? {}) as JsonObject
    if (Object.keys(labels).length === 0) {
      return `couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed`
    }
    return { selector: labels, ports: containerPorts(spec) }
  }
  const template = isObject(spec['template']) ? spec['template'] : {}
  const podSpec = isObject(template['spec']) ? template['spec'] : {}
  const selector = isObject(spec['selector']) ? spec['selector'] : {}
  const labels = object.kind === 'ReplicationController' ? selector : selector['matchLabels']
  if (Array.isArray(selector['matchExpressions']) && selector['matchExpressions'].length > 0) {
    return 'couldn\'t retrieve selectors via --selector flag or introspection: couldn\'t convert expressions - "[]" to map-based selector format'
  }
  return { selector: isObject(labels) ? labels : {}, ports: containerPorts(podSpec) }
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : []
}

function containerPorts(spec: JsonObject): readonly JsonObject[] {
  return listOf(spec['containers']).flatMap((container) =>
    listOf(container['ports']).map((port) => ({
      port: port['containerPort'] ?? 0,
      protocol: port['protocol'] ?? 'TCP',
    })),
  )
}

function portsOf(
  asked: string | undefined,
  protocol: string | undefined,
  known: readonly JsonObject[],
): readonly JsonObject[] | string {
  const numbers = asked === undefined ? known.map(({ port }) => String(port as number)) : asked.split(',')
  if (numbers.length === 0 || numbers[0] === '') {
    return "couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples"
  }
  const distinct = [...new Set(numbers)]
  const bad = distinct.find((number) => !/^[-+]?\d+$/.test(number))
  if (bad !== undefined) return `strconv.Atoi: parsing ${JSON.stringify(bad)}: invalid syntax`
  return distinct.flatMap((number, i) => {
    const name = distinct.length > 1 ? { name: `port-${i + 1}` } : {}
    const same = known.filter(({ port }) => String(port as number) === number).map((port) => port['protocol'] ?? 'TCP')
    if (protocol !== undefined || same.length < 2) {
      return [{ ...name, port: Number(number), protocol: protocol ?? same[0] ?? 'TCP' }]
    }
    return same.map((each) => ({
      name: `port-${i + 1}-${(typeof each === 'string' ? each : '').toLowerCase()}`,
      port: Number(number),
      protocol: each,
    }))
  })
}
