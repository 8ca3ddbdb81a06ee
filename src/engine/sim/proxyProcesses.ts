import { invalid } from '../api/fieldError.ts'
import type { FieldError } from '../api/fieldError.ts'
import type { Container, Pod } from '../api/types.ts'
import type { SimTime } from '../base/time.ts'
import { imageName } from '../cni/workload.ts'
import { parseProxyConfig, textAt } from '../proxy/config.ts'
import { decodeProxyConfig } from '../proxy/decodeConfig.ts'
import type { DecodedConfig } from '../proxy/decodeConfig.ts'
import { proxyNode } from '../proxy/nodeFacts.ts'
import { startOn } from '../proxy/startUp.ts'
import type { ProxyConfig } from '../proxy/types.ts'
import { configFailure, validateProxyConfig } from '../proxy/validateConfig.ts'
import { loggingFailure } from '../proxy/validateLogging.ts'
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
  const read = readConfig(snapshot, texts, pod, container)
  if (typeof read === 'string') return { ...begun, log: [`"command failed" err=${JSON.stringify(read)}`] }
  const { raw, strictFault } = read
  const log = strictFault === undefined ? [] : [lenient(strictFault)]
  const failure =
    loggingFailure(raw) ?? configFailure([...validateProxyConfig(raw), ...modeFault(textAt(raw, 'mode'), release)])
  if (failure !== undefined) return { ...begun, log: [...log, failure] }
  const node = snapshot.get('Node', pod.spec.nodeName ?? '')
  if (!node) return { ...begun, log: [...log, '"command failed" err="failed run: there is no such node"'] }
  const config = parseProxyConfig(raw, { nodeName: node.metadata.name })
  const facts = proxyNode(node)
  const start = startOn(config, { ...facts, release: facts.release ?? release })
  return { ...begun, ...(start.mode && { config }), log: [...log, ...start.log] }
}

/** klog prints a value of several lines as a block. */
function lenient(fault: string): string {
  const text = fault.includes('\n') ? `<\n\t${fault.replaceAll('\n', '\n\t')}\n >` : JSON.stringify(fault)
  return `"Using lenient decoding as strict decoding failed" err=${text}`
}

/** The file that the pod's volume brings in. The error is what kube-proxy says about it. */
function readConfig(
  snapshot: Snapshot,
  texts: ConfigTexts,
  pod: Pod,
  container: Container | undefined,
): Extract<DecodedConfig, { readonly raw: unknown }> | string {
  const words = [...(container?.command ?? []), ...(container?.args ?? [])]
  const path = words.find((word) => word.startsWith('--config='))?.slice('--config='.length) ?? defaultPath
  const volumes = (pod.spec['volumes'] ?? []) as readonly { readonly configMap?: { readonly name?: string } }[]
  const name = volumes.find(({ configMap }) => configMap)?.configMap?.name ?? 'kube-proxy'
  const map = snapshot.get('ConfigMap', `${pod.metadata.namespace ?? ''}/${name}`)
  const data = map?.['data'] as Readonly<Record<string, string>> | undefined
  const text = data?.[path.slice(path.lastIndexOf('/') + 1)]
  if (text === undefined) return `failed complete: open ${path}: no such file or directory`
  const read = texts.read(text)
  const decoded: DecodedConfig = read.ok ? decodeProxyConfig({ text, ...read.value }) : { error: read.error }
  if ('error' in decoded) return `failed complete: failed to decode: ${decoded.error}`
  return decoded
}

const defaultPath = '/var/lib/kube-proxy/config.conf'

/** Modes come and go with the releases. The modes that no release has are `validateProxyConfig`'s to refuse. */
function modeFault(mode: string, release: number): FieldError[] {
  const gone = mode === 'userspace' && release >= 26
  const unborn = mode === 'nftables' && release < 29
  if (!gone && !unborn) return []
  const modes = ['iptables', 'ipvs', ...(release < 26 ? ['userspace'] : []), ...(release >= 29 ? ['nftables'] : [])]
  const detail = `must be ${modes.join(', ')} or blank (blank means the best-available proxy [currently iptables])`
  return [invalid('KubeProxyConfiguration.Mode.ProxyMode', mode, detail)]
}
