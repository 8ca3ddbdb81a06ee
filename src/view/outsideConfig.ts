import type { KubeObject } from '../engine/index.ts'

/** How the world around the cluster is set, as the ConfigMap `kube-system/outside-world` says it. */
export interface OutsideConfig {
  /** Whether a cloud gives addresses to Services of type LoadBalancer. */
  readonly loadBalancer: boolean
  /** What the firewall before the nodes closes, `tcp 30080, tcp 30081`; absent while it closes nothing. */
  readonly closedPorts?: string
}

export const NOTHING_SET: OutsideConfig = { loadBalancer: false }

/** What `object` says about the world outside; undefined: it is another object. */
export function outsideConfig({ kind, metadata, data }: KubeObject): OutsideConfig | undefined {
  if (kind !== 'ConfigMap' || metadata.namespace !== 'kube-system' || metadata.name !== 'outside-world')
    return undefined
  const text = (key: string): string => {
    const value = (data as Readonly<Record<string, unknown>> | undefined)?.[key]
    return typeof value === 'string' ? value : ''
  }
  const closed = text('firewall')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return {
    loadBalancer: /^(on|true|yes)$/i.test(text('load-balancer').trim()),
    ...(closed.length > 0 && { closedPorts: closed.join(', ') }),
  }
}
