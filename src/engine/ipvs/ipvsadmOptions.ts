/** The one thing that an `ipvsadm` call does. */
export type IpvsadmAction =
  | 'add-service'
  | 'edit-service'
  | 'delete-service'
  | 'flush'
  | 'list'
  | 'add-server'
  | 'edit-server'
  | 'delete-server'
  | 'set'
  | 'start-daemon'
  | 'stop-daemon'
  | 'restore'
  | 'save'
  | 'zero'
  | 'help'
  | 'version'

export const ACTIONS: Readonly<Record<string, IpvsadmAction>> = {
  A: 'add-service',
  E: 'edit-service',
  D: 'delete-service',
  C: 'flush',
  L: 'list',
  l: 'list',
  Z: 'zero',
  a: 'add-server',
  e: 'edit-server',
  d: 'delete-server',
  R: 'restore',
  S: 'save',
  h: 'help',
  v: 'version',
  clear: 'flush',
  'add-service': 'add-service',
  'edit-service': 'edit-service',
  'delete-service': 'delete-service',
  list: 'list',
  zero: 'zero',
  'add-server': 'add-server',
  'edit-server': 'edit-server',
  'delete-server': 'delete-server',
  restore: 'restore',
  save: 'save',
  set: 'set',
  help: 'help',
  version: 'version',
  'start-daemon': 'start-daemon',
  'stop-daemon': 'stop-daemon',
}

interface Option {
  /** Its name in messages. */
  readonly name: string
  readonly value?: 'needed' | 'optional'
}

const option = (name: string, value?: Option['value']): Option => (value ? { name, value } : { name })
const SERVICE = option('service-address', 'needed')
const FORWARD = option('forwarding-method')

/** By short letter and by long name, in the order in which the tool checks them. */
export const OPTIONS: ReadonlyMap<string, Option> = new Map(
  Object.entries({
    n: option('numeric'),
    numeric: option('numeric'),
    c: option('connection'),
    connection: option('connection'),
    t: SERVICE,
    'tcp-service': SERVICE,
    u: SERVICE,
    'udp-service': SERVICE,
    'sctp-service': SERVICE,
    f: SERVICE,
    'fwmark-service': SERVICE,
    s: option('scheduler', 'needed'),
    scheduler: option('scheduler', 'needed'),
    p: option('persistent', 'optional'),
    persistent: option('persistent', 'optional'),
    M: option('netmask', 'needed'),
    netmask: option('netmask', 'needed'),
    r: option('real-server', 'needed'),
    'real-server': option('real-server', 'needed'),
    m: FORWARD,
    masquerading: FORWARD,
    g: FORWARD,
    gatewaying: FORWARD,
    i: FORWARD,
    ipip: FORWARD,
    w: option('weight', 'needed'),
    weight: option('weight', 'needed'),
    x: option('u-threshold', 'needed'),
    'u-threshold': option('u-threshold', 'needed'),
    y: option('l-threshold', 'needed'),
    'l-threshold': option('l-threshold', 'needed'),
    timeout: option('timeout'),
    daemon: option('daemon'),
    stats: option('stats'),
    rate: option('rate'),
    thresholds: option('thresholds'),
    'persistent-conn': option('persistent-conn'),
    nosort: option('nosort'),
    X: option('exact'),
    exact: option('exact'),
    o: option('ops'),
    ops: option('ops'),
    pe: option('pe', 'needed'),
    b: option('sched-flags', 'needed'),
    'sched-flags': option('sched-flags', 'needed'),
    sort: option('sort'),
  }),
)
export const ORDER = [...new Set([...OPTIONS.values()].map(({ name }) => name))]

/** Options that each action must have, may have, and of which it takes only one. Source: the tool's own table. */
export const RULES: Readonly<
  Partial<Record<IpvsadmAction, { needs?: readonly string[]; may?: readonly string[]; one?: readonly string[] }>>
> = {
  'add-service': {
    needs: ['service-address'],
    may: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'],
  },
  'edit-service': {
    needs: ['service-address'],
    may: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'],
  },
  'delete-service': { needs: ['service-address'] },
  list: {
    may: ['numeric', 'stats', 'rate', 'thresholds', 'persistent-conn', 'nosort', 'exact', 'sort'],
    one: ['connection', 'service-address', 'timeout', 'daemon'],
  },
  'add-server': {
    needs: ['service-address', 'real-server'],
    may: ['forwarding-method', 'weight', 'u-threshold', 'l-threshold'],
  },
  'edit-server': {
    needs: ['service-address', 'real-server'],
    may: ['forwarding-method', 'weight', 'u-threshold', 'l-threshold'],
  },
  'delete-server': { needs: ['service-address', 'real-server'] },
  save: { may: ['numeric'] },
  zero: { may: ['service-address'] },
}
