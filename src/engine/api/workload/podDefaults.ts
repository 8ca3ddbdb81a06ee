import type { Draft } from '../json.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { aggregate } from './podResources.ts'
import { quantityOf, roundedToMilli } from './quantities.ts'

/** `object` with `defaults` where it has nothing. */
function fill(object: Loose, defaults: Loose): Loose {
  const draft: Draft = { ...object }
  for (const [key, value] of Object.entries(defaults)) draft[key] ??= value
  return draft
}

/** `object` less `fields`: those that the server drops, as their features are switched off. */
function without(object: Loose, fields: readonly string[]): Loose {
  if (fields.every((field) => object[field] === undefined)) return object
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)))
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

/** Lists of resources hold nothing finer than a thousandth. */
function roundResources(lists: Loose): Loose {
  let next = lists
  for (const field of ['limits', 'requests', 'overhead']) {
    const list = asLoose(next[field])
    if (!list || Object.values(list).every((quantity) => roundedToMilli(quantityOf(quantity)) === quantity)) continue
    const rounded = Object.entries(list).map(([name, quantity]) => [name, roundedToMilli(quantityOf(quantity))])
    next = { ...next, [field]: Object.fromEntries(rounded) as Loose }
  }
  return next
}

/** A claim as volumes make one. */
export function defaultClaimSpec(spec: Loose): Loose {
  return mapField(fill(spec, { volumeMode: 'Filesystem' }), 'resources', roundResources)
}

function defaultContainer(container: Loose): Loose {
  const image = typeof container['image'] === 'string' ? container['image'] : ''
  let next = fill(container, {
    imagePullPolicy: isLatest(image) ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  })
  next = mapField(next, 'ports', (port) => fill(port, { protocol: 'TCP' }))
  next = mapField(next, 'resources', roundResources)
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) next = mapField(next, probe, defaultProbe)
  next = mapField(next, 'lifecycle', (lifecycle) =>
    without(mapField(mapField(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler), ['stopSignal']),
  )
  if (container['lifecycle'] !== undefined && Object.keys(asLoose(next['lifecycle']) ?? {}).length === 0) {
    // Nothing but a signal, which is switched off.
    if ('stopSignal' in (asLoose(container['lifecycle']) ?? {})) next = without(next, ['lifecycle'])
  }
  return mapField(next, 'env', (variable) =>
    mapField(variable, 'valueFrom', (from) =>
      mapField(
        mapField(from, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })),
        'fileKeyRef',
        (ref) => fill(ref, { optional: false }),
      ),
    ),
  )
}

const defaultFiles = (source: Loose): Loose =>
  mapField(source, 'items', (file) => mapField(file, 'fieldRef', (ref) => fill(ref, { apiVersion: 'v1' })))

/** Defaults of kinds of volumes. */
const volumeDefaults: Readonly<Record<string, Loose>> = {
  hostPath: { type: '' },
  configMap: { defaultMode: 420 },
  secret: { defaultMode: 420 },
  projected: { defaultMode: 420 },
  downwardAPI: { defaultMode: 420 },
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
}

function defaultVolume(volume: Loose): Loose {
  if (Object.keys(volume).every((key) => key === 'name')) return { ...volume, emptyDir: {} }
  let next = volume
  for (const [source, defaults] of Object.entries(volumeDefaults)) {
    next = mapField(next, source, (inner) => fill(inner, defaults))
  }
  next = mapField(next, 'downwardAPI', defaultFiles)
  next = mapField(next, 'projected', (projected) =>
    mapField(projected, 'sources', (source) =>
      mapField(
        mapField(without(source, ['clusterTrustBundle', 'podCertificate']), 'serviceAccountToken', (token) =>
          fill(token, { expirationSeconds: 3600 }),
        ),
        'downwardAPI',
        defaultFiles,
      ),
    ),
  )
  next = mapField(next, 'image', (image) =>
    fill(image, { pullPolicy: isLatest(String(image['reference'])) ? 'Always' : 'IfNotPresent' }),
  )
  return mapField(next, 'ephemeral', (source) =>
    mapField(source, 'volumeClaimTemplate', (template) => mapField(template, 'spec', defaultClaimSpec)),
  )
}

/** Defaults of a pod's spec, in a Pod and in a template alike. Source: kubernetes pkg/apis/core/v1/defaults.go. */
export function defaultPodSpec(spec: Loose): Loose {
  let next = fill(without(spec, ['workloadRef']), {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  })
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    next = mapField(next, list, defaultContainer)
  }
  next = roundResources(mapField(mapField(next, 'volumes', defaultVolume), 'resources', roundResources))
  const account = next['serviceAccountName'] ?? next['serviceAccount']
  return account === undefined ? next : { ...next, serviceAccount: account, serviceAccountName: account }
}

/** What only a Pod itself gets: service links, host ports of the host network, requests from limits. */
export function defaultPod(spec: Loose): Loose {
  const grace = spec['terminationGracePeriodSeconds']
  const positive = typeof grace === 'number' && grace < 0 ? { ...spec, terminationGracePeriodSeconds: 1 } : spec
  let next = fill(defaultPodSpec(positive), { enableServiceLinks: true })
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
  return defaultPodResources(next)
}

/** Limits of huge pages and requests that a pod as a whole has from its containers. */
function defaultPodResources(spec: Loose): Loose {
  const own = asLoose(spec['resources'])
  if (!own || (own['limits'] === undefined && own['requests'] === undefined)) return spec
  const [limits, requests]: [Draft, Draft] = [{ ...asLoose(own['limits']) }, { ...asLoose(own['requests']) }]
  for (const [name, limit] of Object.entries(aggregate(spec, 'limits'))) {
    if (name.startsWith('hugepages-') && requests[name] === undefined) limits[name] ??= limit
  }
  if (Object.keys(limits).length > 0) {
    for (const [name, request] of Object.entries(aggregate(spec, 'requests'))) {
      if (name === 'cpu' || name === 'memory') requests[name] ??= request
    }
    for (const [name, limit] of Object.entries(limits)) if (isPodLevel(name)) requests[name] ??= limit
  }
  const lists = { limits, requests }
  const filled = Object.entries(lists).filter(([, list]) => Object.keys(list).length > 0)
  return { ...spec, resources: { ...own, ...Object.fromEntries(filled) } }
}

function isPodLevel(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}
