import { describe, expect, it } from 'vitest'
import { emptyShell } from './testing/emptyCluster.ts'

/** Long texts of the API server, by the name of the rule. */
const R1035 = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`
const R1123 = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`
const RSUB = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
const RKEY = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`
const RVAL = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`
const badPort = 'must be between 1 and 65535, inclusive'
const badIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const badRange = 'provided port is not in the valid range. The range of valid ports is 30000-32767'
const onlyLB = "may only be used when `type` is 'LoadBalancer'"
const port80 = 'ports: [{port: 80}]'

/** A Service's `spec` in flow style, and the causes; none: it is accepted. `name` and metadata may differ. */
type Row = readonly [spec: string, causes: readonly string[], name?: string, metadata?: string]

function manifest([spec, , name = 'web', metadata = '']: Row): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: "${name}", namespace: dev${metadata}}\nspec: {${spec}}\n`
}

function refusal(name: string, causes: readonly string[]): string {
  if (causes.length === 0) return ''
  const subject = `The Service "${name}" is invalid: `
  return causes.length === 1 ? `${subject}${causes.join('')}\n` : `${subject}\n* ${causes.join('\n* ')}\n`
}

const ports = (text: string): string => `ports: [${text}]`
const long = (n: number): string => 'a'.repeat(n)

const creations: readonly Row[] = [
  [port80, [`metadata.name: Invalid value: "1web": ${R1035}`], '1web'],
  [port80, [`metadata.name: Invalid value: "web_1": ${R1035}`], 'web_1'],
  [port80, [`metadata.name: Invalid value: "${long(64)}": must be no more than 63 characters`], long(64)],
  [port80, [`metadata.labels: Invalid value: "a b": ${RKEY}`], 'web', ', labels: {"a b": c}'],
  [port80, [`metadata.labels: Invalid value: "x!": ${RVAL}`], 'web', ', labels: {a: "x!"}'],
  [
    port80,
    [`metadata.labels: Invalid value: "${long(64)}": must be no more than 63 bytes`],
    'web',
    `, labels: {a: ${long(64)}}`,
  ],
  ['type: NodePort', ['spec.ports: Required value']],
  [ports('{port: 80}, {port: 81}'), ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']],
  [ports('{port: 80, name: -a}'), [`spec.ports[0].name: Invalid value: "-a": ${R1123}`]],
  [ports('{port: 80, name: sixteen-and-more-letters}'), []],
  [
    ports('{port: 80, targetPort: "8080"}'),
    ['spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z)'],
  ],
  [
    ports('{port: 80, targetPort: a-very-long-name-x}'),
    ['spec.ports[0].targetPort: Invalid value: "a-very-long-name-x": must be no more than 15 characters'],
  ],
  [
    ports('{port: 80, targetPort: -a}'),
    ['spec.ports[0].targetPort: Invalid value: "-a": must not begin or end with a hyphen'],
  ],
  [
    ports('{port: -1, targetPort: -1}'),
    [`spec.ports[0].port: Invalid value: -1: ${badPort}`, `spec.ports[0].targetPort: Invalid value: -1: ${badPort}`],
  ],
  [
    ports('{port: 80, protocol: tcp}'),
    ['spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"'],
  ],
  [ports('{port: 80, appProtocol: a b}'), [`spec.ports[0].appProtocol: Invalid value: "a b": ${RKEY}`]],
  [`type: NodePort, ${ports('{port: 80, nodePort: 80}')}`, [`spec.ports[0].nodePort: Invalid value: 80: ${badRange}`]],
  [`type: NodePort, ${ports('{port: 80, nodePort: -5}')}`, [`spec.ports[0].nodePort: Invalid value: -5: ${badRange}`]],
  [
    ports('{port: 80, nodePort: 30080}'),
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [`clusterIP: none, ${port80}`, [`spec.clusterIPs[0]: Invalid value: "none": ${badIP}`]],
  [
    `clusterIP: None, type: NodePort, ${port80}`,
    [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
  ],
  [
    `clusterIPs: [10.96.0.50], ${port80}`,
    ['spec.clusterIPs: Invalid value: ["10.96.0.50"]: must be empty when `clusterIP` is not specified'],
  ],
  [
    `clusterIP: 10.96.0.1, ${port80}`,
    [
      'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
    ],
  ],
  [
    `clusterIP: "fd00::5", ${port80}`,
    ['spec.clusterIPs[0]: Invalid value: ["fd00::5"]: IPv6 is not configured on this cluster'],
  ],
  [
    `clusterIP: 10.96.0.5, clusterIPs: [10.96.0.5, 10.96.0.6, 10.96.0.7], ${port80}`,
    [
      'spec.clusterIPs: Invalid value: ["10.96.0.5","10.96.0.6","10.96.0.7"]: may only hold up to 2 values',
      'spec.clusterIPs: Invalid value: ["10.96.0.5","10.96.0.6","10.96.0.7"]: may specify no more than one IP for each IP family',
    ],
  ],
  [`ipFamilies: [IPv4, IPv4], ${port80}`, ['spec.ipFamilies[1]: Duplicate value: "IPv4"']],
  [
    `ipFamilyPolicy: Foo, ${port80}`,
    [
      'spec.ipFamilyPolicy: Unsupported value: "Foo": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
    ],
  ],
  [`ipFamilyPolicy: PreferDualStack, ${port80}`, []],
  ['type: ExternalName', ['spec.externalName: Required value']],
  ['type: ExternalName, externalName: www_baidu.com', [`spec.externalName: Invalid value: "www_baidu.com": ${RSUB}`]],
  ['type: ExternalName, externalName: "http://a.b"', [`spec.externalName: Invalid value: "http://a.b": ${RSUB}`]],
  ['type: ExternalName, externalName: 1.2.3.4', []],
  [
    'type: ExternalName, externalName: a.b, clusterIP: 10.96.0.5',
    ['spec.clusterIPs: Forbidden: may not be set for ExternalName services'],
  ],
  [
    'type: ExternalName, externalName: a.b, ipFamilies: [IPv4]',
    ['spec.ipFamilies: Forbidden: may not be set for ExternalName services'],
  ],
  [
    `sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, ${port80}`,
    [
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400',
    ],
  ],
  [`sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, ${port80}`, []],
  [
    `type: Nodeport, ${port80}`,
    [
      'spec.type: Unsupported value: "Nodeport": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    `type: NodePort, externalTrafficPolicy: Foo, ${port80}`,
    ['spec.externalTrafficPolicy: Unsupported value: "Foo": supported values: "Cluster", "Local"'],
  ],
  [
    `internalTrafficPolicy: Foo, ${port80}`,
    ['spec.internalTrafficPolicy: Unsupported value: "Foo": supported values: "Cluster", "Local"'],
  ],
  [
    `type: NodePort, healthCheckNodePort: 31000, ${port80}`,
    [
      "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [`loadBalancerSourceRanges: [10.0.0.0/8], ${port80}`, [`spec.LoadBalancerSourceRanges: Forbidden: ${onlyLB}`]],
  [
    `type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.1], ${port80}`,
    [
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [`allocateLoadBalancerNodePorts: true, ${port80}`, [`spec.allocateLoadBalancerNodePorts: Forbidden: ${onlyLB}`]],
  [`loadBalancerClass: a/b, ${port80}`, [`spec.loadBalancerClass: Forbidden: ${onlyLB}`]],
  [
    `trafficDistribution: Foo, ${port80}`,
    [
      'spec.trafficDistribution: Unsupported value: "Foo": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
  [`externalIPs: [abc], ${port80}`, [`spec.externalIPs[0]: Invalid value: "abc": ${badIP}`]],
  [
    `externalIPs: [127.0.0.1], ${port80}`,
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    `externalIPs: [224.0.0.5], ${port80}`,
    [
      'spec.externalIPs[0]: Invalid value: "224.0.0.5": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ],
  ],
  [`selector: {"a b": c}, ${port80}`, [`spec.selector: Invalid value: "a b": ${RKEY}`]],
]

describe('creating a Service', () => {
  it.each(creations.map((row) => ({ row, spec: row[0] })))('$spec', ({ row }) => {
    const [, causes, name = 'web'] = row
    const shell = emptyShell({ files: { f: manifest(row) }, namespaces: ['dev'] })
    const { stderr, rc } = shell.run('kubectl apply -f f')
    expect(stderr).toBe(refusal(name, causes))
    expect(rc).toBe(causes.length === 0 ? 0 : 1)
  })
})

describe('changing a Service', () => {
  it.each<readonly [before: string, after: string, causes: readonly string[]]>([
    [
      `clusterIP: 10.96.0.5, ${port80}`,
      `clusterIP: 10.96.9.9, ${port80}`,
      ['spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set'],
    ],
    [
      `clusterIP: None, selector: {a: b}, ${port80}`,
      `clusterIP: 10.96.9.9, selector: {a: b}, ${port80}`,
      ['spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set'],
    ],
    [`clusterIP: None, ${port80}`, port80, []],
    [
      `type: LoadBalancer, ${port80}`,
      `type: LoadBalancer, loadBalancerClass: a/b, ${port80}`,
      ['spec.loadBalancerClass: Invalid value: "a/b": may not change once set'],
    ],
    [
      `type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31000, ${port80}`,
      `type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31001, ${port80}`,
      ['spec.healthCheckNodePort: Forbidden: field is immutable'],
    ],
    [`type: NodePort, ${ports('{port: 80, nodePort: 30080}')}`, `type: ClusterIP, ${port80}`, []],
    [`type: NodePort, ${ports('{port: 80, nodePort: 30080}')}`, 'type: ExternalName, externalName: a.b', []],
    ['type: ExternalName, externalName: a.b', `type: LoadBalancer, ${port80}`, []],
    [`type: LoadBalancer, externalTrafficPolicy: Local, ${port80}`, `type: NodePort, ${port80}`, []],
    [port80, `type: ExternalName, ${port80}`, ['spec.externalName: Required value']],
  ])('%s -> %s', (before, after, causes) => {
    const files = { a: manifest([before, []]), b: manifest([after, []]) }
    const shell = emptyShell({ files, namespaces: ['dev'] })
    expect(shell.run('kubectl apply -f a').rc).toBe(0)
    expect(shell.run('kubectl apply -f b').stderr).toBe(refusal('web', causes))
  })
})
