import type { Container, KubeObject, Node, Pod, Service } from '../engine/index.ts'

/** One choice of a picker; `value` is what `Request.from` or `.to` takes. */
export interface Choice {
  readonly value: string
  readonly name: string
  /** Its address, shown where there is room. */
  readonly address?: string
  readonly group: 'pods' | 'nodes' | 'outside' | 'services' | 'names' | 'nodePorts' | 'podPorts' | 'sites'
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
  return [
    ...clientsFirst,
    ...nodes,
    { value: `host/${OUTSIDE_HOST}`, name: 'laptop', address: OUTSIDE_HOST, group: 'outside' },
  ]
}

/** Every node, by name. */
export function nodeChoices(objects: Objects): readonly Choice[] {
  return [...objects.values()]
    .filter((object) => object.kind === 'Node')
    .map((node): Choice => ({ value: `node/${node.metadata.name}`, name: node.metadata.name, group: 'nodes' }))
    .sort(byName)
}

/** How the laptop reaches the cluster: over its own LAN, or with a node as its only gateway. */
export function gatewayChoices(objects: Objects): readonly Choice[] {
  return [{ value: '', name: 'the LAN', group: 'outside' }, ...nodeChoices(objects)]
}

/**
 * What can be called: each port of each Service that has an address, the Services by name, node ports and addresses of
 * load balancers, each declared port of each pod, and a site on the internet.
 */
export const targets = remembering(computeTargets)

function computeTargets(objects: Objects): readonly Choice[] {
  const services = [...objects.values()]
    .filter((object): object is Service => object.kind === 'Service')
    .sort((a, b) => Number(isSystem(a)) - Number(isSystem(b)) || compare(shownName(a), shownName(b)))
  const pods = podsOf(objects)
    .flatMap((pod) => podChoices(pod))
    .sort(byName)
  const own = services.filter((service) => !isSystem(service))
  return [
    ...services.flatMap((service) => addressChoices(service).sort(byName)),
    ...own.flatMap((service) => nameChoices(service)),
    ...own.flatMap((service) => outerChoices(service, objects)),
    ...pods,
    ...(services.length > 0 ? [SITE] : []),
  ]
}

const SITE: Choice = { value: 'http://www.baidu.com/', name: 'www.baidu.com', group: 'sites' }

type Port = NonNullable<Service['spec']['ports']>[number]

function isSystem({ metadata: { name, namespace = 'default' } }: Service): boolean {
  return namespace === SYSTEM || (namespace === 'default' && name === 'kubernetes')
}

const shownName = ({ metadata: { name, namespace = 'default' } }: Service): string => shown(name, namespace)
const portWord = (port: Port): string => `${port.port}${port.protocol === 'TCP' ? '' : `/${port.protocol}`}`

function addressChoices(service: Service): Choice[] {
  const ip = service.spec.clusterIP
  if (ip === undefined || ip === '' || ip === 'None') return []
  return (service.spec.ports ?? []).map((port) => {
    const name = `${shownName(service)}:${portWord(port)}`
    return { value: targetUrl(ip, port), name, address: ip, group: 'services' }
  })
}

/** By name: the client asks the cluster's DNS first. Of an ExternalName the port is the client's affair. */
function nameChoices(service: Service): readonly Choice[] {
  const { name, namespace = 'default' } = service.metadata
  const host = `${name}.${namespace}`
  const external = service.spec['externalName']
  if (typeof external === 'string' && external !== '') {
    return [{ value: `http://${host}/`, name: host, address: external, group: 'names' }]
  }
  return (service.spec.ports ?? []).map((port) => {
    // A headless name leads to the pods themselves, which know nothing of the Service's port.
    const headless = service.spec.clusterIP === 'None'
    const asked = headless && typeof port.targetPort === 'number' ? { ...port, port: port.targetPort } : port
    return { value: targetUrl(host, asked).replace(/:80\/$/, '/'), name: `${host}:${portWord(asked)}`, group: 'names' }
  })
}

/** How a Service is reached from outside: every node's port, the load balancer's addresses, external IPs. */
function outerChoices(service: Service, objects: Objects): readonly Choice[] {
  const ports = service.spec.ports ?? []
  const ingress = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]))
  const balanced = [...ingress, ...(service.spec.externalIPs ?? [])].flatMap((ip) =>
    ports.map((port): Choice => {
      const name = `${shownName(service)} at ${ip}:${portWord(port)}`
      return { value: targetUrl(ip, port), name, group: 'nodePorts' }
    }),
  )
  const nodes = nodeAddresses(objects)
  const nodePorts = ports.flatMap((port) => {
    const { nodePort } = port
    if (nodePort === undefined || nodePort === 0) return []
    return nodes.map(({ name, ip }): Choice => {
      const value = targetUrl(ip, port).replace(`:${port.port}`, `:${nodePort}`)
      return { value, name: `${shownName(service)} at ${name}:${nodePort}`, address: ip, group: 'nodePorts' }
    })
  })
  return [...balanced, ...nodePorts]
}

function nodeAddresses(objects: Objects): readonly { readonly name: string; readonly ip: string }[] {
  const nodes = [...objects.values()].filter((object): object is Node => object.kind === 'Node')
  return nodes
    .flatMap(({ metadata: { name }, status }) => {
      const ip = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
      return ip === undefined ? [] : [{ name, ip }]
    })
    .sort((a, b) => compare(a.name, b.name))
    .slice(0, 3)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

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
