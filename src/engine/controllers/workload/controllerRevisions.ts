import type { KubeObject, Labels, LabelSelector } from '../../api/types.ts'
import { deletionOf } from '../../store/deletion.ts'
import type { Snapshot } from '../../store/snapshot.ts'
import { parseTimestamp } from '../../store/timestamp.ts'
import type { Write } from '../../store/store.ts'
import type { Context } from '../controller.ts'
import { controllerReference } from './podTemplate.ts'
import type { PodTemplate } from './podTemplate.ts'
import { selectorMatcher } from '../selector.ts'

/** What a StatefulSet or DaemonSet was at one time. */
export interface ControllerRevision extends KubeObject {
  readonly kind: 'ControllerRevision'
  readonly data: { readonly spec: { readonly template: PodTemplate & { readonly $patch: 'replace' } } }
  readonly revision: number
}

/** What tells one revision of an owner from its others: the hash in its name, and the label that holds it too. */
export interface RevisionName {
  readonly name: string
  readonly labels: Labels
}

/** The revisions that `owner` controls, the newest last. `writes` take over orphans that its selector matches. */
export function claimRevisions(
  snapshot: Snapshot,
  owner: KubeObject,
  selector: LabelSelector,
): { readonly revisions: readonly ControllerRevision[]; readonly writes: readonly Write[] } {
  const matches = selectorMatcher(selector)
  const orphans = [...snapshot.sorted<string>('ControllerRevision', 'owner', '')]
    .filter(({ metadata }) => metadata.namespace === owner.metadata.namespace && matches(metadata.labels))
    .map((revision) => {
      const ownerReferences = [...(revision.metadata.ownerReferences ?? []), controllerReference(owner)]
      return { ...revision, metadata: { ...revision.metadata, ownerReferences } }
    })
  const own = [...snapshot.sorted<string>('ControllerRevision', 'owner', owner.metadata.uid ?? '?'), ...orphans]
  const born = ({ metadata }: KubeObject): number => parseTimestamp(metadata.creationTimestamp) ?? 0
  return {
    revisions: (own as ControllerRevision[]).sort((a, b) => a.revision - b.revision || born(a) - born(b)),
    writes: orphans.map((object): Write => ({ type: 'update', object })),
  }
}

/** The write that makes the revision of the present template the newest one; none where it is. A rollback takes an old one up again. */
export function revisionWrites(
  owner: KubeObject,
  template: PodTemplate,
  { name, labels }: RevisionName,
  revisions: readonly ControllerRevision[],
): readonly Write[] {
  const last = revisions.at(-1)
  if (last?.metadata.name === name) return []
  const revision = (last?.revision ?? 0) + 1
  const known = revisions.find(({ metadata }) => metadata.name === name)
  if (known) return [{ type: 'update', object: { ...known, revision } }]
  const { namespace = 'default', annotations } = owner.metadata
  const object: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, ...labels },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data: { spec: { template: { $patch: 'replace', ...template } } },
    revision,
  }
  return [{ type: 'create', object }]
}

const templates = new WeakMap<ControllerRevision['data'], PodTemplate>()

/** The template that a revision keeps; the same object each time. */
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const known = templates.get(data)
  if (known) return known
  const { metadata, spec } = data.spec.template
  const template = { ...(metadata ? { metadata } : {}), spec }
  templates.set(data, template)
  return template
}

/** The oldest revisions beyond the history limit go, but for those that are `live`. */
export function trimmed(
  context: Context,
  revisions: readonly ControllerRevision[],
  live: ReadonlySet<string>,
  limit: number,
): readonly Write[] {
  const history = revisions.filter(({ metadata }) => !live.has(metadata.name))
  return history
    .slice(0, Math.max(0, history.length - limit))
    .flatMap((revision) => deletionOf(revision, context.now) ?? [])
}
