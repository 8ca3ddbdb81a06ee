import { describe, expect, it } from 'vitest'
import { inProcessPort } from './inProcessPort.ts'
import type { Command, Fault, Input, Notice } from './protocol.ts'

const web = (replicas: number, targetPort = 80): string => `apiVersion: v1
kind: Namespace
metadata:
  name: dev
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: dev
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: nginx
          image: nginx:1.27
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: dev
spec:
  selector:
    app: web
  clusterIP: 10.98.98.98
  ports:
    - port: 80
      targetPort: ${targetPort}
---
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: dev
spec:
  containers:
    - name: shell
      image: busybox:1.36
      command: ['sleep', 'infinity']
`

const apply = (text: string): Input => ({ type: 'apply', files: [{ name: 'web.yaml', text }] })
const send: Input = { type: 'send', request: { from: 'pod/dev/client', to: 'http://10.98.98.98:80/' } }
const setMode = (mode: 'iptables' | 'ipvs' | 'nftables' | 'userspace'): Input => ({ type: 'setMode', mode })

function run(commands: readonly Command[]): readonly Notice[] {
  const port = inProcessPort()
  const notices: Notice[] = []
  port.subscribe((notice) => notices.push(notice))
  for (const command of commands) port.send(command)
  return notices
}

function ends(inputs: readonly Input[]): readonly string[] {
  return run([{ type: 'boot', seed: 7, inputs }]).flatMap((notice) =>
    notice.type === 'traced' ? [`${notice.trace.mode} ${notice.trace.outcome.outcome}`] : [],
  )
}

describe('a session', () => {
  it('boots with every object, what was applied, and the mode', () => {
    const notices = run([{ type: 'boot', seed: 7, inputs: [apply(web(3))] }])
    expect(notices.map(({ type }) => type)).toEqual(['applied', 'objectsChanged', 'clock', 'booted'])
    const objects = notices.flatMap((notice) => (notice.type === 'objectsChanged' ? notice.changed : []))
    const ready = objects.filter(
      (object) => object.kind === 'Pod' && JSON.stringify(object).includes('"type":"Ready","status":"True"'),
    )
    // Four static pods, three kube-proxies, two CoreDNS, three web servers and the client.
    expect(ready).toHaveLength(13)
  })

  it.each([
    {
      name: 'with three servers',
      replicas: 3,
      targetPort: 80,
      want: ['connected', 'connected', 'connected', 'connected'],
    },
    {
      name: 'with nobody behind the Service',
      replicas: 0,
      targetPort: 80,
      want: ['refused', 'refused', 'refused', 'closed'],
    },
    { name: 'with a wrong targetPort', replicas: 1, targetPort: 81, want: ['refused', 'refused', 'refused', 'closed'] },
  ])('a request ends as in life in every mode: $name', ({ replicas, targetPort, want }) => {
    const modes = ['iptables', 'ipvs', 'nftables', 'userspace'] as const
    const inputs = [apply(web(replicas, targetPort)), ...modes.flatMap((mode) => [setMode(mode), send])]
    expect(ends(inputs)).toEqual(modes.map((mode, i) => `${mode} ${want[i] ?? ''}`))
  })

  it('gives the same bytes for the same seed and inputs, and others for another seed', () => {
    const inputs = [apply(web(3)), send, setMode('ipvs'), send, apply(web(5)), send]
    const text = (seed: number): string => JSON.stringify(run([{ type: 'boot', seed, inputs }]))
    expect(text(3)).toBe(text(3))
    expect(text(3)).not.toBe(text(4))
  })

  it('replaying its inputs leads to the same trace as living through them', () => {
    const inputs = [apply(web(2)), send, apply(web(4)), send]
    const lived = run([
      { type: 'boot', seed: 5, inputs: [] },
      ...inputs.map((input): Command => ({ type: 'input', input })),
    ]).filter(({ type }) => type === 'traced')
    const replayed = run([{ type: 'boot', seed: 5, inputs }]).filter(({ type }) => type === 'traced')
    expect(replayed).toEqual(lived)
  })

  it('holds the clock: a change takes effect as time passes, on each node in its own time, then is quiet', () => {
    const [namespace = '', deployment = '', service = ''] = web(1).split('---\n')
    const port = inProcessPort()
    const notices: Notice[] = []
    port.subscribe((notice) => notices.push(notice))
    const tell = (input: Input): void => {
      port.send({ type: 'input', input })
    }
    const knows = (node: string): string => {
      port.send({ type: 'readTables', node })
      const last = notices.findLast((notice) => notice.type === 'tables')
      return JSON.stringify(last).includes('-d 10.98.98.98/32') ? 'knows' : 'not yet'
    }
    const clock = (): unknown => notices.findLast((notice) => notice.type === 'clock')
    port.send({ type: 'boot', seed: 1, inputs: [apply([namespace, deployment].join('---\n'))] })
    expect(clock()).toMatchObject({ held: false, quiet: true })
    tell({ type: 'hold', on: true })
    tell(apply([namespace, deployment, service].join('---\n')))
    expect(clock()).toMatchObject({ held: true, quiet: false })
    const seen = new Set<string>()
    for (let i = 0; i < 400 && !seen.has('knows knows knows'); i += 1) {
      seen.add(['node01', 'node02', 'node03'].map(knows).join(' '))
      tell({ type: 'advance', ms: 5 })
    }
    expect([...seen][0]).toBe('not yet not yet not yet')
    expect([...seen].at(-1)).toBe('knows knows knows')
    expect(seen.size).toBeGreaterThan(2)
    tell({ type: 'advance' })
    expect(clock()).toMatchObject({ held: true, quiet: true })
  })

  it.each(['iptables', 'userspace'] as const)('lists who is tied to which server, in %s mode', (mode) => {
    const affine = web(2).replace(
      '  clusterIP: 10.98.98.98\n',
      '  clusterIP: 10.98.98.98\n  sessionAffinity: ClientIP\n',
    )
    const notices = run([
      { type: 'boot', seed: 1, inputs: [apply(affine), setMode(mode), send] },
      ...['node01', 'node02', 'node03'].map((node) => ({ type: 'readTables', node }) as const),
    ])
    const lines = notices.flatMap((notice) =>
      notice.type === 'tables' ? (notice.tables.views.find(({ id }) => id === 'affinity')?.lines ?? []) : [],
    )
    expect(lines).toHaveLength(1)
    const client = notices.flatMap((notice) => (notice.type === 'traced' ? [notice.trace.outcome.server] : []))
    expect(lines[0]?.text).toMatch(
      mode === 'iptables'
        ? /^KUBE-SEP-[A-Z2-7]{16}: 10\.244\.\d\.\d+ last seen \d+\.\d s ago$/
        : new RegExp(`^dev/web.*: 10\\.244\\.\\d\\.\\d+ -> ${client[0] ?? ''}$`),
    )
  })

  it('puts a trace into words, a line an event', () => {
    const [trace] = run([{ type: 'boot', seed: 1, inputs: [apply(web(1)), send] }]).flatMap((notice) =>
      notice.type === 'traced' ? [notice.trace] : [],
    )
    if (!trace) throw new Error('no trace')
    const [lines] = run([{ type: 'printTrace', index: 4, trace }]).flatMap((notice) =>
      notice.type === 'tracePrinted' && notice.index === 4 ? [notice.lines] : [],
    )
    const told = lines?.flatMap(({ event }) => (event === undefined ? [] : [event]))
    expect(told).toEqual(trace.events.map((_, i) => i))
  })

  it('prunes what the files name no more, but not while a document cannot be read', () => {
    const [namespace = '', deployment = '', service = ''] = web(1).split('---\n')
    const files = (...documents: readonly string[]): Input => apply(documents.join('---\n'))
    const messages = run([
      {
        type: 'boot',
        seed: 1,
        inputs: [files(namespace, deployment, service), files(namespace, service, 'a: [b'), files(namespace, service)],
      },
    ]).flatMap((notice) => (notice.type === 'applied' ? [notice.messages] : []))
    expect(messages[1]).not.toContain('deployment.apps/web pruned')
    expect(messages[2]).toContain('deployment.apps/web pruned')
  })

  it('places an unreadable line in the file', () => {
    const text = `${web(1)}---\nkind: [oops\n`
    const faults = run([{ type: 'boot', seed: 1, inputs: [apply(text)] }]).flatMap((notice) =>
      notice.type === 'applied' ? notice.faults : [],
    )
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({ file: 'web.yaml', severity: 'error' })
    expect(faults[0]?.from).toBeGreaterThanOrEqual(web(1).length)
  })
})

