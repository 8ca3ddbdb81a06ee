import { describe, expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { Condition, KubeObject, Pod } from '../api/types.ts'
import { openListeners } from '../cni/workload.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

function put(sim: Sim, body: Json): void {
  const { apiVersion, kind } = body as unknown as KubeObject
  const known = findKind(apiVersion, kind)
  if (!known) throw new Error(kind)
  const made = sim.api.create(known, 'default', body)
  if (!made.ok) throw new Error(JSON.stringify(made.status))
}

const pod = (spec: { readonly [field: string]: Json }): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: { ...spec },
})

function read(sim: Sim): Pod {
  const found = sim.store.get('Pod', 'default/p')
  if (!found) throw new Error('no pod')
  return found
}

/** Events of the pod but for those of every pod's start, in order of their making. */
function events(sim: Sim): readonly string[] {
  const uid = read(sim).metadata.uid ?? ''
  return [...sim.store.list('Event')]
    .filter(
      ({ involvedObject, reason }) => involvedObject.name === 'p' && !/Scheduled|Pulled|Created|Started/.test(reason),
    )
    .map(
      ({ type, reason, message }) =>
        `${type} ${reason}: ${message.replaceAll(uid, 'UID').replace(read(sim).status?.podIP ?? '?', 'IP')}`,
    )
}

function conditions(sim: Sim): readonly string[] {
  return (read(sim).status?.conditions ?? []).map(({ type, status, reason = '', message = '' }: Condition) =>
    [type, status, reason, message].filter((one) => one !== '').join(' '),
  )
}

/** `state reason message` of the containers, init containers first. */
function states(sim: Sim): readonly string[] {
  const status = read(sim).status as unknown as Readonly<
    Record<
      string,
      readonly { readonly state: Readonly<Record<string, Readonly<Record<string, string>>>> }[] | undefined
    >
  >
  return [...(status['initContainerStatuses'] ?? []), ...(status['containerStatuses'] ?? [])].map(({ state }) => {
    const [name = '', { reason = '', message = '' } = {}] = Object.entries(state)[0] ?? []
    return [name, reason, message.replaceAll(read(sim).metadata.uid ?? '?', 'UID')]
      .filter((one) => one !== '')
      .join(' ')
  })
}

function run(spec: { readonly [field: string]: Json }, seconds: number): Sim {
  const sim = createSim({ seed: 3 })
  put(sim, pod(spec))
  sim.advance(seconds * 1000)
  return sim
}

