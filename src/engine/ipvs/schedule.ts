import { assertNever } from '../base/assertNever.ts'
import { selectDestinationHash, selectMaglev, selectSourceHash } from './hashing.ts'
import {
  selectFailover,
  selectLeastConnection,
  selectNeverQueue,
  selectOverflow,
  selectShortestExpectedDelay,
  selectWeightedLeastConnection,
} from './leastConnection.ts'
import { selectLocality, selectReplicatedLocality } from './locality.ts'
import { selectRoundRobin, selectWeightedRoundRobin } from './roundRobin.ts'
import type { SimTime } from '../base/time.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { Scheduler } from './model.ts'
import type { RealServer, VirtualServer } from './virtualServer.ts'

const SCHEDULERS: ReadonlySet<string> = new Set<Scheduler>([
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'sh',
  'dh',
  'sed',
  'nq',
  'mh',
  'fo',
  'ovf',
])

export function isScheduler(name: string): name is Scheduler {
  return SCHEDULERS.has(name)
}

/** The server for a new connection of `client`; undefined when none may take it. Moves the scheduler's state on. */
export function selectServer(virtual: VirtualServer, client: SocketAddress, now: SimTime): RealServer | undefined {
  virtual.started = true
  const { scheduler, servers } = virtual
  switch (scheduler) {
    case 'rr':
      return selectRoundRobin(virtual)
    case 'wrr':
      return selectWeightedRoundRobin(virtual)
    case 'lc':
      return selectLeastConnection(servers)
    case 'wlc':
      return selectWeightedLeastConnection(servers)
    case 'sed':
      return selectShortestExpectedDelay(servers)
    case 'nq':
      return selectNeverQueue(servers)
    case 'fo':
      return selectFailover(servers)
    case 'ovf':
      return selectOverflow(servers)
    case 'lblc':
      return selectLocality(virtual, now)
    case 'lblcr':
      return selectReplicatedLocality(virtual, now)
    case 'sh':
      return selectSourceHash(virtual, client)
    case 'dh':
      return selectDestinationHash(virtual)
    case 'mh':
      return selectMaglev(virtual, client)
    default:
      return assertNever(scheduler)
  }
}