describe('faults stand where they were written', () => {
  const faultsOf = (text: string): readonly Fault[] =>
    run([{ type: 'boot', seed: 1, inputs: [apply(text)] }]).flatMap((notice) =>
      notice.type === 'applied' ? notice.faults : [],
    )

  it.each([
    {
      name: 'a value out of range',
      change: ['port: 80\n', 'port: 70000\n'],
      at: '70000',
      message: 'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
    },
    {
      name: 'an unknown field',
      change: ['    app: web\n  clusterIP', '    app: web\n  selektor: {}\n  clusterIP'],
      at: 'selektor',
      message: 'unknown field "spec.selektor"',
    },
    {
      name: 'a wrong type',
      change: ['replicas: 1', 'replicas: many'],
      at: 'many',
      message: 'spec.replicas',
    },
    {
      name: 'an unknown kind',
      change: ['kind: Service', 'kind: Servise'],
      at: 'Servise',
      message: 'no matches for kind',
    },
  ])('$name', ({ change: [from = '', to = ''], at, message }) => {
    const text = web(1).replace(from, to)
    expect(text).not.toBe(web(1))
    const faults = faultsOf(text)
    expect(faults.map((fault) => text.slice(fault.from, fault.to))).toEqual([at])
    expect(faults[0]?.message).toContain(message)
  })

  it('and the other documents are applied all the same', () => {
    const text = web(2).replace('port: 80\n', 'port: 70000\n')
    const messages = run([{ type: 'boot', seed: 1, inputs: [apply(text)] }]).flatMap((notice) =>
      notice.type === 'applied' ? notice.messages : [],
    )
    expect(messages).toEqual(['namespace/dev created', 'deployment.apps/web created', 'pod/client created'])
  })
})

it('reports a crash with what replays it and stands again before it', () => {
  const broken = { type: 'input', input: { type: 'flood' } } as unknown as Command
  const notices = run([{ type: 'boot', seed: 2, inputs: [apply(web(1))] }, broken, { type: 'input', input: send }])
  const crash = notices.find((notice) => notice.type === 'crashed')
  expect(crash).toMatchObject({ seed: 2, inputs: [apply(web(1)), { type: 'flood' }] })
  const last = notices.findLast(({ type }) => type === 'traced')
  expect(last?.type === 'traced' && last.trace.outcome.outcome).toBe('connected')
})
