import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runRules } from './rules.ts'
import { runTrace } from './trace.ts'
import { UsageError } from './usageError.ts'

const dir = mkdtempSync(join(tmpdir(), 'kubehop-'))
function file(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

const quiet = { stdout: () => undefined, stderr: () => undefined }

/** The sentence that the command ends with, without the folder. */
function refusal(run: () => number): string {
  try {
    run()
  } catch (error) {
    if (error instanceof UsageError) return error.message.replaceAll(`${dir}/`, '')
    throw error
  }
  return 'nothing is wrong'
}

const node = `apiVersion: v1
kind: Node
metadata: {name: node01}
status: {addresses: [{type: InternalIP, address: 172.16.210.11}]}
`
const service = (spec: string): string => `${node}---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: dev}
spec:
  clusterIP: 10.96.0.1
${spec}`

it.each([
  ['a: b: c\n', 'line 1: error converting YAML to JSON: yaml: mapping values are not allowed in this context'],
  ['hello\n', 'line 1: not a Kubernetes object: it has no kind'],
  ['apiVersion: v1\nkind: Node\nmetadata:\n  name: 5\n', 'line 4: Node has no metadata.name'],
  [
    service('  ports:\n  - port: x\n'),
    'line 12: Service dev/web: spec.ports[0].port: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
  ],
  [
    service('  clusterIPs: [10.96.0.1, nowhere]\n'),
    'line 11: Service dev/web: spec.clusterIPs[1]: Invalid value: "nowhere": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  [
    '{"apiVersion": "v1", "kind": "List", "items": [\n{"apiVersion": "v1", "kind": "Pod",\n"metadata": {"name": "p"}, "spec": 7}]}',
    'line 3: Pod p: spec: json: cannot unmarshal number into Go struct field Pod.spec of type v1.PodSpec',
  ],
])('of the dump %j the line and the field are named', (text, words) => {
  const dump = file('dump.yaml', text)
  expect(refusal(() => runRules({ dump }, quiet))).toBe(`dump.yaml: ${words}`)
  expect(refusal(() => runTrace({ dump, from: 'node/node01', to: 'tcp://10.96.0.1:80' }, quiet))).toBe(
    `dump.yaml: ${words}`,
  )
})

it.each([
  ['iptables: [\n', 'line 3: error converting YAML to JSON: yaml: line 3: did not find expected node content'],
  [
    'iptables:\n  masqueradeBit: 99\n',
    'line 4: KubeProxyConfiguration.KubeProxyIPTablesConfiguration.MasqueradeBit: Invalid value: 99: must be within the range [0, 31]',
  ],
  [
    'conntrack: {min: 1,\n  udpTimeout: -1s}\n',
    'line 4: KubeProxyConfiguration.KubeProxyLinuxConfiguration.KubeProxyConntrackConfiguration.UDPTimeout: Invalid value: "-1s": must be greater than or equal to 0',
  ],
  [
    'mode: ipvs\nipvs:\n  minSyncPeriod: 40s\n',
    'line 4: KubeProxyConfiguration.SyncPeriod: Invalid value: "40s": must be greater than or equal to KubeProxyConfiguration.MinSyncPeriod',
  ],
  [
    'nodePortAddresses:\n- 10.0.0.0/8\n- primary\n',
    "line 5: KubeProxyConfiguration.NodePortAddresses[1]: Invalid value: \"primary\": can't use both 'primary' and CIDRs",
  ],
  [
    'clusterCIDR: nowhere\n',
    'line 3: KubeProxyConfiguration.DetectLocalConfiguration.ClusterCIDRs[0]: Invalid value: "nowhere": must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
  ],
  [
    'ipvs:\n  strictARP: "yes"\n',
    'line 4: failed to decode: json: cannot unmarshal string into Go struct field KubeProxyIPVSConfiguration.ipvs.strictARP of type bool',
  ],
  ['hostnameOverride: node09\n', 'line 3: hostnameOverride: there is no Node named "node09"'],
])('of the configuration %j too', (text, words) => {
  const head = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n'
  const [dump, config] = [file('ok.yaml', node), file('proxy.yaml', head + text)]
  expect(refusal(() => runRules({ dump, config }, quiet))).toBe(`proxy.yaml: ${words}`)
})

it('a node that is not there is named with the flag or the file that asks for it', () => {
  const dump = file('ok.yaml', node)
  expect(refusal(() => runRules({ dump, node: 'node09' }, quiet))).toBe('--node: there is no Node named "node09"')
  const empty = file('empty.yaml', '')
  expect(refusal(() => runRules({ dump: empty }, quiet))).toBe('empty.yaml: there is no Node among the objects')
})
