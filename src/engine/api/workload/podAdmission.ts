import type { Random } from '../../base/random.ts'
import type { Pod } from '../types.ts'
import { asList } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Five characters as the API server appends them to generated names. */
export function nameSuffix(random: Random): string {
  let suffix = ''
  for (let i = 0; i < 5; i++) suffix += suffixAlphabet.charAt(random.below(suffixAlphabet.length))
  return suffix
}

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'

function tokenVolume(name: string): Loose {
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
    {
      downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }] },
    },
  ]
  return { name, projected: { defaultMode: 420, sources } }
}

function mountToken(container: Loose, volume: string): Loose {
  const mounts = asList(container['volumeMounts'])
  if (mounts.some((mount) => mount['mountPath'] === tokenPath)) return container
  return { ...container, volumeMounts: [...mounts, { mountPath: tokenPath, name: volume, readOnly: true }] }
}

function withTolerations(spec: Loose): Loose {
  const tolerations = asList(spec['tolerations'])
  const tolerates = (key: string): boolean =>
    tolerations.some(
      (toleration) =>
        ((toleration['key'] ?? '') === '' || toleration['key'] === key) &&
        ((toleration['effect'] ?? '') === '' || toleration['effect'] === 'NoExecute'),
    )
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !tolerates(key))
    .map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 }))
  return added.length === 0 ? spec : { ...spec, tolerations: [...tolerations, ...added] }
}

/**
 * What the admission plugins add to a new pod: service account and its token, the two standard tolerations, priority.
 * Source: kubernetes plugin/pkg/admission, serviceaccount, defaulttolerationseconds and priority.
 */
export function admitPodSpec(pod: Pod, random: Random): Pod {
  const account = pod.spec['serviceAccountName'] ?? 'default'
  let spec: Loose = { ...pod.spec, serviceAccount: account, serviceAccountName: account }
  const mounted = asList(spec['containers']).every((container) =>
    asList(container['volumeMounts']).some((mount) => mount['mountPath'] === tokenPath),
  )
  if (spec['automountServiceAccountToken'] !== false && !(mounted && asList(spec['containers']).length > 0)) {
    const volume = `kube-api-access-${nameSuffix(random)}`
    spec = { ...spec, volumes: [...asList(spec['volumes']), tokenVolume(volume)] }
    for (const list of ['containers', 'initContainers']) {
      if (spec[list] !== undefined) {
        spec = { ...spec, [list]: asList(spec[list]).map((container) => mountToken(container, volume)) }
      }
    }
  }
  spec = { preemptionPolicy: 'PreemptLowerPriority', priority: 0, ...withTolerations(spec) }
  return { ...pod, spec: spec as Pod['spec'] }
}
