import type { Container, Pod } from '../api/types.ts'
import type { ContainerState } from './containerLife.ts'
import type { EventText } from './events.ts'
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

/** `nginx` as `docker.io/library/nginx:latest`. */
function fullReference(image: string): string {
  const [first = ''] = image.split('/')
  const isHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  const path = isHost ? image : image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`
  return image.includes('@') || image.slice(image.lastIndexOf('/') + 1).includes(':') ? path : `${path}:latest`
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
    case 'CrashLoopBackOff':
      return `back-off ${duration(at.backOffMs ?? 0)} restarting failed container=${name} pod=${podName(pod)}`
    case undefined:
    default:
      return undefined
  }
}

/** The events that the kubelet has recorded of a container when it stands as `at`. Source: kubelet/events, images, prober. */
export function containerEvents(pod: Pod, container: Container, at: ContainerState): readonly EventText[] {
  const { name, image = '' } = container
  const normal = (reason: string, message: string): EventText => ({ type: 'Normal', reason, message })
  const warning = (reason: string, message: string): EventText => ({ type: 'Warning', reason, message })
  const events: EventText[] = []
  if (at.reason === 'InvalidImageName') {
    events.push(warning('InspectFailed', nameError(image)), warning('Failed', 'Error: InvalidImageName'))
  }
  if (at.reason === 'ErrImagePull' || at.reason === 'ImagePullBackOff') {
    events.push(
      normal('Pulling', `Pulling image "${image}"`),
      warning('Failed', `Failed to pull image "${image}": ${pullError(image)}`),
      warning('Failed', 'Error: ErrImagePull'),
    )
  }
  if (at.reason === 'ImagePullBackOff') {
    events.push(normal('BackOff', `Back-off pulling image "${image}"`), warning('Failed', 'Error: ImagePullBackOff'))
  }
  if (at.startedAt !== undefined && at.state !== 'waiting') {
    events.push(
      normal('Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`),
      normal('Created', 'Container created'),
      normal('Started', 'Container started'),
    )
  }
  const killer = at.killedBy ?? at.last?.killedBy
  if (killer !== undefined) {
    const word = killer === 'liveness' ? 'Liveness' : 'Startup'
    events.push(
      warning('Unhealthy', failedProbe(pod, word, container[`${killer}Probe`] as Probe)),
      normal('Killing', `Container ${name} failed ${killer} probe, will be restarted`),
    )
  }
  if (at.reason === 'CrashLoopBackOff') {
    events.push(warning('BackOff', `Back-off restarting failed container ${name} in pod ${podName(pod)}`))
  }
  if (at.state === 'running' && !at.ready && at.nextAt === undefined && container.readinessProbe !== undefined) {
    events.push(warning('Unhealthy', failedProbe(pod, 'Readiness', container.readinessProbe as Probe)))
  }
  return events
}

function failedProbe(pod: Pod, word: 'Readiness' | 'Liveness' | 'Startup', probe: Probe): string {
  const ip = pod.status?.podIP ?? ''
  if (probe.exec) return `${word} probe failed: `
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port ?? 0
  const at = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
  const dial = `dial tcp ${at}: connect: connection refused`
  return probe.httpGet
    ? `${word} probe failed: Get "http://${at}${probe.httpGet.path ?? '/'}": ${dial}`
    : `${word} probe failed: ${dial}`
}
