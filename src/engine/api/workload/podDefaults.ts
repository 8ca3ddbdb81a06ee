import type { Draft } from '../json.ts'

/** Pod specs and their parts as they come out of the decoder. */
export type Loose = Readonly<Record<string, unknown>>

export function asList(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? (value as readonly Loose[]) : []
}

export function asLoose(value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null ? (value as Loose) : undefined
}

/** `object` with `defaults` where it has nothing. */
function fill(object: Loose, defaults: Loose): Loose {
  const draft: Draft = { ...object }
  for (const [key, value] of Object.entries(defaults)) draft[key] ??= value
  return draft
}

function mapField(object: Loose, field: string, change: (value: Loose) => Loose): Loose {
  const value = object[field]
  if (Array.isArray(value)) return { ...object, [field]: asList(value).map(change) }
  const single = asLoose(value)
  return single ? { ...object, [field]: change(single) } : object
}

const domain =
  '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?'
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const reference = new RegExp(
  `^(?:${domain}/)?${component}(?:/${component})*(?::([\\w][\\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
)

/** `:latest`, written or meant. A name that is no image reference has no tag. */
function isLatest(image: string): boolean {
  const match = reference.exec(image)
  if (!match) return false
  const [, tag, digest] = match
  return tag === 'latest' || (tag === undefined && digest === undefined)
}

function defaultHandler(handler: Loose): Loose {
  return mapField(handler, 'httpGet', (get) => fill({ ...get, path: get['path'] || '/' }, { scheme: 'HTTP' }))
}

function defaultProbe(probe: Loose): Loose {
  const next = fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 })
  return mapField(defaultHandler(next), 'grpc', (grpc) => fill(grpc, { service: '' }))
}

function defaultContainer(container: Loose): Loose {
  const image = typeof container['image'] === 'string' ? container['image'] : ''
  let next = fill(container, {
    imagePullPolicy: isLatest(image) ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
  next = mapField(next, 'ports', (port) => fill(port, { protocol: 'TCP' }))
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) next = mapField(next, probe, defaultProbe)
  next = mapField(next, 'lifecycle', (lifecycle) =>
    mapField(mapField(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler),
  )
  return mapField(next, 'env', (variable) =>
    mapField(variable, 'valueFrom', (from) => mapField(from, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' }))),
  )
}

function defaultVolume(volume: Loose): Loose {
  if (Object.keys(volume).every((key) => key === 'name')) return { ...volume, emptyDir: {} }
  let next = mapField(volume, 'hostPath', (path) => fill(path, { type: '' }))
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    next = mapField(next, source, (inner) => fill(inner, { defaultMode: 420 }))
  }
  return next
}

/** Defaults of a pod's spec, in a Pod and in a template alike. Source: kubernetes pkg/apis/core/v1/defaults.go. */
export function defaultPodSpec(spec: Loose): Loose {
  let next = fill(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    next = mapField(next, list, defaultContainer)
  }
  next = mapField(next, 'volumes', defaultVolume)
  const account = next['serviceAccountName'] ?? next['serviceAccount']
  return account === undefined ? next : { ...next, serviceAccount: account, serviceAccountName: account }
}

/** What only a Pod itself gets: service links, host ports of the host network, requests from limits. */
export function defaultPod(spec: Loose): Loose {
  let next = fill(defaultPodSpec(spec), { enableServiceLinks: true })
  for (const list of ['containers', 'initContainers']) {
    next = mapField(next, list, (container) => {
      const requested = mapField(container, 'resources', (resources) => {
        const limits = asLoose(resources['limits'])
        return limits ? { ...resources, requests: { ...limits, ...asLoose(resources['requests']) } } : resources
      })
      if (next['hostNetwork'] !== true) return requested
      return mapField(requested, 'ports', (port) => fill(port, { hostPort: port['containerPort'] }))
    })
  }
  return next
}
