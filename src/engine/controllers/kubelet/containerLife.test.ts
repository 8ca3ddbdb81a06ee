import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../api/types.ts'
import { containerAt } from './containerLife.ts'
import type { ContainerBehaviour } from './runtime.ts'

const container: Container = { name: 'c', image: 'x' }
const pod = (restartPolicy = 'Always'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [container], restartPolicy },
})
const serves: ContainerBehaviour = { image: 'present', stopMs: 0, passesAfterMs: () => 0 }
const ends = (code: number, afterMs = 0): ContainerBehaviour => ({ ...serves, exit: { code, afterMs } })

/** `state reason restarts` at each moment, in seconds after the start. */
function at(
  behaviour: ContainerBehaviour,
  seconds: readonly number[],
  policy?: string,
  one = container,
): readonly string[] {
  return seconds.map((s) => {
    const { state, reason = '', restarts, ready } = containerAt(pod(policy), one, behaviour, 0, s * 1000)
    return `${state}${reason === '' ? '' : ` ${reason}`} ${restarts}${ready ? ' ready' : ''}`
  })
}

describe('containerAt', () => {
  it('a server runs and is ready at once without a probe', () => {
    expect(at(serves, [-1, 0, 1000])).toEqual(['waiting ContainerCreating 0', 'running 0 ready', 'running 0 ready'])
  })

  it('a crash loop backs off 10 s, 20 s, 40 s, ... to 300 s', () => {
    expect(at(ends(1), [0, 1, 2, 10, 11, 12, 30, 31, 32])).toEqual([
      'terminated Error 0',
      'waiting CrashLoopBackOff 1',
      'waiting CrashLoopBackOff 1',
      'waiting CrashLoopBackOff 1',
      'waiting CrashLoopBackOff 2',
      'waiting CrashLoopBackOff 2',
      'waiting CrashLoopBackOff 2',
      'waiting CrashLoopBackOff 3',
      'waiting CrashLoopBackOff 3',
    ])
    const late = [3600, 3900].map((s) => containerAt(pod(), container, ends(1), 0, s * 1000).restarts)
    expect((late[1] ?? 0) - (late[0] ?? 0)).toBe(1)
  })

  it.each([
    ['Never', 0, 'terminated Completed 0'],
    ['Never', 3, 'terminated Error 0'],
    ['OnFailure', 0, 'terminated Completed 0'],
  ])('restartPolicy %s with exit code %i: %s', (policy, code, want) => {
    expect(at(ends(code), [500], policy)).toEqual([want])
  })

  it.each([
    ['ErrImagePull', [0, 2], ['waiting ErrImagePull 0', 'waiting ImagePullBackOff 0']],
    ['InvalidImageName', [0], ['waiting InvalidImageName 0']],
  ] as const)('%s keeps it waiting', (image, seconds, want) => {
    expect(at({ ...serves, image }, seconds)).toEqual(want)
  })

  it('readiness waits for initialDelaySeconds, the period and the threshold', () => {
    const probe = { httpGet: { port: 80 }, initialDelaySeconds: 5, periodSeconds: 3, successThreshold: 2 }
    const slow = { ...serves, passesAfterMs: () => 6000 }
    // Checks at 5 (too early for the program), 8 and 11 s.
    expect(at(slow, [8, 10.9, 11], 'Always', { ...container, readinessProbe: probe })).toEqual([
      'running 0',
      'running 0',
      'running 0 ready',
    ])
  })

  it('a probe that never passes: never ready; as a liveness probe it kills', () => {
    const deaf = { ...serves, passesAfterMs: () => undefined }
    expect(at(deaf, [3600], 'Always', { ...container, readinessProbe: {} })).toEqual(['running 0'])
    const liveness = { periodSeconds: 10, failureThreshold: 3 }
    // The kubelet starts anew what it has stopped, without a look at what is left of it.
    expect(at(deaf, [19, 20, 21], 'Always', { ...container, livenessProbe: liveness })).toEqual([
      'running 0 ready',
      'running 1 ready',
      'running 1 ready',
    ])
    // A shell as process 1 does not heed SIGTERM: it has its grace period, then comes SIGKILL.
    const stubborn = { ...deaf, stopMs: Infinity }
    expect(at(stubborn, [49, 50, 51], 'Always', { ...container, livenessProbe: liveness })).toEqual([
      'running 0 ready',
      'running 1 ready',
      'running 1 ready',
    ])
  })

  // Recorded with the kubelet of v1.35.4: it asks for the back-off by the end of the run before, which it knows already.
  it('killed by its liveness probe: two restarts at once, then 10 s, ...', () => {
    const deaf = { ...serves, stopMs: 100, passesAfterMs: () => undefined }
    const probed = { ...container, livenessProbe: { periodSeconds: 2, failureThreshold: 3 } }
    expect(at(deaf, [4, 4.1, 8.1, 8.2, 12.2, 12.3, 22.2, 22.3, 26.4], 'Always', probed)).toEqual([
      'running 0 ready',
      'running 1 ready',
      'running 1 ready',
      'running 2 ready',
      'running 2 ready',
      'waiting CrashLoopBackOff 2',
      'waiting CrashLoopBackOff 2',
      'running 3 ready',
      'waiting CrashLoopBackOff 3',
    ])
  })

  it('started once its startup probe has passed', () => {
    const probed = { ...container, startupProbe: { periodSeconds: 3 } }
    const slow = { ...serves, passesAfterMs: () => 2000 }
    const states = [0, 3].map((s) => containerAt(pod(), probed, slow, 0, s * 1000))
    expect(states.map(({ starting = false, ready }) => [starting, ready])).toEqual([
      [true, false],
      [false, true],
    ])
  })

  it('a pull that fails is tried again after 10 s, 20 s, ...', () => {
    const missing: ContainerBehaviour = { ...serves, image: 'ErrImagePull' }
    const pulls = [0, 1, 9, 10, 11, 29, 30, 69, 70].map((s) => {
      const { reason = '', pulls: n } = containerAt(pod(), container, missing, 0, s * 1000)
      return `${reason} ${n ?? ''}`
    })
    expect(pulls).toEqual([
      'ErrImagePull 1',
      'ImagePullBackOff 1',
      'ImagePullBackOff 1',
      'ErrImagePull 2',
      'ImagePullBackOff 2',
      'ImagePullBackOff 2',
      'ErrImagePull 3',
      'ImagePullBackOff 3',
      'ErrImagePull 4',
    ])
    const never = { ...container, imagePullPolicy: 'Never' }
    expect(at(missing, [0, 60], 'Always', never)).toEqual([
      'waiting ErrImageNeverPull 0',
      'waiting ErrImageNeverPull 0',
    ])
  })
})
