import type { Container, Pod } from '../../api/types.ts'
import { fnv32a } from '../../base/hash.ts'
import type { ContainerState } from './containerLife.ts'
import type { EventText } from '../events.ts'
import { fullReference } from './imageNames.ts'
import type { Probe } from './runtime.ts'

/** What the container runtime says of an image that no registry has. Source: containerd, remotes/docker. */
function pullError(image: string): string {
  const full = fullReference(image)
  return (
    `rpc error: code = NotFound desc = failed to pull and unpack image "${full}": ` +
    `failed to resolve reference "${full}": ${full}: not found`
  )
}

/** Source: distribution/reference ParseNormalizedNamed, kubelet images.applyDefaultImageTag. */
function nameError(image: string): string {
  const lower = /[A-Z]/.test(image.split(':')[0] ?? '') && !/\s|:{2,}/.test(image)
  const path = image.includes('/') ? image : `library/${image.split(':')[0] ?? ''}`
  const why = lower ? `: repository name (${path}) must be lowercase` : ''
  return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${why}`
}

function podName({ metadata }: Pod): string {
  return `${metadata.name}_${metadata.namespace ?? ''}(${metadata.uid ?? ''})`
}

/** `10s`, `1m20s`, `5m0s`: as Go prints a duration. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

/** `state.waiting.message` of a container. */
export function waitingMessage(pod: Pod, container: Container, at: ContainerState): string | undefined {
  const { name, image = '' } = container
  switch (at.reason) {
    case 'ErrImagePull':
      return pullError(image)
    case 'ImagePullBackOff':
      return `Back-off pulling image "${image}": ErrImagePull: ${pullError(image)}`
    case 'InvalidImageName':
      return nameError(image)
    case 'ErrImageNeverPull':
      return neverPullError(image)
    case 'CrashLoopBackOff':
      return `back-off ${duration(at.backOffMs ?? 0)} restarting failed container=${name} pod=${podName(pod)}`
    case undefined:
    default:
      return undefined
  }
}

/** An event and the run of the container that it belongs to: each run tells it once. */
export interface RunEvent extends EventText {
  readonly run: number
}

/**
 * The events that the kubelet has recorded of a container of `list` when it stands as `at`.
 * Source: kubelet/events, images, prober.
 */
export function containerEvents(
  pod: Pod,
  list: 'initContainers' | 'containers',
  container: Container,
  at: ContainerState,
  refusalOf: (probe: Probe) => string,
): readonly RunEvent[] {
  const { name, image = '' } = container
  const fieldPath = `spec.${list}{${name}}`
  const events: RunEvent[] = []
  const say = (type: EventText['type'], reason: string, message: string, run = at.restarts, times = 1): void => {
    events.push({ type, reason, message, fieldPath, run, ...(times === 1 ? {} : { times }) })
  }
  if (at.stopping === true) say('Normal', 'Killing', `Stopping container ${name}`)
  switch (at.reason) {
    case 'InvalidImageName':
      say('Warning', 'InspectFailed', nameError(image))
      say('Warning', 'Failed', 'Error: InvalidImageName')
      break
    case 'ErrImageNeverPull':
      say('Warning', 'ErrImageNeverPull', neverPullError(image))
      say('Warning', 'Failed', 'Error: ErrImageNeverPull')
      break
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      say('Normal', 'Pulling', `Pulling image "${image}"`, at.pulls)
      say('Warning', 'Failed', `Failed to pull image "${image}": ${pullError(image)}`, at.pulls)
      say('Warning', 'Failed', 'Error: ErrImagePull', at.pulls)
      if (at.reason === 'ErrImagePull') break
      say('Normal', 'BackOff', `Back-off pulling image "${image}"`, at.pulls)
      say('Warning', 'Failed', 'Error: ImagePullBackOff', at.pulls)
      break
    case undefined:
    default:
      break
  }
  if (at.startedAt !== undefined && at.state !== 'waiting') {
    if (container['imagePullPolicy'] === 'Always') {
      say('Normal', 'Pulling', `Pulling image "${image}"`)
      say('Normal', 'Pulled', pulled(image))
    } else {
      say('Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
    }
    say('Normal', 'Created', 'Container created')
    say('Normal', 'Started', 'Container started')
  }
  // What is told of a run that a probe ended may have gone by between two looks.
  for (const [killer, run] of [
    [at.last?.killedBy, at.state === 'waiting' ? at.restarts : at.restarts - 1],
    [at.killedBy, at.restarts],
  ] as const) {
    if (killer === undefined) continue
    const probe = container[`${killer}Probe`] as Probe
    const word = killer === 'liveness' ? 'Liveness' : 'Startup'
    say('Warning', 'Unhealthy', `${word} probe failed: ${refusalOf(probe)}`, run, probe.failureThreshold ?? 3)
    say('Normal', 'Killing', `Container ${name} failed ${killer} probe, will be restarted`, run)
  }
  if (at.reason === 'CrashLoopBackOff') {
    say('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${podName(pod)}`)
  }
  if (at.state === 'running' && !at.ready && at.nextAt === undefined && container.readinessProbe !== undefined) {
    say('Warning', 'Unhealthy', `Readiness probe failed: ${refusalOf(container.readinessProbe as Probe)}`)
  }
  return events
}

function neverPullError(image: string): string {
  return `Container image "${image}" is not present with pull policy of Never`
}

/** With `imagePullPolicy: Always` the registry is asked each time. Time and size stand for what a real one has. */
function pulled(image: string): string {
  const lot = fnv32a(image)
  const took = `${300 + (lot % 600)}ms`
  return `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${20_000_000 + (lot % 60_000_000)} bytes.`
}

/** What a probe is told by a pod that does not listen there, or by a command that fails. */
export function failedProbe(ip: string, container: Container, probe: Probe): string {
  if (probe.exec) return commandOutput(probe.exec.command ?? [])
  const given = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port ?? 0
  const port = container.ports?.find((one) => one.name === given)?.containerPort ?? given
  const at = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
  const dial = `dial tcp ${at}: connect: connection refused`
  return probe.httpGet ? `Get "http://${at}${probe.httpGet.path ?? '/'}": ${dial}` : dial
}

/** What a command that fails has written, as busybox does. */
function commandOutput(command: readonly string[]): string {
  const words = command.length === 3 && command[1] === '-c' ? (command[2] ?? '').trim().split(/\s+/) : command
  const [program = '', ...args] = words
  const file = args.find((word) => word.startsWith('/')) ?? ''
  if (/(^|\/)cat$/.test(program)) return `cat: can't open '${file}': No such file or directory\n`
  if (/(^|\/)ls$/.test(program)) return `ls: ${file}: No such file or directory\n`
  return ''
}
