import type { NamespaceId, TraceEvent } from '../engine/index.ts'
import { socketOwner } from './pinned.ts'
import { samePlace } from './places.ts'
import type { Place, Station } from './places.ts'

/** Chains that are one Service's: being sent into one is a visit to the Service's panel. */
const SERVICE_CHAIN = /\b(KUBE-(SVC|SVL|SEP|EXT|XLB)-|(service|endpoint|external)-[A-Z0-9]{8}-)/
/** userspace mode keeps every Service in the same chains: there the rule that hands over counts. */
const PORTAL_CHAIN = /^KUBE-(PORTALS|NODEPORT)-/

/** The places that `events` lead a packet through, in order, each once in a row. */
export function visitsOf(events: readonly TraceEvent[]): readonly Place[] {
  const visits: Place[] = []
  let hook: string | undefined
  for (const event of events) {
    if (event.type === 'hookEntered') hook = event.hook
    for (const place of placesOf(event, hook)) {
      const last = visits.at(-1)
      if (!last || !samePlace(last, place)) visits.push(place)
    }
  }
  return visits
}

function placesOf(event: TraceEvent, hook: string | undefined): readonly Place[] {
  const { at } = event
  const onNode = at.startsWith('node/')
  switch (event.type) {
    case 'sent':
      return onNode && event.by === 'kernel' ? [] : [socketPlace(at, event.by)]
    case 'delivered':
      return [socketPlace(at, event.socket)]
    case 'balanced':
    case 'concluded':
    case 'timedOut':
      return []
    case 'proxyPicked':
    case 'proxyFailed':
    case 'proxyCopied':
      return [{ at, station: 'kubeProxy' }]
    case 'linkCrossed':
      return event.to === at
        ? []
        : [
            ...(onNode ? [{ at, station: doorTo(event.to) }] : [{ at, station: 'self' as const }]),
            { at: event.to, station: event.to.startsWith('node/') ? doorTo(at) : 'self' },
          ]
    case 'hookEntered':
      return onNode ? [{ at, station: event.hook }] : []
    case 'routed':
      return onNode && hook === 'PREROUTING' ? [{ at, station: 'route' }] : []
    case 'ruleMatched':
      return onNode && (hook === 'PREROUTING' || hook === 'OUTPUT') && isService(event)
        ? [{ at, station: 'service' }]
        : []
    case 'ipvsScheduled':
    case 'ipvsRefused':
      return onNode ? [{ at, station: 'ipvs' }] : []
    case 'chainEntered':
    case 'rulesMissed':
    case 'chainReturned':
    case 'policyApplied':
    case 'diceRolled':
    case 'affinityChecked':
    case 'markSet':
    case 'translated':
    case 'conntrack':
    case 'rejected':
    case 'dropped':
      return []
  }
}

function isService({ rule, verdict }: Extract<TraceEvent, { type: 'ruleMatched' }>): boolean {
  return SERVICE_CHAIN.test(verdict) || (PORTAL_CHAIN.test(rule.chain) && /^(REDIRECT|DNAT)/.test(verdict))
}

/** Pods hang on the bridge, everything else on the LAN. */
function doorTo(other: NamespaceId): Station {
  return other.startsWith('pod/') ? 'cni0' : 'eth0'
}

function socketPlace(at: NamespaceId, socket: string): Place {
  if (!at.startsWith('node/')) return { at, station: 'self' }
  const owner = socketOwner(socket)
  if (owner.type === 'kubeProxy') return { at, station: 'kubeProxy' }
  return owner.type === 'pod' ? { at, station: 'process', pod: owner.id } : { at, station: 'process' }
}
