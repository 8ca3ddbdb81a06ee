import type { Container, KubeObject, Pod, Service } from '../engine/index.ts'

/** One choice of a picker; `value` is what `Request.from` or `.to` takes. */
export interface Choice {
  readonly value: string
  readonly name: string
  /** Its address, shown where there is room. */
  readonly address?: string
  readonly group: 'pods' | 'nodes' | 'outside' | 'services' | 'podPorts'
}

/** The machine outside on the nodes' LAN. */
export const OUTSIDE_HOST = '172.16.210.100'
const SYSTEM = 'kube-system'

type Objects = ReadonlyMap<string, KubeObject>

/** Who can send: running pods of users' namespaces, every node, the machine outside. */
export const sources = remembering(computeSources)

function computeSources(objects: Objects): readonly Choice[] {
  const nodes = nodeChoices(objects)
  // Before the cluster is there nobody can ask, the machine outside neither.
  if (nodes.length === 0) return []
  const pods = podsOf(objects).map(({ metadata: { name, namespace = 'default' }, status }): Choice => {
    return {
      value: `pod/${namespace}/${name}`,
      name: shown(name, namespace),
      ...(status?.podIP !== undefined && { address: status.podIP }),
      group: 'pods',
    }
  })
  // Clients first: who asks for a web page is seldom the web server.
  const clientsFirst = [...pods].sort(
    (a, b) => Number(isServer(objects, a)) - Number(isServer(objects, b)) || byName(a, b),
  )
  return [...clientsFirst, ...nodes, { value: `host/${OUTSIDE_HOST}`, name: OUTSIDE_HOST, group: 'outside' }]
}

/** Every node, by name. */
export function nodeChoices(objects: Objects): readonly Choice[] {
  return [...objects.values()]
    .filter((object) => object.kind === 'Node')
    .map((node): Choice => ({ value: `node/${node.metadata.name}`, name: node.metadata.name, group: 'nodes' }))
    .sort(byName)
}

/** What can be called: each port of each Service that has an address, then each declared port of each pod. */
export const targets = remembering(computeTargets)

function computeTargets(objects: Objects): readonly Choice[] {
  const services = [...objects.values()]
    .filter((object): object is Service => object.kind === 'Service')
    .flatMap((service) => serviceChoices(service))
    .sort((a, b) => Number(a.system) - Number(b.system) || byName(a.choice, b.choice))
    .map(({ choice }) => choice)
  const pods = podsOf(objects)
    .flatMap((pod) => podChoices(pod))
    .sort(byName)
  return [...services, ...pods]
}

function serviceChoices({ metadata: { name, namespace = 'default' }, spec }: Service) {
  const ip = spec.clusterIP
  if (ip === undefined || ip === '' || ip === 'None') return []
  const system = namespace === SYSTEM || (namespace === 'default' && name === 'kubernetes')
  return (spec.ports ?? []).map((port) => {
    const value = targetUrl(ip, port)
    const protocol = port.protocol === 'TCP' ? '' : `/${port.protocol}`
    const choice: Choice = {
      value,
      name: `${shown(name, namespace)}:${port.port}${protocol}`,
      address: ip,
      group: 'services',
    }
    return { choice, system }
  })
}

function podChoices({ metadata: { name, namespace = 'default' }, spec, status }: Pod): readonly Choice[] {
  const ip = status?.podIP
  if (ip === undefined) return []
  return portsOf(spec.containers).map(({ protocol, port }): Choice => {
    const value = targetUrl(ip, { protocol, port })
    return { value, name: `${shown(name, namespace)}:${port}`, address: ip, group: 'podPorts' }
  })
}

/** Web ports are asked for their page, others for a connection. */
function targetUrl(
  ip: string,
  { protocol, port, name = '' }: { readonly protocol: string; readonly port: number; readonly name?: string },
): string {
  const web = protocol === 'TCP' && (port === 80 || port === 8080 || name.startsWith('http'))
  return web && name !== 'https'
    ? `http://${bracketed(ip)}:${port}/`
    : `${protocol.toLowerCase()}://${bracketed(ip)}:${port}`
}

function portsOf(containers: readonly Container[]) {
  return containers.flatMap((container) =>
    (container.ports ?? []).map((port) => ({ protocol: port.protocol ?? 'TCP', port: port.containerPort })),
  )
}

function podsOf(objects: Objects): readonly Pod[] {
  return [...objects.values()].filter(
    (object): object is Pod =>
      object.kind === 'Pod' &&
      object.metadata.namespace !== SYSTEM &&
      (object as Pod).status?.podIP !== undefined &&
      object.metadata.deletionTimestamp === undefined,
  )
}

function isServer(objects: Objects, { value }: Choice): boolean {
  const pod = objects.get(`Pod/${value.slice('pod/'.length)}`) as Pod | undefined
  return pod !== undefined && portsOf(pod.spec.containers).length > 0
}

/** The namespace is said only where it is not one that the reader made. */
function shown(name: string, namespace: string): string {
  return namespace === 'default' || namespace === SYSTEM ? `${name}.${namespace}` : name
}

function bracketed(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip
}

function byName(a: Choice, b: Choice): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** The same answer for the same objects: selectors ask at every change of the store. */
function remembering(compute: (objects: Objects) => readonly Choice[]): (objects: Objects) => readonly Choice[] {
  const known = new WeakMap<Objects, readonly Choice[]>()
  return (objects) => {
    const choices = known.get(objects) ?? compute(objects)
    known.set(objects, choices)
    return choices
  }
}
