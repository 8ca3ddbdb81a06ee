import { describe, expect, it } from 'vitest'
import type { Ip, KubeObject, NodeTables, Trace, TraceEvent } from '../engine/index.ts'
import { defaultInputs } from './defaultScenario.ts'
import { isDirty } from './manifestsSlice.ts'
import { selectTablesNode } from './select.ts'
import { createAppStore } from './store.ts'
import { stopsOf } from './stops.ts'
import { createFakePort } from './testing/fakePort.ts'

const anObject = (kind: string, name: string, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(kind === 'Node' ? {} : { namespace: 'dev' }) },
  ...extra,
})

const at = (where: string, event: object): TraceEvent => ({ time: 0, at: where, packetId: 1, ...event }) as TraceEvent

const syn = {
  id: 1,
  protocol: 'TCP',
  source: { ip: '10.244.1.9', port: 41822 },
  destination: { ip: '10.98.98.98', port: 80 },
  mark: 0,
  ttl: 64,
  flags: 'SYN',
}

/** Three hops: sent in the pod, two rules at node02's PREROUTING, and the end. */
const aTrace = (): Trace => ({
  request: { from: 'pod/dev/client', to: 'tcp://10.98.98.98:80' },
  mode: 'iptables',
  startedAt: 0,
  endedAt: 1,
  outcome: { outcome: 'connected', sourceSeen: '10.244.1.9' as Ip },
  matched: {},
  rulesTried: 2,
  events: [
    at('pod/dev/client', { type: 'sent', by: 'dev/client', why: 'SYN', packet: syn }),
    at('node/node02', { type: 'hookEntered', hook: 'PREROUTING' }),
    at('node/node02', { type: 'ruleMatched' }),
    at('node/node02', { type: 'ruleMatched' }),
    at('pod/dev/client', { type: 'concluded' }),
  ],
})

const tables = (node: string): NodeTables => ({ node, mode: 'iptables', views: [] })

function booted() {
  const port = createFakePort()
  const store = createAppStore(port)
  store.getState().boot({ seed: 1, inputs: defaultInputs })
  const changed = [
    anObject('Node', 'node02'),
    anObject('Node', 'node01'),
    anObject('Pod', 'client', { spec: { nodeName: 'node02', containers: [] } }),
  ]
  port.tell({ type: 'objectsChanged', changed, deleted: [], now: 5, reset: true })
  port.tell({ type: 'booted', seed: 1, mode: 'iptables' })
  return { port, store, state: () => store.getState() }
}

describe('the cluster', () => {
  it('keeps the reference of every object that a notice does not name', () => {
    const { port, state } = booted()
    const before = state().cluster.objects.get('Node/node01')
    port.tell({ type: 'objectsChanged', changed: [anObject('Service', 'web')], deleted: ['Pod/dev/client'], now: 9 })
    expect([...state().cluster.objects.keys()]).toEqual(['Node/node02', 'Node/node01', 'Service/dev/web'])
    expect(state().cluster.objects.get('Node/node01')).toBe(before)
    expect(state().cluster.now).toBe(9)
  })
})

describe('the editor', () => {
  it('shows the files of the last apply of a replay', () => {
    const { state } = booted()
    expect(state().manifests.files.map((file) => file.name)).toEqual(['service-clusterip.yaml', 'pods.yaml'])
    expect(isDirty(state().manifests)).toBe(false)
  })

  it('sends the whole editor once, and only when it differs', () => {
    const { port, state } = booted()
    port.sent.length = 0
    state().apply()
    expect(port.sent).toEqual([])
    state().editFile('pods.yaml', 'kind: Pod\n')
    state().apply()
    state().apply()
    expect(port.sent).toEqual([{ type: 'input', input: { type: 'apply', files: state().manifests.files } }])
    expect(state().run.inputs.at(-1)).toEqual({ type: 'apply', files: state().manifests.files })
  })

  it('numbers a name that is taken, refuses to rename onto another file, and never closes the last one', () => {
    const { state } = booted()
    state().addFile('pods.yaml', '')
    expect(state().manifests.active).toBe('pods-2.yaml')
    state().renameFile('pods-2.yaml', 'pods.yaml')
    expect(state().manifests.active).toBe('pods-2.yaml')
    state().closeFile('pods-2.yaml')
    expect(state().manifests.active).toBe('pods.yaml')
    state().closeFile('pods.yaml')
    state().closeFile('service-clusterip.yaml')
    expect(state().manifests.files).toEqual([{ name: 'service-clusterip.yaml', text: '' }])
  })
})

