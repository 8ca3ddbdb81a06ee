import { findKind, resourceName } from '../api/kinds.ts'
import type { KubeObject, Namespace } from '../api/types.ts'
import { withCondition } from './conditions.ts'

/** The status of a terminating namespace after a pass in which `left` could not be deleted. Source: status_condition_utils.go. */
export function withDeletionConditions(
  namespace: Namespace,
  left: readonly KubeObject[],
  time: string,
): NonNullable<Namespace['status']> {
  const resources = counted(left.map(resourceOf)).map(([name, n]) => `${name} has ${n} resource instances`)
  const finalizers = counted(left.flatMap(({ metadata }) => metadata.finalizers ?? []))
  const holders = finalizers.map(([name, n]) => `${name} in ${n} resource instances`)
  const conditions = [
    ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
    ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    [
      'NamespaceDeletionContentFailure',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    left.length > 0
      ? ['NamespaceContentRemaining', 'SomeResourcesRemain', `Some resources are remaining: ${resources.join(', ')}`]
      : ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
    left.length > 0
      ? [
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${holders.join(', ')}`,
        ]
      : ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
  ]
  return conditions.reduce(
    (status, [type = '', reason = '', message = '']) =>
      withCondition(status, { type, status: reason.startsWith('Some') ? 'True' : 'False', reason, message }, time),
    namespace.status ?? {},
  )
}

/** `configmaps.`, `deployments.apps`: as Go prints a GroupVersionResource without its version. */
function resourceOf({ apiVersion, kind }: KubeObject): string {
  const known = findKind(apiVersion, kind)
  const name = known ? resourceName(known) : kind
  return name.includes('.') ? name : `${name}.`
}

function counted(texts: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}
