import { findKind } from '../../../engine/index.ts'
import type { ApiServer, KubeObject } from '../../../engine/index.ts'
import { loose, show } from '../print/columnCells.ts'
import { annotationLines, eventLines, labelLines } from './describeParts.ts'

export interface DescribeContext {
  readonly api: ApiServer
  readonly now: number
}

export type Describer = (object: KubeObject, context: DescribeContext) => string

/** The first lines of every description. */
export function head({ metadata }: KubeObject, between = ''): string {
  const namespace = metadata.namespace === undefined ? '' : `Namespace:\t${metadata.namespace}\n`
  return `Name:\t${metadata.name}\n${namespace}${between}`
}

export function meta({ metadata }: KubeObject): string {
  return labelLines('Labels', metadata.labels) + annotationLines('Annotations', metadata.annotations)
}

export function listOf(api: ApiServer, apiVersion: string, name: string, namespace?: string): readonly KubeObject[] {
  const kind = findKind(apiVersion, name)
  return kind ? api.list(kind, namespace) : []
}

export function eventsOf(object: KubeObject, { api, now }: DescribeContext): string {
  const { namespace, name, uid } = object.metadata
  const events = listOf(api, 'v1', 'Event', namespace ?? 'default').filter((event) => {
    const about = loose(event['involvedObject'])
    return about['kind'] === object.kind && about['name'] === name && (about['uid'] ?? uid) === uid
  })
  return eventLines(events, now)
}

export const line = (title: string, value: unknown): string => `${title}:\t${show(value)}\n`
export const optional = (title: string, value: unknown): string =>
  value === undefined || value === '' ? '' : line(title, value)
