import { describe, expect, it } from 'vitest'
import { findKind } from '../api/kinds.ts'
import type { Json } from '../api/json.ts'
import type { KubeObject, Node } from '../api/types.ts'
import { createSim } from './createSim.ts'
import type { Sim } from './createSim.ts'

// Three nodes; node01 is the control plane with its NoSchedule taint. Messages: kube-scheduler v1.35 plugins and
// pkg/controller/tainteviction, nodelifecycle.

type Fields = Readonly<Record<string, Json>>

function deploy(sim: Sim, replicas: number, spec: Fields, container: Fields = {}): void {
  const body: Json = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
      },
    },
  }
  const kind = findKind('apps/v1', 'Deployment')
  const made = kind && sim.api.create(kind, 'default', body)
  if (made?.ok !== true) throw new Error(JSON.stringify(made))
  sim.settle()
}

const nodesOfPods = (sim: Sim): readonly string[] =>
  sim.store
    .sorted('Pod', 'namespace', 'default')
    .map(({ spec }) => spec.nodeName ?? 'none')
    .sort()

/** Messages of the events with `reason`, each once, names of pods without their hash. */
function messages(sim: Sim, reason: string): readonly string[] {
  const all = [...sim.store.list('Event')].filter((event) => event.reason === reason)
  return [...new Set(all.map(({ message }) => message.replace(/web-[0-9a-z]+-[0-9a-z]+/, 'POD')))]
}

function setNode(sim: Sim, name: string, change: (node: Node) => Partial<Node>): void {
  const node = sim.store.get('Node', name)
  const kind = findKind('v1', 'Node')
  if (!node || !kind) throw new Error(name)
  const made = sim.api.replace(kind, '', { ...node, ...change(node) } as unknown as Json)
  if (!made.ok) throw new Error(JSON.stringify(made.status))
  sim.settle()
}

const tainted = 'node(s) had untolerated taint(s)'
const victims = 'No preemption victims found for incoming pod'
const helpless = 'Preemption is not helpful for scheduling'
const failure = (why: string, preemption: string): string =>
  `0/3 nodes are available: ${why}. no new claims to deallocate, preemption: 0/3 nodes are available: ${preemption}.`

const byHost = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }

describe('filters', () => {
  it.each<{
    name: string
    replicas: number
    spec?: Fields
    container?: Fields
    nodes: readonly string[]
    message: string
  }>([
    {
      name: 'pods of one round share what a node has',
      replicas: 4,
      container: { resources: { requests: { cpu: '3' } } },
      nodes: ['node02', 'node03', 'none', 'none'],
      message: failure(`1 ${tainted}, 2 Insufficient cpu`, `1 ${helpless}, 2 ${victims}`),
    },
    {
      name: 'more than a node has at all',
      replicas: 1,
      container: { resources: { requests: { cpu: '300', memory: '1Ti' } } },
      nodes: ['none'],
      message: failure(`1 ${tainted}, 2 Insufficient cpu, 2 Insufficient memory`, `3 ${helpless}`),
    },
    {
      name: 'a host port is there once a node',
      replicas: 3,
      container: { ports: [{ containerPort: 80, hostPort: 8080 }] },
      nodes: ['node02', 'node03', 'none'],
      message: failure(
        `1 ${tainted}, 2 node(s) didn't have free ports for the requested pod ports`,
        `1 ${helpless}, 2 ${victims}`,
      ),
    },
    {
      name: 'anti-affinity to its own kind',
      replicas: 3,
      spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [byHost] } } },
      nodes: ['node02', 'node03', 'none'],
      message: failure(`1 ${tainted}, 2 node(s) didn't match pod anti-affinity rules`, `1 ${helpless}, 2 ${victims}`),
    },
    {
      name: 'a spread over a label that no node has',
      replicas: 1,
      spec: {
        topologySpreadConstraints: [
          { ...byHost, topologyKey: 'example.com/rack', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
        ],
      },
      nodes: ['none'],
      message: failure(
        `1 ${tainted}, 2 node(s) didn't match pod topology spread constraints (missing required label)`,
        `3 ${helpless}`,
      ),
    },
    {
      name: 'a node selector that nothing matches',
      replicas: 1,
      spec: { nodeSelector: { disk: 'ssd' } },
      nodes: ['none'],
      message: failure(`1 ${tainted}, 2 node(s) didn't match Pod's node affinity/selector`, `3 ${helpless}`),
    },
  ])('$name', ({ replicas, spec = {}, container = {}, nodes, message }) => {
    const sim = createSim({ seed: 2 })
    deploy(sim, replicas, spec, container)
    expect(nodesOfPods(sim)).toEqual(nodes)
    expect(messages(sim, 'FailedScheduling')).toContain(message)
  })

  it('affinity to its own kind keeps all on the node of the first', () => {
    const sim = createSim({ seed: 2 })
    deploy(sim, 4, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [byHost] } } })
    expect(new Set(nodesOfPods(sim)).size).toBe(1)
  })

  it('a spread of at most one', () => {
    const sim = createSim({ seed: 2 })
    const tolerations = [{ operator: 'Exists' }]
    const spread = { ...byHost, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }
    deploy(sim, 6, { tolerations, topologySpreadConstraints: [spread] })
    expect(nodesOfPods(sim)).toEqual(['node01', 'node01', 'node02', 'node02', 'node03', 'node03'])
  })
})

describe('nodes', () => {
  it('a taint with NoExecute drives out at once who does not tolerate it', () => {
    const sim = createSim({ seed: 2 })
    deploy(sim, 2, {})
    expect(nodesOfPods(sim)).toEqual(['node02', 'node03'])
    setNode(sim, 'node02', ({ spec }) => ({
      spec: { ...spec, taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] },
    }))
    expect(nodesOfPods(sim)).toEqual(['node03', 'node03'])
    expect(messages(sim, 'TaintManagerEviction')).toEqual(['Marking for deletion Pod default/POD'])
  })

  it('who tolerates it for a while stays that long, and for good when the taint goes before', () => {
    const sim = createSim({ seed: 2 })
    deploy(sim, 2, { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }] })
    const taint = (taints: readonly Json[]): void => {
      setNode(sim, 'node02', ({ spec }) => ({ spec: { ...spec, taints } as unknown as Node['spec'] }))
    }
    const kind = findKind('v1', 'Node')
    if (!kind) throw new Error('no Node')
    const node = sim.store.get('Node', 'node02') as KubeObject
    sim.api.replace(kind, '', {
      ...node,
      spec: { ...(node['spec'] as object), taints: [{ key: 'k', effect: 'NoExecute' }] },
    } as unknown as Json)
    sim.advance(30_000)
    expect(nodesOfPods(sim)).toEqual(['node02', 'node03'])
    taint([])
    expect(messages(sim, 'TaintManagerEviction')).toEqual(['Cancelling deletion of Pod default/POD'])
    expect(nodesOfPods(sim)).toEqual(['node02', 'node03'])
  })

  it('the pods of a silent node say why they are not ready', () => {
    const sim = createSim({ seed: 2 })
    deploy(sim, 2, {})
    sim.cluster.setNodeUp('node02', false)
    sim.advance(60_000)
    expect(messages(sim, 'NodeNotReady')).toContain('Node is not ready')
  })
})
