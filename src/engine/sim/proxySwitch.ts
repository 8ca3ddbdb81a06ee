import { findKind } from '../api/kinds.ts'
import type { Kind } from '../api/kinds.ts'
import type { DaemonSet } from '../api/types.ts'
import { invariant } from '../base/invariant.ts'
import type { ProxyMode } from '../proxy/types.ts'
import type { ApiServer } from '../store/apiServer.ts'
import type { Snapshot } from '../store/snapshot.ts'
import type { ConfigTexts } from './proxyConfigMap.ts'
import { releaseOf } from './proxyProcesses.ts'

const namespace = 'kube-system'
const name = 'kube-proxy'

/** The last release that had userspace mode. */
const userspaceVersion = 'v1.25.16'

/** The image that has `mode`: the cluster's own version of kube-proxy where it can. */
export function proxyImage(mode: ProxyMode, version: string): string {
  return `registry.k8s.io/kube-proxy:${mode === 'userspace' ? userspaceVersion : version}`
}

/**
 * `kubectl -n kube-system edit cm kube-proxy` and `delete pod -l k8s-app=kube-proxy`. To and from userspace mode the
 * DaemonSet's image changes too. False: there is no such ConfigMap, and nothing was done.
 */
export function switchMode(
  api: ApiServer,
  snapshot: Snapshot,
  texts: ConfigTexts,
  mode: ProxyMode,
  version: string,
): boolean {
  const map = snapshot.get('ConfigMap', `${namespace}/${name}`)
  if (!map) return false
  const text = (map['data'] as Readonly<Record<string, string>> | undefined)?.['config.conf'] ?? ''
  const next = texts.withMode(text, mode)
  api.patch(kindOf('v1', 'ConfigMap'), namespace, name, 'merge', { data: { 'config.conf': next } })
  const set = snapshot.get('DaemonSet', `${namespace}/${name}`)
  const image = set && imageFor(set, mode, version)
  if (image !== undefined) {
    const containers = [{ name, image }]
    api.patch(kindOf('apps/v1', 'DaemonSet'), namespace, name, 'strategic', {
      spec: { template: { spec: { containers } } },
    })
  }
  for (const pod of snapshot.sorted('Pod', 'namespace', namespace)) {
    if (pod.metadata.labels?.['k8s-app'] === name) api.remove(kindOf('v1', 'Pod'), namespace, pod.metadata.name)
  }
  return true
}

/** Undefined: the present one has the mode. */
function imageFor(set: DaemonSet, mode: ProxyMode, version: string): string | undefined {
  const image = set.spec.template.spec.containers.find((one) => one.name === name)?.image ?? ''
  const release = releaseOf(image) ?? Infinity
  const fits = mode === 'userspace' ? release <= 25 : mode === 'nftables' ? release >= 29 : release >= 26
  return fits ? undefined : proxyImage(mode, version)
}

function kindOf(apiVersion: string, kind: string): Kind {
  const found = findKind(apiVersion, kind)
  invariant(found !== undefined, kind)
  return found
}
