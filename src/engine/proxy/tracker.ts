import { SERVICE_NAME_LABEL, serviceEndpoints } from './endpoints.ts'
import { compareText, portKey, servicePorts } from './servicePort.ts'
import type { EndpointSlice, KubeObject, Service } from '../api/types.ts'
import type { IpFamily } from '../base/ip.ts'
import type { EndpointInfo, ServiceEndpoints } from './endpoints.ts'
import type { ServicePortInfo } from './servicePort.ts'

export interface TrackedPort {
  readonly info: ServicePortInfo
  /** All endpoints with the port's name and protocol, usable or not, sorted by address text. */
  readonly endpoints: readonly EndpointInfo[]
}

/** A Service as the proxier knows it. A new object whenever something in it changed. */
export interface TrackedService {
  /** `namespace/name`. */
  readonly key: string
  readonly ports: readonly TrackedPort[]
}

export interface Changes {
  /** All Services with ports, by namespace, then name. */
  readonly services: readonly TrackedService[]
  /** Keys of Services that changed, appeared or went away, themselves or their slices, since the last update. */
  readonly changed: ReadonlySet<string>
  /** Services as they were before, for those in `changed` that existed. */
  readonly before: ReadonlyMap<string, TrackedService>
  /** And as they are now, for those that still exist. */
  readonly after: ReadonlyMap<string, TrackedService>
  /** Whether `services` has other keys than last time. */
  readonly reordered: boolean
  /** Whether a changed slice belongs to a Service with a UDP port, before or after. */
  readonly udpEndpointsChanged: boolean
}

/** Follows Services and EndpointSlices for one proxier. Source: servicechangetracker.go, endpointschangetracker.go. */
export interface Tracker {
  /** Takes the whole present state; finds out what changed. Unchanged objects should be identical: that is fast. */
  readonly update: (services: readonly Service[], slices: readonly EndpointSlice[]) => Changes
}

interface Entry {
  /** By name. */
  slices: readonly EndpointSlice[]
  service?: Service
  ports: readonly ServicePortInfo[]
  endpoints?: ServiceEndpoints
  tracked?: TrackedService
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** Whether Go decodes both to the same EndpointSlice: the order of keys, nulls and empty conditions make no difference. */
function sameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  return same(a, b) || canonical(a) === canonical(b)
}

function canonical(slice: EndpointSlice): string {
  return JSON.stringify(slice, (key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const entries = Object.entries(value).filter(([, item]) => item !== null)
    if (key === 'conditions' && entries.length === 0) return undefined
    return Object.fromEntries(entries.sort(([x], [y]) => compareText(x, y)))
  })
}

const objectKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? 'default'}/${metadata.name}`

/**
 * The objects of `now` that took the place of an older form of themselves, when that is all that happened: the usual case,
 * found without a look at 10,000 names. Nothing when objects came, went or moved, or changed what decides whether they count.
 */
function replacedObjects<T extends KubeObject>(
  last: readonly T[],
  now: readonly T[],
  keyOf: (object: T) => string,
): T[] | undefined {
  if (last.length !== now.length) return undefined
  const replaced: T[] = []
  for (let i = 0; i < now.length; i++) {
    const [before, after] = [last[i], now[i]]
    if (before === after || !before || !after) continue
    if (keyOf(before) !== keyOf(after) || isIgnored(before) !== isIgnored(after)) return undefined
    if (before['addressType'] !== after['addressType']) return undefined
    replaced.push(after)
  }
  return replaced
}

/** kube-proxy's informers leave out what carries one of these labels. Source: cmd/kube-proxy/app/server.go. */
export function isIgnored({ metadata: { labels } }: KubeObject): boolean {
  return (
    !!labels &&
    (Object.hasOwn(labels, 'service.kubernetes.io/service-proxy-name') ||
      Object.hasOwn(labels, 'service.kubernetes.io/headless'))
  )
}

function ownerKey({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL]
  return name === undefined || name === '' ? undefined : `${metadata.namespace ?? 'default'}/${name}`
}

const NONE: readonly never[] = []

/** `slices` with `slice` at its place by name, instead of an older form of it. */
function withSlice(slices: readonly EndpointSlice[], slice: EndpointSlice): readonly EndpointSlice[] {
  const { name } = slice.metadata
  const at = slices.findIndex(({ metadata }) => metadata.name >= name)
  if (at < 0) return [...slices, slice]
  return slices[at]?.metadata.name === name ? slices.with(at, slice) : slices.toSpliced(at, 0, slice)
}

export function createTracker(family: IpFamily, nodeName: string): Tracker {
  const entries = new Map<string, Entry>()
  let knownServices = new Map<string, Service>()
  let knownSlices = new Map<string, EndpointSlice>()
  let lastServices: readonly Service[] = []
  let lastSlices: readonly EndpointSlice[] = []
  let sorted: TrackedService[] = []
  /** Place of each key in `sorted`. */
  let places = new Map<string, number>()

  const entryOf = (key: string): Entry => {
    let entry = entries.get(key)
    if (!entry) {
      entry = { slices: NONE, ports: NONE }
      entries.set(key, entry)
    }
    return entry
  }

  function takeServices(services: readonly Service[], changed: Set<string>): void {
    const replaced = replacedObjects(lastServices, services, objectKey)
    lastServices = services
    if (replaced) {
      for (const service of replaced) if (!isIgnored(service)) takeService(objectKey(service), service, changed)
      return
    }
    const next = new Map<string, Service>()
    for (const service of services) {
      if (isIgnored(service)) continue
      const key = objectKey(service)
      next.set(key, service)
      if (knownServices.get(key) !== service) takeService(key, service, changed)
    }
    for (const key of knownServices.keys()) {
      const entry = next.has(key) ? undefined : entries.get(key)
      if (!entry) continue
      delete entry.service
      if (entry.ports.length > 0) changed.add(key)
      entry.ports = NONE
    }
    knownServices = next
  }

  function takeService(key: string, service: Service, changed: Set<string>): void {
    knownServices.set(key, service)
    const entry = entryOf(key)
    entry.service = service
    const ports = servicePorts(service, family)
    if (ports.length === entry.ports.length && same(ports, entry.ports)) return
    entry.ports = ports
    changed.add(key)
  }

  function takeSlices(slices: readonly EndpointSlice[]): Set<string> {
    const touched = new Set<string>()
    const replaced = replacedObjects(lastSlices, slices, objectKey)
    lastSlices = slices
    if (replaced) {
      for (const slice of replaced) if (isOurs(slice)) takeSlice(objectKey(slice), slice, touched)
    } else {
      const next = new Map<string, EndpointSlice>()
      for (const slice of slices) {
        if (!isOurs(slice)) continue
        const key = objectKey(slice)
        next.set(key, slice)
        if (knownSlices.get(key) !== slice) takeSlice(key, slice, touched)
      }
      for (const [key, slice] of knownSlices) if (!next.has(key)) drop(slice, touched)
      knownSlices = next
    }
    for (const key of touched) delete entryOf(key).endpoints
    return touched
  }

  /** The other family's slices are no business of this proxier. */
  function isOurs(slice: EndpointSlice): boolean {
    return slice.addressType === family && !isIgnored(slice)
  }

  function takeSlice(key: string, slice: EndpointSlice, touched: Set<string>): void {
    const known = knownSlices.get(key)
    knownSlices.set(key, slice)
    const owner = ownerKey(slice)
    const isSame = known !== undefined && sameSlice(known, slice)
    // A slice that comes to name another Service, or none, stays with the old one too: kube-proxy looks at the new form only.
    if (owner === undefined) return
    const entry = entryOf(owner)
    entry.slices = withSlice(entry.slices, slice)
    if (!isSame) touched.add(owner)
  }

  function drop(slice: EndpointSlice, touched: Set<string>): void {
    const owner = ownerKey(slice)
    if (owner === undefined) return
    const entry = entries.get(owner)
    if (entry) entry.slices = entry.slices.filter(({ metadata }) => metadata.name !== slice.metadata.name)
    touched.add(owner)
  }

  function track(key: string, entry: Entry): TrackedService | undefined {
    if (entry.ports.length === 0) return undefined
    entry.endpoints ??= serviceEndpoints(entry.slices, family, nodeName)
    const { endpoints } = entry
    return {
      key,
      ports: entry.ports.map((info) => ({
        info,
        endpoints: endpoints.get(portKey(info.portName, info.protocol)) ?? NONE,
      })),
    }
  }

  return {
    update: (services, slices) => {
      const changed = new Set<string>()
      takeServices(services, changed)
      const touched = takeSlices(slices)
      for (const key of touched) changed.add(key)
      const before = new Map<string, TrackedService>()
      const after = new Map<string, TrackedService>()
      let udpEndpointsChanged = false
      let reorder = false
      for (const key of changed) {
        const entry = entryOf(key)
        const old = entry.tracked
        const now = track(key, entry)
        if (old) before.set(key, old)
        if (touched.has(key)) udpEndpointsChanged ||= hasUdp(old) || hasUdp(now)
        reorder ||= (old === undefined) !== (now === undefined)
        if (now) {
          entry.tracked = now
          after.set(key, now)
        } else delete entry.tracked
        if (!entry.service && entry.slices.length === 0) entries.delete(key)
      }
      if (reorder) {
        sorted = [...entries.values()].flatMap(({ tracked }) => tracked ?? []).sort(compareServices)
        places = new Map(sorted.map(({ key }, place) => [key, place]))
      } else if (after.size > 0) {
        sorted = sorted.slice()
        for (const [key, service] of after) sorted[places.get(key) ?? 0] = service
      }
      return { services: sorted, changed, before, after, reordered: reorder, udpEndpointsChanged }
    },
  }
}

function hasUdp(service: TrackedService | undefined): boolean {
  return service?.ports.some(({ info }) => info.protocol === 'UDP') ?? false
}

/** By namespace, then name: `/` must not take part in the comparison. */
function compareServices(a: TrackedService, b: TrackedService): number {
  const [x, y] = [a.ports[0]?.info, b.ports[0]?.info]
  return compareText(x?.namespace ?? '', y?.namespace ?? '') || compareText(x?.service ?? '', y?.service ?? '')
}
