import { at, loose, looseList, none, show } from '../print/columnCells.ts'
import type { Loose } from '../print/columnCells.ts'
import { annotationLines, labelLines, longTime, tolerationLines, volumeLines } from './describeParts.ts'

function portLine(title: string, ports: readonly string[]): string {
  const text = ports.join(', ')
  return ports.length > 1 ? `    ${title}s:\t${text}\n` : `    ${title}:\t${text === '' ? none : text}\n`
}

function probeText(probe: Loose): string {
  const number = (name: string): string => show(probe[name] ?? 0)
  const limits = `delay=${number('initialDelaySeconds')}s timeout=${number('timeoutSeconds')}s period=${number('periodSeconds')}s #success=${number('successThreshold')} #failure=${number('failureThreshold')}`
  const { exec, httpGet, tcpSocket, grpc } = probe
  if (exec !== undefined) return `exec [${looseList(loose(exec)['command']).map(show).join(' ')}] ${limits}`
  if (httpGet !== undefined) {
    const { scheme = 'HTTP', host = '', port = '', path = '' } = loose(httpGet)
    return `http-get ${show(scheme).toLowerCase()}://${show(host)}:${show(port)}${show(path)} ${limits}`
  }
  if (tcpSocket !== undefined) {
    const { host = '', port = '' } = loose(tcpSocket)
    return `tcp-socket ${show(host)}:${show(port)} ${limits}`
  }
  if (grpc !== undefined)
    return `grpc <pod>:${show(loose(grpc)['port'])} ${show(loose(grpc)['service'] ?? '')} ${limits}`
  return `unknown ${limits}`
}

function stateLines(title: string, state: Loose): string {
  const { running, terminated, waiting } = state
  if (running !== undefined) {
    return `    ${title}:\tRunning\n      Started:\t${longTime(loose(running)['startedAt'])}\n`
  }
  if (terminated !== undefined) {
    const { reason, message, exitCode = 0, signal, startedAt, finishedAt } = loose(terminated)
    const optional = (name: string, value: unknown): string =>
      value === undefined || value === '' ? '' : `      ${name}:\t${show(value)}\n`
    return `    ${title}:\tTerminated\n${optional('Reason', reason)}${optional('Message', message)}      Exit Code:\t${show(exitCode)}\n${optional('Signal', signal)}      Started:\t${longTime(startedAt)}\n      Finished:\t${longTime(finishedAt)}\n`
  }
  const reason = loose(waiting)['reason']
  return `    ${title}:\tWaiting\n${reason === undefined ? '' : `      Reason:\t${show(reason)}\n`}`
}

function resourceLines(resources: unknown): string {
  return ['limits', 'requests']
    .map((which) => {
      const entries = Object.entries(loose(loose(resources)[which])).sort(([a], [b]) => (a < b ? -1 : 1))
      if (entries.length === 0) return ''
      const title = which === 'limits' ? 'Limits' : 'Requests'
      return `    ${title}:\n${entries.map(([name, value]) => `      ${name}:\t${show(value)}\n`).join('')}`
    })
    .join('')
}

function wordLines(title: string, words: unknown): string {
  const list = looseList(words)
  if (list.length === 0) return ''
  return `    ${title}:\n${list
    .flatMap((text) => show(text).split('\n'))
    .map((line) => `      ${line}\n`)
    .join('')}`
}

function environmentLines(env: unknown, pod: unknown): string {
  const list = looseList(env)
  const lines = list.map(({ name, value = '', valueFrom }) => {
    const from = loose(valueFrom)
    const head = `      ${show(name)}:\t`
    if (from['fieldRef'] !== undefined) {
      const { apiVersion = 'v1', fieldPath } = loose(from['fieldRef'])
      return `${head}${show(at(pod, show(fieldPath)) ?? '')} (${show(apiVersion)}:${show(fieldPath)})\n`
    }
    for (const [field, what] of [
      ['secretKeyRef', 'in secret'],
      ['configMapKeyRef', 'of config map'],
    ] as const) {
      if (from[field] === undefined) continue
      const { key, name: source, optional } = loose(from[field])
      return `${head}<set to the key '${show(key)}' ${what} '${show(source)}'>\tOptional: ${String(optional === true)}\n`
    }
    if (from['resourceFieldRef'] !== undefined)
      return `${head} (${show(loose(from['resourceFieldRef'])['resource'])})\n`
    return show(value)
      .split('\n')
      .map((line, i) => (i === 0 ? `${head}${line}\n` : `      \t${line}\n`))
      .join('')
  })
  return `    Environment:${list.length === 0 ? `\t${none}` : ''}\n${lines.join('')}`
}

