import { splitLabels } from './name.ts'

/** The parts of a name below the cluster domain; an empty part was not given. */
export interface RecordRequest {
  readonly podOrSvc: '' | 'pod' | 'svc'
  readonly namespace: string
  readonly service: string
  readonly endpoint: string
  readonly port: string
  readonly protocol: string
}

const EMPTY: RecordRequest = { podOrSvc: '', namespace: '', service: '', endpoint: '', port: '', protocol: '' }

/**
 * Takes `name` (lower case) below `zone` apart: `_port._protocol.service.namespace.svc`, `endpoint.service.namespace.svc`,
 * `service.namespace.svc`, and the same with `pod`. The zone itself and bare `svc` and `pod` give only empty parts.
 * Undefined: a name that cannot exist. Source: coredns 1.14 plugin/kubernetes/parse.go.
 */
export function parseRecordRequest(name: string, zone: string): RecordRequest | undefined {
  const labels = splitLabels(name)
  const base = labels.slice(0, Math.max(0, labels.length - splitLabels(zone).length))
  if (base.length === 0 || (base.length === 1 && (base[0] === 'svc' || base[0] === 'pod'))) return EMPTY
  const [podOrSvc, namespace = '', service = '', ...left] = [...base].reverse()
  if (podOrSvc !== 'pod' && podOrSvc !== 'svc') return undefined
  const request = { ...EMPTY, podOrSvc, namespace, service } as const
  switch (left.length) {
    case 0:
      return request
    case 1:
      return { ...request, endpoint: left[0] ?? '' }
    case 2:
      return { ...request, protocol: withoutUnderscore(left[0]), port: withoutUnderscore(left[1]) }
    default:
      return undefined
  }
}

function withoutUnderscore(label = ''): string {
  return label.startsWith('_') ? label.slice(1) : label
}