describe('a trace', () => {
  it('stops at the last event of each hop, and at every event rule by rule', () => {
    expect(stopsOf(aTrace(), 'hop')).toEqual([0, 3, 4])
    expect(stopsOf(aTrace(), 'rule')).toEqual([0, 1, 2, 3, 4])
  })

  it('plays from its first hop when its request was just sent, and steps without wrapping', () => {
    const { port, state } = booted()
    state().send(aTrace().request)
    port.tell({ type: 'traced', index: 0, trace: aTrace() })
    expect(state().trace).toMatchObject({ current: 0, cursor: 0, playing: true })
    state().step(1)
    expect(state().trace).toMatchObject({ cursor: 3, playing: false })
    state().step(1)
    state().step(1)
    expect(state().trace.cursor).toBe(4)
    state().step(-1, 'rule')
    expect(state().trace.cursor).toBe(3)
    state().step(-1)
    state().step(-1)
    expect(state().trace.cursor).toBe(0)
  })

  it('is shown at the moment that a link names, still', () => {
    const port = createFakePort()
    const store = createAppStore(port)
    store.getState().boot({ seed: 1, inputs: [], moment: { trace: 0, cursor: 2 } })
    port.tell({ type: 'traced', index: 0, trace: aTrace() })
    port.tell({ type: 'traced', index: 1, trace: aTrace() })
    port.tell({ type: 'booted', seed: 1, mode: 'ipvs' })
    expect(store.getState().trace).toMatchObject({ current: 0, cursor: 2, playing: false })
    expect(store.getState().run.mode).toBe('ipvs')
  })

  it.each([
    { cursor: 99, want: 4 },
    { cursor: -3, want: 0 },
    { cursor: 1.6, want: 2 },
  ])('seek($cursor) lands on $want', ({ cursor, want }) => {
    const { port, state } = booted()
    port.tell({ type: 'traced', index: 0, trace: aTrace() })
    state().seek(cursor)
    expect(state().trace.cursor).toBe(want)
  })
})

describe('the tables on show', () => {
  const asked = (port: ReturnType<typeof createFakePort>) =>
    port.sent.filter((command) => command.type === 'readTables')

  it('are asked for once, and again after a change', () => {
    const { port, state } = booted()
    expect(asked(port)).toEqual([{ type: 'readTables', node: 'node01' }])
    state().setSpeed(2)
    expect(asked(port)).toHaveLength(1)
    port.tell({ type: 'tables', tables: tables('node01') })
    expect(asked(port)).toHaveLength(1)
    port.tell({ type: 'modeChanged', mode: 'ipvs' })
    expect(asked(port)).toHaveLength(2)
  })

  it('follow the packet until a node is pinned', () => {
    const { port, state } = booted()
    port.tell({ type: 'traced', index: 0, trace: aTrace() })
    expect(selectTablesNode(state())).toBe('node02')
    state().pinNode('node01')
    expect(selectTablesNode(state())).toBe('node01')
    state().pinNode(undefined)
    expect(selectTablesNode(state())).toBe('node02')
    expect(asked(port).at(-1)).toEqual({ type: 'readTables', node: 'node02' })
  })
})

it('a crash takes back the input that caused it', () => {
  const { port, state } = booted()
  state().send(aTrace().request)
  port.tell({ type: 'crashed', message: 'invariant', seed: 1, inputs: state().run.inputs })
  expect(state().run.inputs).toEqual(defaultInputs)
  expect(state().cluster.crash?.message).toBe('invariant')
  state().dismissCrash()
  expect(state().cluster.crash).toBeUndefined()
})
