import { isObject } from '../../../engine/index.ts'
import type { Json, JsonObject } from '../../../engine/index.ts'
import { dryRunOf } from '../fileCommands.ts'
import type { CommandContext } from '../fileCommands.ts'
import type { FlagSpec } from '../flags.ts'
import { isImageName } from './generatorWords.ts'
import { generatorFlags, sendGenerated } from './generate.ts'
import { parseManifests } from '../../../manifest/parseManifests.ts'

export const runFlags: readonly FlagSpec[] = [
  ...generatorFlags,
  { name: 'image', takes: 'value' },
  { name: 'port', takes: 'value' },
  { name: 'expose', takes: 'nothing' },
  { name: 'labels', letter: 'l', takes: 'value' },
  { name: 'annotations', takes: 'value' },
  { name: 'env', takes: 'value' },
  { name: 'restart', takes: 'value' },
  { name: 'command', takes: 'nothing' },
  { name: 'image-pull-policy', takes: 'value' },
  { name: 'overrides', takes: 'value' },
  { name: 'override-type', takes: 'value' },
  { name: 'privileged', takes: 'nothing' },
  { name: 'attach', takes: 'nothing' },
  { name: 'stdin', letter: 'i', takes: 'nothing' },
  { name: 'tty', letter: 't', takes: 'nothing' },
  { name: 'rm', takes: 'nothing' },
  { name: 'quiet', letter: 'q', takes: 'nothing' },
  { name: 'pod-running-timeout', takes: 'value' },
]

const usage = "See 'kubectl run -h' for help and examples"

/** `a=b,c=d`; or why it is none. */
export function pairsOf(text: string): JsonObject | string {
  const pairs: Record<string, string> = {}
  for (const item of text.split(',')) {
    const [key = '', ...rest] = item.split('=')
    if (rest.length !== 1) return `unexpected label spec: ${item}`
    if (key === '') return 'unexpected empty label key'
    pairs[key] = rest[0] ?? ''
  }
  return pairs
}

/** `kubectl run`. Differs: nothing is attached to. */
export function runRun(context: CommandContext): void {
  const { args, flags, output, afterDash = [] } = context
  const fail = (text: string): void => {
    output.fail(`error: ${text}`)
  }
  const [name, ...words] = args
  if (name === undefined) {
    fail(`NAME is required for run\n${usage}`)
    return
  }
  const image = flags.get('image') ?? ''
  if (image === '') {
    fail('--image is required')
    return
  }
  if (!isImageName(image)) {
    fail(`Invalid image name ${JSON.stringify(image)}: invalid reference format`)
    return
  }
  const attached = flags.isOn('attach') || flags.isOn('stdin')
  if (flags.isOn('tty') && !flags.isOn('stdin')) {
    fail(`-i/--stdin is required for containers with -t/--tty=true\n${usage}`)
    return
  }
  const port = flags.get('port') ?? ''
  if (flags.isOn('expose') && port === '') {
    fail(`--port must be set when exposing a service\n${usage}`)
    return
  }
  const restart = flags.get('restart') ?? 'Always'
  if (!['Always', 'OnFailure', 'Never'].includes(restart)) {
    fail(`invalid restart policy: ${restart}\n${usage}`)
    return
  }
  if (flags.isOn('rm') && !attached) {
    fail(`--rm should only be used for attached containers\n${usage}`)
    return
  }
  if (attached) {
    fail('attaching to a container is not simulated (docs/fidelity.md): run without -i, then use kubectl exec')
    return
  }
  const pod = podOf(context, name, image, [...words, ...afterDash], restart)
  if (typeof pod === 'string') {
    fail(pod)
    return
  }
  const service = serviceFor(context, name, port, pod)
  // The Service is made first.
  if (service && !sendGenerated(context, { body: service, extra: { status: { loadBalancer: {} } } })) return
  if (service && flags.has('output') && dryRunOf(flags) === 'client') output.out('---\n---\n')
  sendGenerated(context, { body: pod, extra: { status: {} } })
}

function podOf(
  { flags }: CommandContext,
  name: string,
  image: string,
  words: readonly string[],
  restart: string,
): JsonObject | string {
  const labels = flags.has('labels') ? pairsOf(flags.get('labels') ?? '') : { run: name }
  if (typeof labels === 'string') return labels
  const annotations: Record<string, string> = {}
  for (const item of flags.all('annotations')) {
    const equals = item.indexOf('=')
    if (equals < 1) return `unexpected annotation: ${item}`
    annotations[item.slice(0, equals)] = item.slice(equals + 1)
  }
  const env: JsonObject[] = []
  for (const item of flags.all('env')) {
    const equals = item.indexOf('=')
    if (equals < 1) return `invalid env: ${item}`
    env.push({ name: item.slice(0, equals), value: item.slice(equals + 1) })
  }
  const port = flags.get('port') ?? ''
  if (port !== '' && !/^[-+]?\d+$/.test(port)) return `strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`
  const policy = flags.get('image-pull-policy')
  const container: JsonObject = {
    name,
    image,
    resources: {},
    ...(policy === undefined ? {} : { imagePullPolicy: policy }),
    ...(words.length === 0 ? {} : { [flags.isOn('command') ? 'command' : 'args']: words }),
    ...(env.length === 0 ? {} : { env }),
    ...(port === '' ? {} : { ports: [{ containerPort: Number(port) }] }),
    ...(flags.isOn('privileged') ? { securityContext: { privileged: true } } : {}),
  }
  const body: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, ...(flags.has('annotations') ? { annotations } : {}) },
    spec: { containers: [container], dnsPolicy: 'ClusterFirst', restartPolicy: restart },
  }
  const overrides = flags.get('overrides')
  if (overrides === undefined) return body
  const { documents } = parseManifests(overrides, 'overrides')
  const patch = documents[0]?.object
  return patch === undefined || !isObject(patch) ? 'invalid json for --overrides' : (merged(body, patch) as JsonObject)
}

/** RFC 7386. */
function merged(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else if (value !== undefined) result[key] = merged(result[key] ?? null, value)
  }
  return result
}

function serviceFor({ flags }: CommandContext, name: string, port: string, pod: JsonObject): JsonObject | undefined {
  if (!flags.isOn('expose')) return undefined
  const metadata = isObject(pod['metadata']) ? pod['metadata'] : {}
  const number = Number(port)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: number, protocol: 'TCP', targetPort: number }], selector: metadata['labels'] ?? {} },
  }
}