function environmentSources(sources: unknown): string {
  const list = looseList(sources)
  if (list.length === 0) return ''
  const lines = list.map(({ configMapRef, secretRef, prefix }) => {
    const { name, optional } = loose(configMapRef ?? secretRef)
    const start = prefix === undefined || prefix === '' ? '' : ` with prefix '${show(prefix)}'`
    return `      ${show(name)}\t${configMapRef === undefined ? 'Secret' : 'ConfigMap'}${start}\tOptional: ${String(optional === true)}\n`
  })
  return `    Environment Variables from:\n${lines.join('')}`
}

function mountLines(container: Loose): string {
  const mounts = [...looseList(container['volumeMounts'])].sort((a, b) =>
    show(a['mountPath']) < show(b['mountPath']) ? -1 : 1,
  )
  const lines = mounts.map(({ mountPath, name, readOnly, subPath }) => {
    const flags = [
      readOnly === true ? 'ro' : 'rw',
      ...(subPath === undefined ? [] : [`path=${JSON.stringify(subPath)}`]),
    ]
    return `      ${show(mountPath)} from ${show(name)} (${flags.join(',')})\n`
  })
  return `    Mounts:${mounts.length === 0 ? `\t${none}` : ''}\n${lines.join('')}`
}

/** Containers of a pod (with `statuses`) or of a template. */
export function containerLines(
  title: string,
  containers: unknown,
  statuses: unknown,
  pod: unknown,
  space = '',
): string {
  const list = looseList(containers)
  const known = new Map(looseList(statuses).map((status) => [status['name'], status]))
  const blocks = list.map((container) => {
    const status = known.get(container['name'])
    const ports = looseList(container['ports'])
    const port = (number: unknown, { protocol = 'TCP', name }: Loose): string =>
      `${show(number ?? 0)}/${show(protocol)}${name === undefined ? '' : ` (${show(name)})`}`
    const probes = (['liveness', 'readiness', 'startup'] as const).map((kind) => {
      const probe = container[`${kind}Probe`]
      return probe === undefined
        ? ''
        : `    ${kind.charAt(0).toUpperCase()}${kind.slice(1)}:\t${probeText(loose(probe))}\n`
    })
    const last = loose(status?.['lastState'])
    return [
      `  ${space === '' ? '' : ' '}${show(container['name'])}:\n`,
      status ? `    Container ID:\t${show(status['containerID'] ?? '')}\n` : '',
      `    Image:\t${show(container['image'] ?? '')}\n`,
      status ? `    Image ID:\t${show(status['imageID'] ?? '')}\n` : '',
      portLine(
        'Port',
        ports.map((item) => port(item['containerPort'], item)),
      ),
      portLine(
        'Host Port',
        ports.map((item) => port(item['hostPort'], item)),
      ),
      wordLines('Command', container['command']),
      wordLines('Args', container['args']),
      status ? stateLines('State', loose(status['state'])) : '',
      last['terminated'] === undefined ? '' : stateLines('Last State', last),
      status ? `    Ready:\t${status['ready'] === true ? 'True' : 'False'}\n` : '',
      status ? `    Restart Count:\t${show(status['restartCount'] ?? 0)}\n` : '',
      resourceLines(container['resources']),
      ...probes,
      environmentSources(container['envFrom']),
      environmentLines(container['env'], pod),
      mountLines(container),
    ].join('')
  })
  return `${space}${title}:${list.length === 0 ? ' <none>' : ''}\n${blocks.join('')}`
}

export function templateLines(template: unknown): string {
  const [meta, spec] = [loose(at(template, 'metadata')), loose(at(template, 'spec'))]
  const optional = (title: string, value: unknown): string =>
    value === undefined ? '' : `  ${title}:\t${show(value)}\n`
  return [
    'Pod Template:\n',
    labelLines('  Labels', meta['labels']),
    Object.keys(loose(meta['annotations'])).length > 0 ? annotationLines('  Annotations', meta['annotations']) : '',
    optional('Service Account', spec['serviceAccountName']),
    looseList(spec['initContainers']).length > 0
      ? containerLines('Init Containers', spec['initContainers'], undefined, undefined, '  ')
      : '',
    containerLines('Containers', spec['containers'], undefined, undefined, '  '),
    volumeLines(spec['volumes'], '  '),
    optional('Priority Class Name', spec['priorityClassName']),
    labelLines('  Node-Selectors', spec['nodeSelector']),
    tolerationLines('  Tolerations', spec['tolerations']),
  ].join('')
}
