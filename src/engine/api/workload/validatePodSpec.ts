import { invalid, invalids, notSupported, required, duplicate } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import type { Labels } from '../types.ts'
import { ipFaults } from '../validation/addresses.ts'
import { oneOf, validateAnnotations, validateLabels } from '../validation/meta.ts'
import { dns1123Label, dns1123Subdomain, labelValueFaults, qualifiedName } from '../validation/names.ts'
import { asList, asLoose } from './podDefaults.ts'
import type { Loose } from './podDefaults.ts'
import { count, identityFaults, text, validateContainers } from './validateContainer.ts'
import { validateAffinity, validateChoices } from './validatePlacement.ts'
import { validateVolumeSource } from './validateSources.ts'

/** Every fault of a pod's spec at `field`. Source: kubernetes pkg/apis/core/validation, ValidatePodSpec. */
export function validatePodSpec(spec: Loose, field: string): readonly FieldError[] {
  const volumes = asList(spec['volumes'])
  const names = new Set(volumes.map((volume) => text(volume, 'name')))
  const containers = asList(spec['containers'])
  const containerNames = new Set(containers.map((container) => text(container, 'name')))
  const deadline = count(spec, 'activeDeadlineSeconds')
  return [
    ...validateVolumes(volumes, `${field}.volumes`),
    ...validateContainers(containers, `${field}.containers`, 'containers', names, new Set()),
    ...validateContainers(
      asList(spec['initContainers']),
      `${field}.initContainers`,
      'initContainers',
      names,
      containerNames,
    ),
    ...oneOf(`${field}.restartPolicy`, text(spec, 'restartPolicy'), ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${field}.dnsPolicy`, text(spec, 'dnsPolicy'), [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...validateLabels(asLoose(spec['nodeSelector']) as Labels | undefined, `${field}.nodeSelector`),
    ...validateDNSConfig(spec, field),
    ...named(spec, field, 'serviceAccountName', dns1123Subdomain),
    ...named(spec, field, 'nodeName', dns1123Subdomain),
    ...(deadline !== undefined && (deadline < 1 || deadline > 2147483647)
      ? [invalid(`${field}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive')]
      : []),
    ...identityFaults(asLoose(spec['securityContext']) ?? {}, `${field}.securityContext`),
    ...validateAffinity(asLoose(spec['affinity']) ?? {}, `${field}.affinity`),
    ...validateChoices(spec, field),
    ...named(spec, field, 'hostname', dns1123Label),
    ...named(spec, field, 'subdomain', dns1123Label),
    ...asList(spec['tolerations']).flatMap((toleration, i) =>
      validateToleration(toleration, `${field}.tolerations[${i}]`),
    ),
    ...asList(spec['hostAliases']).flatMap((alias, i) => validateHostAlias(alias, `${field}.hostAliases[${i}]`)),
  ]
}

function named(
  spec: Loose,
  field: string,
  name: string,
  rule: (text: string) => readonly string[],
): readonly FieldError[] {
  const value = text(spec, name)
  return value === '' ? [] : invalids(`${field}.${name}`, value, rule(value))
}

function validateVolumes(volumes: readonly Loose[], field: string): readonly FieldError[] {
  const names = new Set<string>()
  return volumes.flatMap((volume, i) => {
    const path = `${field}[${i}]`
    const name = text(volume, 'name')
    const sources = Object.keys(volume).filter((key) => key !== 'name')
    const faults: FieldError[] = []
    const extra = sources.slice(1)
    faults.push(
      ...extra.map((source): FieldError => ({
        field: `${path}.${source}`,
        type: 'Forbidden',
        detail: 'may not specify more than 1 volume type',
      })),
    )
    if (name === '') faults.push(required(`${path}.name`))
    else {
      const wrong = invalids(`${path}.name`, name, dns1123Label(name))
      faults.push(...wrong)
      if (wrong.length === 0 && names.has(name)) faults.push(duplicate(`${path}.name`, name))
    }
    names.add(name)
    faults.push(...validateVolumeSource(volume, path))
    return faults
  })
}

