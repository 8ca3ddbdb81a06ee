import type { Pod } from '../types.ts'
import { plainJson } from '../json.ts'
import { part, text } from './fields.ts'
import { asList, asLoose } from './loose.ts'
import type { Loose } from './loose.ts'
import { appArmorRemark } from './podWarnings.ts'
import { appArmorPrefix } from './validateProfiles.ts'
import { appArmor } from './validateSecurity.ts'

function profileOf(annotation: string): Loose | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const local = /^localhost\/(.+)$/s.exec(annotation)?.[1]
  return local === undefined ? undefined : { type: 'Localhost', localhostProfile: local }
}

/** A new pod whose AppArmor annotations stand in its containers' contexts too. Source: kubernetes pod strategy.go. */
export function syncAppArmor(pod: Pod): { readonly pod: Pod; readonly warnings: readonly string[] } {
  const annotations = pod.metadata.annotations ?? {}
  const isWindows = text(part(pod.spec, 'os'), 'name') === 'windows'
  if (isWindows || !Object.keys(annotations).some((key) => key.startsWith(appArmorPrefix))) return { pod, warnings: [] }
  const ofPod = part(pod.spec, 'securityContext')['appArmorProfile']
  const warnings: string[] = []
  let spec: Loose = pod.spec
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    if (spec[list] === undefined) continue
    const containers = asList(spec[list]).map((container) => {
      const key = appArmorPrefix + text(container, 'name')
      const context = part(container, 'securityContext')
      if (!Object.hasOwn(annotations, key) || asLoose(context['appArmorProfile'])) return container
      const found = profileOf(annotations[key] ?? '')
      const profile = found && appArmor(found, '').length === 0 ? found : undefined
      const isOwn = profile !== undefined && plainJson(profile) !== plainJson(ofPod)
      if (!profile || isOwn) warnings.push(`metadata.annotations[${key}]: ${appArmorRemark}`)
      return isOwn ? { ...container, securityContext: { ...context, appArmorProfile: profile } } : container
    })
    spec = { ...spec, [list]: containers }
  }
  return { pod: { ...pod, spec: spec as Pod['spec'] }, warnings }
}
