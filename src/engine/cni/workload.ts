import type { Container, Pod } from '../api/types.ts'
import type { AppBehaviour, FixedPage, Listener } from '../dataplane/network.ts'

/** What a known image does: what it listens on with which command, and how it behaves over time. */
export interface Program {
  readonly listeners: readonly Listener[]
  /** It ends by itself, after so many milliseconds. */
  readonly exit?: { readonly code: number; readonly afterMs: number }
  /** From SIGTERM to its end. Infinity: it ignores SIGTERM (a shell as process 1). */
  readonly stopMs: number
  /** False where kubehop does not know the image and takes it for a server on its declared ports. */
  readonly known: boolean
}

const nginxPage = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`

const httpdPage = '<html><body><h1>It works!</h1></body></html>\n'

function tcp(port: number, app: AppBehaviour, address: Listener['address'] = 'any'): Listener {
  return { protocol: 'TCP', port, address, app }
}

function udp(port: number, app: AppBehaviour): Listener {
  return { protocol: 'UDP', port, address: 'any', app }
}

/** `registry/library/nginx:1.27@sha256:…` to `nginx`. */
export function imageName(image: string): string {
  const path = image.split('@')[0] ?? ''
  const last = path.slice(path.lastIndexOf('/') + 1)
  return last.split(':')[0] ?? ''
}

function imageTag(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return last.includes(':') ? (last.split(':')[1] ?? 'latest') : 'latest'
}

/** Finds `--name=value` or `--name value` among arguments. */
function flag(words: readonly string[], name: string): string | undefined {
  for (const [i, word] of words.entries()) {
    if (word === `--${name}`) return words[i + 1]
    if (word.startsWith(`--${name}=`)) return word.slice(name.length + 3)
  }
  return undefined
}

type Describe = (pod: Pod, container: Container, words: readonly string[]) => Omit<Program, 'known'>

const server =
  (...listeners: readonly Listener[]): Describe =>
  () => ({ listeners, stopMs: 100 })

const nginx: Describe = (_pod, container, words) => {
  if (isShell(words)) return shellProgram(words)
  const version = imageTag(container.image ?? '').replace(/-.*$/, '')
  const name = /^[0-9]+\.[0-9]+/.test(version) ? `nginx/${version}` : 'nginx'
  return { listeners: [tcp(80, { type: 'http', server: name, files: { '/': nginxPage } })], stopMs: 100 }
}

const agnhost: Describe = (pod, _container, words) => {
  if (words.includes('serve-hostname')) {
    const port = Number(flag(words, 'port') ?? 9376)
    return { listeners: [tcp(port, { type: 'netexec', hostname: pod.metadata.name })], stopMs: 100 }
  }
  if (words.includes('grpc-health-checking')) {
    const pages = { '/make-serving': GRPC_SWITCH, '/make-not-serving': GRPC_SWITCH }
    return {
      listeners: [
        tcp(Number(flag(words, 'port') ?? 5000), { type: 'grpc' }),
        tcp(Number(flag(words, 'http-port') ?? 8080), { type: 'pages', pages }),
      ],
      stopMs: 100,
    }
  }
  if (words.includes('pause') || words.length === 0) return { listeners: [], stopMs: 100 }
  if (!words.includes('netexec')) return shellProgram(words)
  const app: AppBehaviour = { type: 'netexec', hostname: pod.spec.hostname ?? pod.metadata.name }
  const sctpPort = Number(flag(words, 'sctp-port') ?? -1)
  const http = Number(flag(words, 'http-port') ?? 8080)
  const datagrams = Number(flag(words, 'udp-port') ?? 8081)
  return {
    listeners: [
      tcp(http, app),
      ...(datagrams > 0 ? [udp(datagrams, app)] : []),
      ...(sctpPort > 0 ? [{ protocol: 'SCTP' as const, port: sctpPort, address: 'any' as const, app }] : []),
    ],
    stopMs: 100,
  }
}

/** The switch answers with the time since the start, and switches nothing here. */
const GRPC_SWITCH: FixedPage = { status: 200, type: 'text/plain; charset=utf-8', body: '' }

const coredns: Describe = () => ({
  listeners: [
    udp(53, { type: 'dns' }),
    tcp(53, { type: 'dns' }),
    tcp(9153, { type: 'http', server: '', files: { '/metrics': '' } }),
    tcp(8080, { type: 'http', server: '', files: { '/health': 'OK' } }),
    tcp(8181, { type: 'http', server: '', files: { '/ready': 'OK' } }),
  ],
  // kubeadm's Corefile: `health { lameduck 5s }`.
  stopMs: 5000,
})

/** Client images: nothing listens, the command decides how long they live. */
const client: Describe = (_pod, _container, words) => shellProgram(words)

const catalogue: Readonly<Record<string, Describe>> = {
  nginx,
  httpd: server(tcp(80, { type: 'http', server: 'Apache', files: { '/': httpdPage } })),
  agnhost,
  'echo-server': server(tcp(8080, { type: 'echo' })),
  echoserver: server(tcp(8080, { type: 'echo' })),
  'hello-app': (pod) => ({
    listeners: [
      tcp(8080, {
        type: 'http',
        server: '',
        files: { '/': `Hello, world!\nVersion: 1.0.0\nHostname: ${pod.metadata.name}\n` },
      }),
    ],
    stopMs: 100,
  }),
  whoami: (pod) => ({
    listeners: [tcp(80, { type: 'http', server: '', files: { '/': `Hostname: ${pod.metadata.name}\n` } })],
    stopMs: 100,
  }),
  redis: server(tcp(6379, { type: 'tcp', banner: '-ERR unknown command\r\n' })),
  mysql: server(tcp(3306, { type: 'tcp', banner: 'J\n8.0\n' })),
  postgres: server(tcp(5432, { type: 'tcp', banner: '' })),
  tomcat: server(tcp(8080, { type: 'http', server: '', files: {} })),
  coredns,
  busybox: client,
  alpine: client,
  curl: client,
  ubuntu: client,
  debian: client,
  netshoot: client,
  dnsutils: client,
  'jessie-dnsutils': client,
  pause: server(),
  'kube-apiserver': server(tcp(6443, { type: 'http', server: '', files: {} })),
  'kube-controller-manager': server(),
  'kube-scheduler': server(),
  etcd: server(),
  'kube-proxy': server(),
}

/**
 * What runs in `container`. `containerPort` neither opens nor closes a port, but an image that is not in the catalogue is
 * taken for a server on the ports that it declares.
 */
export function programOf(pod: Pod, container: Container): Program {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const describe = catalogue[imageName(container.image ?? '')]
  if (describe) return { ...describe(pod, container, words), known: true }
  if (isShell(words)) return { ...shellProgram(words), known: true }
  const listeners = (container.ports ?? []).map(({ containerPort, protocol }): Listener => ({
    protocol: protocol ?? 'TCP',
    port: containerPort,
    address: 'any',
    app: protocol === 'UDP' ? { type: 'echo' } : { type: 'http', server: '', files: { '/': `${pod.metadata.name}\n` } },
  }))
  return { listeners, stopMs: 100, known: false }
}

/** Everything that listens in the pod, sidecars included, once all of it runs. */
export function listenersOf(pod: Pod): readonly Listener[] {
  return [...sidecarsOf(pod), ...pod.spec.containers].flatMap((container) => programOf(pod, container).listeners)
}

/** Init containers that go on running beside the others. */
function sidecarsOf(pod: Pod): readonly Container[] {
  return (pod.spec.initContainers ?? []).filter((container) => container['restartPolicy'] === 'Always')
}

/** What listens now: a container that waits for its next start has no port open. A status that says nothing means it runs. */
export function openListeners(pod: Pod): readonly Listener[] {
  const { containerStatuses, initContainerStatuses } = (pod.status ?? {}) as {
    readonly containerStatuses?: readonly ReportedContainer[]
    readonly initContainerStatuses?: readonly ReportedContainer[]
  }
  const states = [...(initContainerStatuses ?? []), ...(containerStatuses ?? [])]
  const down = new Set(states.filter(({ state }) => state && !state.running).map(({ name }) => name))
  if (down.size === 0) return listenersOf(pod)
  return [...sidecarsOf(pod), ...pod.spec.containers]
    .filter(({ name }) => !down.has(name))
    .flatMap((container) => programOf(pod, container).listeners)
}

interface ReportedContainer {
  readonly name: string
  readonly state?: { readonly running?: unknown }
}

function isShell(words: readonly string[]): boolean {
  return /^(\/bin\/|\/usr\/bin\/)?(sh|bash|ash|sleep|tail|true|false)$/.test(words[0] ?? '')
}

/** A command line of a client: it sleeps, loops, listens with nc or httpd, or ends at once. */
function shellProgram(words: readonly string[]): Omit<Program, 'known'> {
  const text = words.join(' ')
  const listeners = shellListeners(text)
  if (/while\b|\btail -f\b|infinity|\bsleep (inf|[0-9]{4,}|[0-9]+[hd])\b/.test(text) || listeners.length > 0) {
    return { listeners, stopMs: Infinity }
  }
  const sleep = /\bsleep ([0-9]+)([smhd]?)/.exec(text)
  const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 }
  const afterMs = sleep ? Number(sleep[1]) * (units[sleep[2] ?? ''] ?? 1) * 1000 : 0
  const exit = /\bexit ([0-9]+)/.exec(text)
  const code = exit ? Number(exit[1]) : /(^|\/)false$/.test(words[0] ?? '') ? 1 : 0
  return { listeners, exit: { code, afterMs }, stopMs: Infinity }
}

function shellListeners(text: string): readonly Listener[] {
  const listeners: Listener[] = []
  for (const [, address, port] of text.matchAll(/\bhttpd\b[^;&|]*?-p (?:([0-9.]+):)?([0-9]+)/g)) {
    const at = address?.startsWith('127.') === true ? 'loopback' : 'any'
    listeners.push(tcp(Number(port), { type: 'http', server: '', files: { '/': '' } }, at))
  }
  for (const [words] of text.matchAll(/\bnc\b[^;&|]*/g)) {
    const port = /(?:-p ?|-l[a-z]* )([0-9]+)/.exec(words)?.[1]
    if (!/ -[a-z]*l/.test(words) || port === undefined) continue
    const isUdp = / -[a-z]*u/.test(words)
    listeners.push(isUdp ? udp(Number(port), { type: 'echo' }) : tcp(Number(port), { type: 'echo' }))
  }
  return listeners
}
