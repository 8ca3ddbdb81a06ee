import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { exploreOutcomes } from './everyOutcome.ts'
import { ipOrUndefined } from '../base/ip.ts'
import { packetWorld } from '../testing/packetWorld.ts'
import type { KubeObject } from '../api/types.ts'
import type { PossibleOutcome } from './everyOutcome.ts'
import type { AttemptRequest } from './request.ts'
import type { RawProxyConfig } from '../proxy/config.ts'

type Mode = 'iptables' | 'nftables' | 'ipvs' | 'userspace'

interface End {
  readonly outcome: string
  readonly errno?: string
  readonly server?: string
  readonly pod?: string
  readonly sourceSeen?: string
}

interface Recorded {
  readonly results: readonly End[]
  readonly tries: number
  readonly singles?: readonly (End & { readonly matched: Readonly<Record<string, readonly number[]>> })[]
}

interface Case {
  readonly cluster: string
  readonly proxy: string
  readonly probes: readonly { readonly from: string; readonly to: string; readonly via?: string }[]
  readonly expect: Readonly<Partial<Record<Mode, readonly (Recorded | null)[]>>> & { readonly texts: readonly string[] }
}

const FOLDER = join(import.meta.dirname, 'testdata/packets')
/** ipvs: an externalIP is a node's address; which node answers ARP first is a race, and what nodes learnt before counts. */
const RACES = ['case-005', 'case-009', 'case-015', 'case-036', 'case-039']

function requestOf({ from, to, via }: Case['probes'][number]): AttemptRequest {
  const [, scheme = '', host = '', port = ''] = /^(\w+):\/\/(.*):(\d+)$/.exec(to) ?? []
  const ip = ipOrUndefined(host.replace(/[[\]]/g, ''))
  if (ip === undefined) throw new Error(to)
  const protocol = scheme === 'udp' ? 'UDP' : 'TCP'
  return { from, protocol, destination: { ip, port: Number(port) }, ...(via !== undefined && { via }) }
}

function keyOf({ outcome, errno, server, pod, sourceSeen }: End): string {
  // Whether a close comes as FIN or as RST is a matter of microseconds.
  return [outcome, outcome === 'closed' ? '' : errno, server, pod, sourceSeen].join(' ')
}

interface Leniency {
  /** Only whether what happened was predicted. */
  readonly race: boolean
  /** The tries of all probes took turns at one round robin, so that a probe need not have met every server. */
  readonly sharedRound: boolean
}

/** What is wrong about a prediction, in words; empty when it agrees. */
function judge(
  predicted: readonly PossibleOutcome[],
  recorded: Recorded,
  texts: readonly string[],
  { race, sharedRound }: Leniency,
): string[] {
  const faults: string[] = []
  const chances = new Map<string, number>()
  for (const end of predicted) chances.set(keyOf(end), (chances.get(keyOf(end)) ?? 0) + end.probability)
  const happened = new Set(recorded.results.map(keyOf))
  for (const end of happened) if (!chances.has(end)) faults.push(`happened, not predicted: ${end}`)
  if (race) return faults
  for (const [end, p] of chances) {
    const unlikely = (1 - p) ** recorded.tries < 0.0005
    if (!(sharedRound && end.startsWith('connected')) && unlikely && !happened.has(end))
      faults.push(`predicted (${p}), never happened: ${end}`)
  }
  for (const single of recorded.singles ?? []) {
    const same = predicted.filter((end) => keyOf(end) === keyOf(single))
    const want = matchedText(mapValues(single.matched, (rules) => rules.map((rule) => texts[rule] ?? '')))
    const have = same.map((end) => matchedText(end.matched))
    if (same.length > 0 && !have.includes(want)) {
      faults.push(`matched of ${keyOf(single)}:\n${difference(want, have[0] ?? '')}`)
    }
  }
  return faults
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))
}

function matchedText(matched: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(matched)
    .filter(([, rules]) => rules.length > 0)
    .flatMap(([node, rules]) => rules.map((rule) => `${node} ${rule}`))
    .sort()
    .join('\n')
}

function difference(want: string, have: string): string {
  const [wanted, had] = [want.split('\n'), have.split('\n')]
  return [
    ...wanted.filter((line) => !had.includes(line)).map((line) => `  - ${line}`),
    ...had.filter((line) => !wanted.includes(line)).map((line) => `  + ${line}`),
  ].join('\n')
}

const modes: readonly Mode[] = ['iptables', 'nftables', 'ipvs', 'userspace']

describe.each(modes)('real packets, %s mode', (mode) => {
  it.each(readdirSync(FOLDER).map((file) => file.replace('.json', '')))('%s', (name) => {
    const data = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Case
    const recordings = data.expect[mode]
    if (!recordings) return
    const objects = loadAll(data.cluster) as KubeObject[]
    const world = packetWorld(objects, loadAll(data.proxy)[0] as RawProxyConfig, mode)
    const faults = data.probes.flatMap((probe, i) => {
      const recorded = recordings[i]
      if (!recorded) return []
      const request = requestOf(probe)
      const predicted = exploreOutcomes(world, request, { now: 0 }) ?? []
      const leniency = {
        race: mode === 'ipvs' && RACES.includes(name),
        sharedRound: mode === 'ipvs' || mode === 'userspace',
      }
      expect(predicted.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
      return judge(predicted, recorded, data.expect.texts, leniency).map(
        (fault) => `#${i} ${probe.from} -> ${probe.to} via ${probe.via ?? '-'}: ${fault}`,
      )
    })
    expect(faults.join('\n')).toBe('')
  })
})