function validateDNSConfig(spec: Loose, field: string): readonly FieldError[] {
  const config = asLoose(spec['dnsConfig'])
  const path = `${field}.dnsConfig`
  const isNone = spec['dnsPolicy'] === 'None'
  if (!config) return isNone ? [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')] : []
  const servers = Array.isArray(config['nameservers']) ? (config['nameservers'] as readonly string[]) : []
  const searches = Array.isArray(config['searches']) ? (config['searches'] as readonly string[]) : []
  const faults: FieldError[] = []
  if (isNone && servers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    faults.push(required(`${path}.nameservers`, detail))
  }
  if (servers.length > 3) {
    faults.push(invalid(`${path}.nameservers`, servers, 'must not have more than 3 nameservers'))
  }
  servers.forEach((server, i) => faults.push(...ipFaults(`${path}.nameservers[${i}]`, server)))
  if (searches.length > 32) {
    faults.push(invalid(`${path}.searches`, searches, 'must not have more than 32 search paths'))
  }
  searches.forEach((search, i) => {
    if (search === '.') return
    const bare = search.replace(/\.$/, '').replaceAll('_', 'x')
    const wrong = dns1123Subdomain(bare)
    faults.push(...invalids(`${path}.searches[${i}]`, search, wrong))
  })
  asList(config['options']).forEach((option, i) => {
    if (text(option, 'name') === '') faults.push(required(`${path}.options[${i}]`, 'must not be empty'))
  })
  return faults
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function validateToleration(toleration: Loose, path: string): readonly FieldError[] {
  const [key, operator, value] = [text(toleration, 'key'), text(toleration, 'operator'), text(toleration, 'value')]
  const effect = text(toleration, 'effect')
  const faults: FieldError[] = []
  if (key !== '') faults.push(...invalids(`${path}.key`, key, qualifiedName(key)))
  if (key === '' && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    faults.push(invalid(`${path}.operator`, operator, detail))
  }
  if (toleration['tolerationSeconds'] !== undefined && effect !== 'NoExecute') {
    faults.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (operator === 'Equal' || operator === '') {
    const wrong = labelValueFaults(value)
    if (wrong.length > 0) faults.push(invalid(`${path}.operator`, value, wrong.join(';')))
  } else if (operator === 'Exists') {
    if (value !== '') {
      faults.push(invalid(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"))
    }
  } else {
    // Comparisons are known, and switched off.
    const isComparison = operator === 'Lt' || operator === 'Gt'
    const plain = ['Equal', 'Exists']
    faults.push(notSupported(`${path}.operator`, operator, isComparison ? [...plain, 'Lt', 'Gt'] : plain))
  }
  if (effect !== '' && !effects.includes(effect)) faults.push(notSupported(`${path}.effect`, effect, effects))
  return faults
}

function validateHostAlias(alias: Loose, path: string): readonly FieldError[] {
  const names = Array.isArray(alias['hostnames']) ? (alias['hostnames'] as readonly string[]) : []
  return [
    ...ipFaults(`${path}.ip`, text(alias, 'ip')),
    ...names.flatMap((name, i) => invalids(`${path}.hostnames[${i}]`, name, dns1123Subdomain(name))),
  ]
}

/** The template of a workload at `field`. Faults of its labels leave `metadata` out, as the real ones do. */
export function validatePodTemplate(template: Loose, field: string): readonly FieldError[] {
  const meta = asLoose(template['metadata']) ?? {}
  return [
    ...validateLabels(asLoose(meta['labels']) as Labels | undefined, `${field}.labels`),
    ...validateAnnotations(asLoose(meta['annotations']) as Labels | undefined, `${field}.annotations`),
    ...validatePodSpec(asLoose(template['spec']) ?? {}, `${field}.spec`),
  ]
}
