import { forbidden, invalid } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { ObjectMeta } from '../types.ts'
import { descending, part, text } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { eachContainer } from './validateSecurity.ts'

/** Security profiles in annotations, as they were given once. Source: kubernetes ValidatePodSpecificAnnotations. */

export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'
export const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod'
export const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
const mirror = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const tolerations = 'scheduler.alpha.kubernetes.io/tolerations'

type Meta = Partial<ObjectMeta>

export function validateProfileAnnotations(meta: Meta, spec: Loose, path: string): readonly FieldError[] {
  const annotations = meta.annotations
  if (!annotations) return []
  const faults: FieldError[] = []
  const value = (key: string): string | undefined => (Object.hasOwn(annotations, key) ? annotations[key] : undefined)
  const own = value(mirror)
  if (own !== undefined && text(spec, 'nodeName') === '') {
    faults.push(invalid(`${path}[${mirror}]`, own, 'must set spec.nodeName if mirror pod annotation is set'))
  }
  const listed = value(tolerations)
  if (listed !== undefined && listed !== '' && !/^\s*(\[|null)/.test(listed)) {
    faults.push(invalid(path, tolerations, 'invalid character'))
  }
  const cost = value(deletionCost)
  if (cost !== undefined && !isCost(cost)) {
    faults.push(invalid(`${path}[${deletionCost}]`, cost, 'must be a 32bit integer'))
  }
  const names = Object.keys(annotations).sort()
  for (const key of names) {
    if (key !== seccompPod && !key.startsWith(seccompPrefix)) continue
    const profile = value(key) ?? ''
    if (['runtime/default', 'docker/default', 'unconfined'].includes(profile)) continue
    if (profile.startsWith('localhost/'))
      faults.push(...descending(`${path}.${key}`, profile.slice('localhost/'.length)))
    else faults.push(invalid(`${path}.${key}`, profile, 'must be a valid seccomp profile'))
  }
  for (const key of names) {
    if (!key.startsWith(appArmorPrefix)) continue
    const name = key.slice(appArmorPrefix.length)
    const profile = value(key) ?? ''
    const has = ['initContainers', 'containers', 'ephemeralContainers'].some((list) =>
      asList(spec[list]).some((container) => text(container, 'name') === name),
    )
    if (!has) faults.push(invalid(`${path}[${key}]`, name, 'container not found'))
    if (!['', 'runtime/default', 'unconfined'].includes(profile) && !profile.startsWith('localhost/')) {
      faults.push(invalid(`${path}[${key}]`, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`))
    }
  }
  return faults
}

function isCost(cost: string): boolean {
  // A plus sign or leading zeros count as a mistake.
  return /^(0|-?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost) + 0.5) < 2 ** 31
}

/** Where the profile stands in the spec as well, both must say the same. */
export function validateProfilesMatch(meta: Meta, spec: Loose, path: string): readonly FieldError[] {
  const { annotations } = meta
  if (!annotations) return []
  const value = (key: string): string | undefined => (Object.hasOwn(annotations, key) ? annotations[key] : undefined)
  const match = (
    what: string,
    profile: Loose | undefined,
    annotation: string | undefined,
    at: string,
  ): FieldError[] => {
    if (!profile || annotation === undefined) return []
    const type = text(profile, 'type')
    const differs = (field: string, word: string): FieldError[] => [
      forbidden(`${at}.${field}`, `${what} ${word} in annotation and field must match`),
    ]
    const spelled: Readonly<Record<string, readonly string[]>> = {
      Unconfined: ['unconfined'],
      RuntimeDefault: what === 'seccomp' ? ['runtime/default', 'docker/default'] : ['runtime/default'],
    }
    const plain = spelled[type]
    if (plain) return plain.includes(annotation) ? [] : differs('type', 'type')
    if (type !== 'Localhost') return []
    if (!annotation.startsWith('localhost/')) return differs('type', 'type')
    return profile['localhostProfile'] === annotation.slice('localhost/'.length)
      ? []
      : differs('localhostProfile', 'profile')
  }
  const context = part(spec, 'securityContext')
  const profileOf = (owner: Loose, field: string): Loose | undefined => asLoose(owner[field])
  const faults = match(
    'seccomp',
    profileOf(context, 'seccompProfile'),
    value(seccompPod),
    `${path}.securityContext.seccompProfile`,
  )
  const isWindows = text(part(spec, 'os'), 'name') === 'windows'
  return [
    ...faults,
    ...eachContainer(spec, path, (container, at) => {
      const annotation = value(seccompPrefix + text(container, 'name'))
      const profile = profileOf(part(container, 'securityContext'), 'seccompProfile')
      return match('seccomp', profile, annotation, `${at}.securityContext.seccompProfile`)
    }),
    ...eachContainer(isWindows ? {} : spec, path, (container, at) => {
      const annotation = value(appArmorPrefix + text(container, 'name'))
      const own = profileOf(part(container, 'securityContext'), 'appArmorProfile')
      const profile = own ?? profileOf(context, 'appArmorProfile')
      return match('apparmor', profile, annotation, `${at}.securityContext.appArmorProfile`)
    }),
  ]
}
