import { expect, it } from 'vitest'
import { runShell } from './sh.ts'

/** What `kubehop sh -c` prints for each command of the list, errors included. */
async function shell(...commands: readonly string[]): Promise<readonly string[]> {
  const texts: string[] = []
  for (let i = 1; i <= commands.length; i++) {
    let text = ''
    const write = (more: string): void => {
      text += more
    }
    await runShell(undefined, { command: commands.slice(0, i).join('; ') }, { stdout: write, stderr: write })
    texts.push(text)
  }
  return texts.map((text, i) => text.slice(texts[i - 1]?.length ?? 0))
}

const configMap = `apiVersion: kubeproxy.config.k8s.io/v1alpha1\\nkind: KubeProxyConfiguration\\nclusterCIDR: 10.244.0.0/16\\nmode: ipvs\\n`

it('the tutorial: edit the ConfigMap, delete the pods, look at the virtual servers', async () => {
  const [none, patched, still, deleted, servers, mode] = await shell(
    'ipvsadm -Ln',
    `kubectl -n kube-system patch cm kube-proxy -p '{"data":{"config.conf":"${configMap}"}}'`,
    'ipvsadm -Ln',
    'kubectl delete pod -l k8s-app=kube-proxy -n kube-system',
    'ipvsadm -Ln',
    'curl -s http://127.0.0.1:10249/proxyMode',
  )
  expect(none).not.toContain('10.98.98.98')
  expect(patched).toBe('configmap/kube-proxy patched\n')
  expect(still).toBe(none)
  expect(deleted?.match(/pod "kube-proxy-.{5}" deleted/g)).toHaveLength(3)
  expect(servers).toMatch(/TCP {2}10\.98\.98\.98:80 rr\n( {2}-> 10\.244\.\d\.\d+:80 +Masq +1 .*\n){3}/)
  expect(mode).toBe('ipvs')
})
