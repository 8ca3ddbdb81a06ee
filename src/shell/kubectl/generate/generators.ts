import type { JsonObject } from '../../../engine/index.ts'
import type { CommandContext } from '../fileCommands.ts'
import type { FlagSpec } from '../flags.ts'
import { configData, secretData } from './generatedData.ts'
import type { Generated } from './generate.ts'
import { isNumber, portNameFaults } from './generatorWords.ts'

/** A way to make an object out of flags: `kubectl create PATH NAME`. */
export interface Generator {
  readonly flags: readonly FlagSpec[]
  readonly required?: readonly string[]
  /** The object, or why there is none (without `error: `). */
  readonly build: (name: string, context: CommandContext) => Generated | string
}

const value = (name: string, letter?: string): FlagSpec => ({ name, takes: 'value', ...(letter ? { letter } : {}) })
const integer = (name: string): FlagSpec => ({ name, takes: 'value', integer: true })
const kindOf = (apiVersion: string, kind: string) => (name: string, rest: JsonObject, labels?: JsonObject) => ({
  apiVersion,
  kind,
  metadata: { name, ...(labels ? { labels } : {}) },
  ...rest,
})

const service = kindOf('v1', 'Service')
const deployment = kindOf('apps/v1', 'Deployment')

/** `80`, `80:8080`, `80:http`. Source: kubectl create service, parsePorts. */
function servicePorts(texts: readonly string[]): readonly JsonObject[] | string {
  const ports: JsonObject[] = []
  for (const text of texts.flatMap((list) => list.split(','))) {
    const [port = '', target] = text.split(':')
    if (!isNumber(port)) return `strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`
    const number = Number(port)
    if (number > 65535) return `strconv.ParseUint: parsing ${JSON.stringify(port)}: value out of range`
    const wrong = target === undefined || isNumber(target) ? [] : portNameFaults(target)
    if (wrong.length > 0) return wrong.join(',')
    ports.push({
      name: text.replaceAll(':', '-'),
      port: number,
      protocol: 'TCP',
      targetPort: target === undefined ? number : isNumber(target) ? Number(target) : target,
    })
  }
  return ports
}

const serviceTypes: Readonly<Record<string, { readonly type: string; readonly flags: readonly FlagSpec[] }>> = {
  clusterip: { type: 'ClusterIP', flags: [value('clusterip')] },
  nodeport: { type: 'NodePort', flags: [integer('node-port')] },
  loadbalancer: { type: 'LoadBalancer', flags: [] },
  externalname: { type: 'ExternalName', flags: [value('external-name')] },
}

function serviceGenerator(word: string): Generator {
  const { type, flags } = serviceTypes[word] ?? { type: '', flags: [] }
  return {
    flags: [value('tcp'), ...flags],
    ...(word === 'externalname' ? { required: ['external-name'] } : {}),
    build: (name, { flags: given }) => {
      const isHeadless = given.get('clusterip') === 'None'
      const texts = given.all('tcp')
      if (texts.length === 0 && word !== 'externalname' && !isHeadless)
        return 'at least one tcp port specifier must be provided'
      const ports = servicePorts(texts)
      if (typeof ports === 'string') return ports
      const nodePort = given.get('node-port')
      const external = given.get('external-name')
      if (
        external !== undefined &&
        !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(external)
      ) {
        return `invalid service external name ${external}`
      }
      const clusterIP = given.get('clusterip')
      const spec = {
        type,
        selector: { app: name },
        ...(ports.length > 0
          ? {
              ports: ports.map((port) =>
                nodePort === undefined || nodePort === '0' ? port : { ...port, nodePort: Number(nodePort) },
              ),
            }
          : {}),
        ...(clusterIP === undefined ? {} : { clusterIP }),
        ...(external === undefined ? {} : { externalName: external }),
      }
      return {
        body: service(name, { spec }, { app: name }),
        extra: { status: { loadBalancer: {} } },
        doing: `failed to create ${type} service`,
      }
    },
  }
}

/** `registry/nginx:1.27` gives `nginx`. */
function containerName(image: string): string {
  return (image.split('/').at(-1) ?? '').split(/[:@]/)[0]?.replace(/_/g, '-') ?? ''
}

const deploymentGenerator: Generator = {
  flags: [value('image'), integer('port'), { ...integer('replicas'), letter: 'r' }],
  required: ['image'],
  build: (name, { flags, afterDash = [] }) => {
    const images = flags.all('image').flatMap((list) => list.split(','))
    if (images.length > 1 && afterDash.length > 0) {
      return 'cannot specify multiple --image options and command'
    }
    const port = Number(flags.get('port') ?? -1)
    const containers = images.map((image, i) => {
      const seen = images.slice(0, i).some((other) => containerName(other) === containerName(image))
      return {
        name: seen ? `${containerName(image)}-${i + 1}` : containerName(image),
        image,
        resources: {},
        ...(afterDash.length > 0 ? { command: afterDash } : {}),
        ...(port >= 0 ? { ports: [{ containerPort: port }] } : {}),
      }
    })
    const replicas = Number(flags.get('replicas') ?? 1)
    const labels = { app: name }
    return {
      body: deployment(
        name,
        {
          spec: {
            replicas,
            selector: { matchLabels: labels },
            strategy: {},
            template: { metadata: { labels }, spec: { containers } },
          },
        },
        labels,
      ),
      extra: { status: {} },
      doing: 'failed to create deployment',
    }
  },
}

