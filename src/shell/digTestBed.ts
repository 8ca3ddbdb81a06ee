import {
  answerFromUpstream,
  createCoreDns,
  indexCluster,
  KUBEADM_COREFILE,
  OUTSIDE_WORLD,
  parseCorefile,
} from '../engine/index.ts'
import { createRandom } from '../engine/base/random.ts'
import cluster from './testdata/dns/cluster.json' with { type: 'json' }
import type { DnsIo } from './digIo.ts'
import type { EndpointSlice, KubeObject, Pod, Service } from '../engine/index.ts'

/** The moment of the recording, Unix milliseconds. */
const START = Date.UTC(2026, 10, 23, 14, 40, 24)

/** For tests: the recorded cluster's CoreDNS at 10.96.0.10, seen from a machine with `conf`. Nobody else answers. */
export function testBed(conf: Partial<DnsIo['resolvConf']> = {}, corefile: string = KUBEADM_COREFILE): DnsIo {
  const objects = cluster.items as unknown as readonly KubeObject[]
  const ofKind = (kind: string): readonly KubeObject[] => objects.filter((object) => object.kind === kind)
  const index = indexCluster({
    services: ofKind('Service') as readonly Service[],
    endpointSlices: ofKind('EndpointSlice') as readonly EndpointSlice[],
    pods: ofKind('Pod') as readonly Pod[],
    namespaces: ofKind('Namespace').map((object) => object.metadata.name),
  })
  const random = createRandom(1)
  const parsed = parseCorefile(corefile)
  const server = createCoreDns(parsed.ok ? parsed.value : [], random.fork('loadbalance').below)
  let now = START
  return {
    resolvConf: { nameservers: ['10.96.0.10'], search: [], options: [], ...conf },
    lookUp: () => [],
    unixMs: () => now,
    below: random.below,
    query: (to, message) => {
      if (to.server !== '10.96.0.10' || to.port !== 53) {
        now += to.timeoutMs
        return { type: 'timeout' }
      }
      const world = {
        index,
        localIps: ['10.244.1.2'],
        now,
        serial: 1795444762,
        forward: (query: typeof message) => answerFromUpstream(OUTSIDE_WORLD, query),
      }
      return { type: 'message', message: server.answer(message, world, to.tcp ? 'tcp' : 'udp'), elapsedMs: 0 }
    },
  }
}
