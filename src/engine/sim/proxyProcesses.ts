import { invalid } from '../api/fieldError.ts'
import type { FieldError } from '../api/fieldError.ts'
import type { Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { imageName } from '../cni/workload.ts'
import { parseProxyConfig, textAt } from '../proxy/config.ts'
import type { RawProxyConfig } from '../proxy/config.ts'
import { proxyNode } from '../proxy/nodeFacts.ts'
import { startOn } from '../proxy/startUp.ts'
import type { ProxyConfig } from '../proxy/types.ts'
import { configFailure, validateProxyConfig } from '../proxy/validateConfig.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { ConfigTexts } from './proxyConfigMap.ts'

/** One run of the process kube-proxy: what it read when it started. */
export interface ProxyRun {
  readonly startedAt: SimTime
  /** Minor release, by the image's tag. */
  readonly release: number
  /** Absent: it ended at once, and `log` says why. */
  readonly config?: ProxyConfig
  readonly log: readonly string[]
}

/** The kube-proxy processes of the cluster, a row of runs per pod. */
export interface ProxyProcesses {
  /** What happens to the run of `pod` that starts at `startedAt`: it reads its configuration then, and only then. */
  readonly exitOf: (pod: Pod, startedAt: SimTime) => { readonly code: number; readonly afterMs: number } | undefined
  /** The last run of the pod. */
  readonly lastRun: (pod: Pod) => ProxyRun | undefined
  readonly forget: (pod: Pod) => void
}

/** From the start of the process until it gives up. */
const failsAfterMs = 100

export function createProxyProcesses(snapshot: Snapshot, texts: ConfigTexts): ProxyProcesses {
  const runs = new Map<string, Map<SimTime, ProxyRun>>()
  const idOf = ({ metadata }: Pod): string => metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`
  return {
    exitOf: (pod, startedAt) => {
      const own = runs.get(idOf(pod)) ?? new Map<SimTime, ProxyRun>()
      runs.set(idOf(pod), own)
      const run = own.get(startedAt) ?? startRun(snapshot, texts, pod, startedAt)
      own.set(startedAt, run)
      return run.config ? undefined : { code: 1, afterMs: failsAfterMs }
    },
    lastRun: (pod) => [...(runs.get(idOf(pod))?.values() ?? [])].at(-1),
    forget: (pod) => {
      runs.delete(idOf(pod))
    },
  }
}

/** Whether the pod is a node's kube-proxy. */
export function isProxyPod({ spec }: Pod): boolean {
  return spec.hostNetwork === true && spec.containers.some(isProxyContainer)
}

export function isProxyContainer({ image = '' }: Container): boolean {
  return imageName(image) === 'kube-proxy'
}

/** 35 for `kube-proxy:v1.35.4`; undefined for tags that say nothing. */
export function releaseOf(image: string): number | undefined {
  const minor = /:v1\.(\d+)/.exec(image)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

const LATEST = 35

function startRun(snapshot: Snapshot, texts: ConfigTexts, pod: Pod, startedAt: SimTime): ProxyRun {
  const container = pod.spec.containers.find(isProxyContainer)
  const release = releaseOf(container?.image ?? '') ?? LATEST
  const begun = { startedAt, release }
  const raw = readConfig(snapshot, texts, pod, container)
  if (typeof raw === 'string') return { ...begun, log: [`"command failed" err=${JSON.stringify(raw)}`] }
  const failure = configFailure([...validateProxyConfig(raw), ...modeFault(textAt(raw, 'mode'), release)])
  if (failure !== undefined) return { ...begun, log: [failure] }
  const node = snapshot.get('Node', pod.spec.nodeName ?? '')
  if (!node) return { ...begun, log: ['"command failed" err="failed run: there is no such node"'] }
  const config = parseProxyConfig(raw, { nodeName: node.metadata.name })
  const facts = proxyNode(node)
  const start = startOn(config, { ...facts, release: facts.release ?? release })
  return start.mode ? { ...begun, config, log: start.log } : { ...begun, log: start.log }
}

/** The file that the pod's volume brings in. The error is what kube-proxy says about it. */
function readConfig(
  snapshot: Snapshot,
  texts: ConfigTexts,
  pod: Pod,
  container: Container | undefined,
): RawProxyConfig | string {
  const words = [...(container?.command ?? []), ...(container?.args ?? [])]
  const path = words.find((word) => word.startsWith('--config='))?.slice('--config='.length) ?? defaultPath
  const volumes = (pod.spec['volumes'] ?? []) as readonly { readonly configMap?: { readonly name?: string } }[]
  const name = volumes.find(({ configMap }) => configMap)?.configMap?.name ?? 'kube-proxy'
  const map = snapshot.get('ConfigMap', `${pod.metadata.namespace ?? ''}/${name}`)
  const data = map?.['data'] as Readonly<Record<string, string>> | undefined
  const text = data?.[path.slice(path.lastIndexOf('/') + 1)]
  if (text === undefined) return `failed complete: open ${path}: no such file or directory`
  const read = texts.read(text)
  if (!read.ok) return `failed complete: ${read.error}`
  const { value } = read
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return "failed complete: Object 'Kind' is missing in a text without keys"
  }
  return shapeFault(value as RawProxyConfig) ?? (value as RawProxyConfig)
}

const defaultPath = '/var/lib/kube-proxy/config.conf'
const version = 'kubeproxy.config.k8s.io/v1alpha1'

function shapeFault(raw: RawProxyConfig): string | undefined {
  const [kind, apiVersion] = [textAt(raw, 'kind'), textAt(raw, 'apiVersion')]
  if (kind === '') return `failed complete: Object 'Kind' is missing in '${JSON.stringify(raw)}'`
  if (apiVersion === '') return `failed complete: Object 'apiVersion' is missing in '${JSON.stringify(raw)}'`
  if (apiVersion === version && kind === 'KubeProxyConfiguration') return wrongType(raw)
  return `failed complete: no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/proxy/apis/config/scheme/scheme.go:31"`
}

/** Fields whose type matters here: Go's words for a value that does not fit. */
const types: Readonly<Record<string, 'string' | 'bool' | 'int32' | 'object' | '[]string'>> = {
  mode: 'string',
  bindAddress: 'string',
  clusterCIDR: 'string',
  detectLocalMode: 'string',
  healthzBindAddress: 'string',
  metricsBindAddress: 'string',
  hostnameOverride: 'string',
  nodePortAddresses: '[]string',
  oomScoreAdj: 'int32',
  'iptables.masqueradeAll': 'bool',
  'iptables.masqueradeBit': 'int32',
  'iptables.localhostNodePorts': 'bool',
  'ipvs.scheduler': 'string',
  'ipvs.strictARP': 'bool',
  'ipvs.excludeCIDRs': '[]string',
  'nftables.masqueradeAll': 'bool',
  'nftables.masqueradeBit': 'int32',
  'conntrack.maxPerCore': 'int32',
  'conntrack.min': 'int32',
  'conntrack.tcpBeLiberal': 'bool',
}

function wrongType(raw: RawProxyConfig): string | undefined {
  for (const [path, type] of Object.entries(types)) {
    const [first = '', second] = path.split('.')
    const holder = second === undefined ? raw : raw[first]
    const value = (holder as RawProxyConfig | undefined | null)?.[second ?? first]
    const is = goKind(value)
    if (is === undefined || is === GO_KINDS[type]) continue
    const target = `Go struct field KubeProxyConfiguration.${path} of type ${type === 'string' && path === 'mode' ? 'v1alpha1.ProxyMode' : type}`
    return `failed complete: json: cannot unmarshal ${is} into ${target}`
  }
  return undefined
}

const GO_KINDS = { string: 'string', bool: 'bool', int32: 'number', object: 'object', '[]string': 'array' } as const

function goKind(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Modes come and go with the releases. The modes that no release has are `validateProxyConfig`'s to refuse. */
function modeFault(mode: string, release: number): FieldError[] {
  const gone = mode === 'userspace' && release >= 26
  const unborn = mode === 'nftables' && release < 29
  if (!gone && !unborn) return []
  const modes = ['iptables', 'ipvs', ...(release < 26 ? ['userspace'] : []), ...(release >= 29 ? ['nftables'] : [])]
  const detail = `must be ${modes.join(', ')} or blank (blank means the best-available proxy [currently iptables])`
  return [invalid('KubeProxyConfiguration.Mode.ProxyMode', mode, detail)]
}