// The words are those of kubelet v1.35 (pkg/kubelet/images, prober, status/generate.go) and containerd.
describe('a pod that does not come up', () => {
  it('no such image', () => {
    const sim = run({ containers: [{ name: 'c', image: 'nginx:no-such-tag' }] }, 30)
    const pull =
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:no-such-tag": failed to resolve reference "docker.io/library/nginx:no-such-tag": docker.io/library/nginx:no-such-tag: not found'
    expect(states(sim)).toEqual([
      `waiting ImagePullBackOff Back-off pulling image "nginx:no-such-tag": ErrImagePull: ${pull}`,
    ])
    expect(events(sim)).toEqual([
      'Normal Pulling: Pulling image "nginx:no-such-tag"',
      `Warning Failed: Failed to pull image "nginx:no-such-tag": ${pull}`,
      'Warning Failed: Error: ErrImagePull',
      'Normal BackOff: Back-off pulling image "nginx:no-such-tag"',
      'Warning Failed: Error: ImagePullBackOff',
    ])
  })

  it('an image name that is none', () => {
    const sim = run({ containers: [{ name: 'c', image: 'Nginx' }] }, 30)
    const message =
      'Failed to apply default image tag "Nginx": couldn\'t parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase'
    expect(states(sim)).toEqual([`waiting InvalidImageName ${message}`])
    expect(events(sim)).toEqual([`Warning InspectFailed: ${message}`, 'Warning Failed: Error: InvalidImageName'])
  })

  it('a program that crashes', () => {
    const sim = run({ containers: [{ name: 'c', image: 'busybox:1.36', command: ['false'] }] }, 60)
    expect(states(sim)).toEqual([
      'waiting CrashLoopBackOff back-off 40s restarting failed container=c pod=p_default(UID)',
    ])
    expect(events(sim)).toEqual(['Warning BackOff: Back-off restarting failed container c in pod p_default(UID)'])
  })

  it('a liveness probe that fails', () => {
    const livenessProbe = { httpGet: { path: '/healthz', port: 81 }, periodSeconds: 5 }
    const sim = run({ containers: [{ name: 'c', image: 'nginx:1.27', livenessProbe }] }, 20)
    expect(events(sim)).toEqual([
      'Warning Unhealthy: Liveness probe failed: Get "http://IP:81/healthz": dial tcp IP:81: connect: connection refused'.replace(
        'dial tcp IP',
        `dial tcp ${read(sim).status?.podIP ?? ''}`,
      ),
      'Normal Killing: Container c failed liveness probe, will be restarted',
    ])
  })

  it('an init container that fails: nothing after it starts', () => {
    const sim = run(
      {
        initContainers: [{ name: 'i', image: 'busybox', command: ['sh', '-c', 'exit 3'] }],
        containers: [{ name: 'c', image: 'nginx' }],
      },
      30,
    )
    expect(states(sim)).toEqual([
      'waiting CrashLoopBackOff back-off 20s restarting failed container=i pod=p_default(UID)',
      'waiting PodInitializing',
    ])
    expect(conditions(sim).slice(0, 4)).toEqual([
      'PodReadyToStartContainers True',
      'Initialized False ContainersNotInitialized containers with incomplete status: [i]',
      'Ready False ContainersNotReady containers with unready status: [c]',
      'ContainersReady False ContainersNotReady containers with unready status: [c]',
    ])
  })

  it('a readiness gate that nobody opens', () => {
    const sim = run(
      { readinessGates: [{ conditionType: 'example.com/open' }], containers: [{ name: 'c', image: 'nginx' }] },
      30,
    )
    expect(conditions(sim)).toContain(
      'Ready False ReadinessGatesNotReady corresponding condition of pod readiness gate "example.com/open" does not exist.',
    )
  })
})

describe('a pod that runs', () => {
  it('a sidecar goes on beside the others, and its port is open', () => {
    const sim = run(
      {
        initContainers: [{ name: 's', image: 'redis', restartPolicy: 'Always' }],
        containers: [{ name: 'c', image: 'nginx' }],
      },
      30,
    )
    expect(states(sim)).toEqual(['running', 'running'])
    expect(conditions(sim)).toContain('Ready True')
    expect(openListeners(read(sim)).map(({ port }) => port)).toEqual([6379, 80])
  })

  it('a container that waits for its restart has no port open', () => {
    const waiting = { name: 'c', state: { waiting: { reason: 'CrashLoopBackOff' } } }
    const crashed = read(run({ containers: [{ name: 'c', image: 'nginx' }] }, 5))
    expect(openListeners({ ...crashed, status: { ...crashed.status, containerStatuses: [waiting] } })).toEqual([])
    expect(openListeners(crashed).map(({ port }) => port)).toEqual([80])
  })

  it('one that ends well is completed', () => {
    const sim = run({ restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox', command: ['true'] }] }, 30)
    expect(read(sim).status?.phase).toBe('Succeeded')
    expect(conditions(sim).slice(0, 4)).toEqual([
      'PodReadyToStartContainers False',
      'Initialized True PodCompleted',
      'Ready False PodCompleted',
      'ContainersReady False PodCompleted',
    ])
  })

  it.each([
    { name: 'no hook', lifecycle: {}, seconds: 1 },
    { name: 'preStop sleep', lifecycle: { preStop: { sleep: { seconds: 10 } } }, seconds: 11 },
    { name: 'preStop command', lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 7'] } } }, seconds: 8 },
    {
      name: 'a hook longer than the grace period',
      lifecycle: { preStop: { exec: { command: ['sleep', '25'] } } },
      seconds: 20,
    },
  ])('$name: gone in second $seconds', ({ lifecycle, seconds }) => {
    const sim = run({ terminationGracePeriodSeconds: 20, containers: [{ name: 'c', image: 'nginx', lifecycle }] }, 30)
    const kind = findKind('v1', 'Pod')
    if (kind) sim.api.remove(kind, 'default', 'p')
    sim.advance((seconds - 1) * 1000)
    expect(sim.store.get('Pod', 'default/p')).toBeDefined()
    sim.advance(1000)
    expect(sim.store.get('Pod', 'default/p')).toBeUndefined()
  })
})
