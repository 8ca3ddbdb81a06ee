import type { Container, Pod } from '../../api/types.ts'
import { fnv32a } from '../../base/hash.ts'
import { hex8 } from '../../base/hex.ts'
import { formatTimestamp } from '../../store/timestamp.ts'
import type { ContainerState } from './containerLife.ts'
import { fullReference } from './imageNames.ts'
import { waitingMessage } from './kubeletTexts.ts'

type Loose = Readonly<Record<string, unknown>>

/** What a status repeats of the spec, made once for all pods of a template. */
interface Echo {
  readonly volumeMounts?: readonly Loose[]
  /** Once there is a container: its image and resources. */
  readonly begun: Loose
}

const echoes = new WeakMap<Container, Echo>()
const noEnd = {}

/**
 * One of `containerStatuses`. Source: kubelet_pods.go convertToAPIContainerStatuses. Differs: no containerID, so that replicas
 * that stand alike share it.
 */
export function containerStatus(pod: Pod, container: Container, at: ContainerState | undefined): Loose {
  const echo = echoOf(container)
  // Once there has been a container, the status tells of it, whatever it waits for.
  const begun = at !== undefined && (at.state !== 'waiting' || at.last !== undefined)
  return {
    name: container.name,
    state: stateOf(pod, container, at),
    lastState: at?.last ? { terminated: terminated(at.last) } : noEnd,
    ready: at?.ready ?? false,
    restartCount: at?.restarts ?? 0,
    started: at?.state === 'running' && at.starting !== true,
    ...(begun ? echo.begun : { image: container.image ?? '', imageID: '' }),
    ...(echo.volumeMounts ? { volumeMounts: echo.volumeMounts } : {}),
  }
}

function echoOf(container: Container): Echo {
  const known = echoes.get(container)
  if (known) return known
  const image = fullReference(container.image ?? '')
  const name = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  const { requests, limits } = (container['resources'] ?? {}) as { readonly requests?: Loose; readonly limits?: Loose }
  const mounts = (container['volumeMounts'] ?? []) as readonly Loose[]
  const made: Echo = {
    begun: {
      image,
      imageID: image.includes('@') ? image : `${name}@sha256:${digest(image)}`,
      resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
      ...(requests ? { allocatedResources: requests } : {}),
    },
    ...(mounts.length > 0 ? { volumeMounts: mounts.map(mountStatus) } : {}),
  }
  echoes.set(container, made)
  return made
}

function mountStatus(mount: Loose): Loose {
  const { name, mountPath, readOnly } = mount
  return readOnly === true ? { name, mountPath, readOnly, recursiveReadOnly: 'Disabled' } : { name, mountPath }
}

function stateOf(pod: Pod, container: Container, at: ContainerState | undefined): Loose {
  switch (at?.state) {
    case undefined:
      return { waiting: { reason: 'PodInitializing' } }
    case 'running':
      return { running: { startedAt: formatTimestamp(at.startedAt ?? 0) } }
    case 'waiting': {
      const message = waitingMessage(pod, container, at)
      const reason = at.reason ?? 'ContainerCreating'
      return { waiting: message === undefined ? { reason } : { message, reason } }
    }
    case 'terminated': {
      const { exitCode = 0, startedAt = 0, finishedAt = 0 } = at
      return { terminated: terminated({ exitCode, startedAt, finishedAt }) }
    }
  }
}

function terminated(run: NonNullable<ContainerState['last']>): Loose {
  return {
    exitCode: run.exitCode,
    reason: run.exitCode === 0 ? 'Completed' : 'Error',
    startedAt: formatTimestamp(run.startedAt),
    finishedAt: formatTimestamp(run.finishedAt),
  }
}

/** 64 hex digits that stand for a SHA-256: equal for equal texts, nothing more. */
function digest(text: string): string {
  let word = fnv32a(text)
  let out = ''
  for (let i = 0; i < 8; i++) {
    out += hex8(word)
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    word = (word + 0x9e3779b9) >>> 0
  }
  return out
}
