import { programOf } from '../engine/index.ts'
import type { Kind, KubeObject, Pod } from '../engine/index.ts'

/** Something that the cluster accepts, but that kubehop does not act on, or not as the real thing. */
export interface SimulationHint {
  /** Path of the field in the object, as in the API server's messages. */
  readonly field: string
  readonly message: string
}

/** Volumes of these sources start out empty in life too, or hold nothing that a Service's traffic rests on. */
const harmless = new Set(['emptyDir', 'projected', 'downwardAPI', 'name'])

/** What a reader should know of an accepted object: fields of it that kubehop does not simulate. */
export function simulationHints(kind: Kind, object: KubeObject): readonly SimulationHint[] {
  if (!kind.simulated) {
    return [{ field: 'kind', message: `${kind.kind} is stored and listed, but not simulated: it changes no traffic.` }]
  }
  const found = podSpecOf(object)
  if (!found || object.metadata.namespace === 'kube-system') return []
  const { path, spec } = found
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: object.metadata.name }, spec }
  const images = spec.containers.flatMap((container, i): readonly SimulationHint[] => {
    const { known, listeners } = programOf(pod, container)
    if (known) return []
    const ports = listeners.map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
    const taken =
      ports === ''
        ? 'it declares no containerPort, so nothing listens in it here.'
        : `it is taken for a server on the ports that it declares (${ports}).`
    const message = `kubehop does not know what the image ${container.image ?? ''} runs: ${taken}`
    return [{ field: `${path}.containers[${i}].image`, message }]
  })
  const volumes = ((spec['volumes'] ?? []) as readonly Readonly<Record<string, unknown>>[]).flatMap((volume, i) =>
    Object.keys(volume)
      .filter((source) => !harmless.has(source))
      .map((source) => ({
        field: `${path}.volumes[${i}].${source}`,
        message: `What is in a ${source} volume is not simulated: the containers run without its files.`,
      })),
  )
  return [...images, ...volumes]
}

const templated = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'])

function podSpecOf(object: KubeObject): { readonly path: string; readonly spec: Pod['spec'] } | undefined {
  if (object.kind === 'Pod') return { path: 'spec', spec: (object as Pod).spec }
  if (!templated.has(object.kind)) return undefined
  const { template } = (object as unknown as { readonly spec: { readonly template: { readonly spec: Pod['spec'] } } })
    .spec
  return { path: 'spec.template.spec', spec: template.spec }
}