const fileSources = [value('from-file'), value('from-literal'), value('from-env-file')]

const configMapGenerator: Generator = {
  flags: [...fileSources, { name: 'append-hash', takes: 'nothing' }],
  build: (name, context) => {
    const data = configData(context, `ConfigMap ${JSON.stringify(name)}`)
    if (typeof data === 'string') return data
    const body = kindOf('v1', 'ConfigMap')(name, Object.keys(data).length > 0 ? { data } : {})
    return { body, doing: 'failed to create configmap' }
  },
}

const secretGenerator: Generator = {
  flags: [...fileSources, value('type'), { name: 'append-hash', takes: 'nothing' }],
  build: (name, context) => {
    const data = configData(context, `Secret ${JSON.stringify(name)}`)
    if (typeof data === 'string') return data
    const type = context.flags.get('type')
    return secret(name, data, type)
  },
}

function secret(name: string, data: Readonly<Record<string, string>>, type?: string): Generated {
  const rest = { ...(Object.keys(data).length > 0 ? { data: secretData(data) } : {}), ...(type ? { type } : {}) }
  return { body: kindOf('v1', 'Secret')(name, rest), doing: 'failed to create secret' }
}

const registryGenerator: Generator = {
  flags: [
    value('docker-server'),
    value('docker-username'),
    value('docker-password'),
    value('docker-email'),
    ...fileSources.slice(0, 1),
    { name: 'append-hash', takes: 'nothing' },
  ],
  build: (name, { flags }) => {
    const [username, password] = [flags.get('docker-username') ?? '', flags.get('docker-password') ?? '']
    const email = flags.get('docker-email')
    if (username === '' || password === '') {
      return 'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required'
    }
    const server = flags.get('docker-server') ?? 'https://index.docker.io/v1/'
    const auth = secretData({ auth: `${username}:${password}` })['auth']
    const auths = { [server]: { username, password, ...(email === undefined ? {} : { email }), auth } }
    return secret(name, { '.dockerconfigjson': JSON.stringify({ auths }) }, 'kubernetes.io/dockerconfigjson')
  },
}

const job = kindOf('batch/v1', 'Job')

function jobTemplate(name: string, image: string, command: readonly string[]): JsonObject {
  const container = { name, image, resources: {}, ...(command.length > 0 ? { command } : {}) }
  return { containers: [container], restartPolicy: 'Never' }
}

const jobGenerator: Generator = {
  flags: [value('image'), value('from')],
  build: (name, { flags, afterDash = [] }) => {
    const image = flags.get('image') ?? ''
    if (image === '' && !flags.has('from')) return 'either --image or --from must be specified'
    if (flags.has('from')) return '--from is not simulated (docs/fidelity.md)'
    const body = job(name, { spec: { template: { metadata: {}, spec: jobTemplate(name, image, afterDash) } } })
    return { body, extra: { status: {} }, doing: 'failed to create job' }
  },
}

const cronJobGenerator: Generator = {
  flags: [value('image'), value('schedule'), value('restart')],
  required: ['image', 'schedule'],
  build: (name, { flags, afterDash = [] }) => {
    const pod = {
      ...jobTemplate(name, flags.get('image') ?? '', afterDash),
      restartPolicy: flags.get('restart') ?? 'OnFailure',
    }
    const spec = {
      jobTemplate: { metadata: { name }, spec: { template: { metadata: {}, spec: pod } } },
      schedule: flags.get('schedule') ?? '',
    }
    return {
      body: kindOf('batch/v1', 'CronJob')(name, { spec }),
      extra: { status: {} },
      doing: 'failed to create cronjob',
    }
  },
}

export const createGenerators: Readonly<Record<string, Generator>> = {
  namespace: {
    flags: [],
    build: (name) => ({ body: kindOf('v1', 'Namespace')(name, {}), extra: { spec: {}, status: {} } }),
  },
  deployment: deploymentGenerator,
  configmap: configMapGenerator,
  serviceaccount: {
    flags: [],
    build: (name) => ({
      body: kindOf('v1', 'ServiceAccount')(name, {}),
      doing: 'failed to create serviceaccount',
    }),
  },
  job: jobGenerator,
  cronjob: cronJobGenerator,
  'secret generic': secretGenerator,
  'secret docker-registry': registryGenerator,
  ...Object.fromEntries(Object.keys(serviceTypes).map((word) => [`service ${word}`, serviceGenerator(word)])),
}

export const createAliases: Readonly<Record<string, string>> = {
  ns: 'namespace',
  deploy: 'deployment',
  dep: 'deployment',
  cm: 'configmap',
  sa: 'serviceaccount',
  svc: 'service',
  cj: 'cronjob',
}
