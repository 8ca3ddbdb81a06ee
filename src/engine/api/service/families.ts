import { familyOf, parseIp } from '../../base/ip.ts'
import type { IpFamily } from '../../base/ip.ts'
import { err, ok } from '../../base/result.ts'
import type { Result } from '../../base/result.ts'
import { duplicate, invalid, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { ipFaults } from '../validation/addresses.ts'
import { hasSelector, isHeadless, sameList, withFields } from './service.ts'
import type { ServiceSpec } from './service.ts'

/**
 * The rules that tie `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` together.
 * Source: kubernetes pkg/apis/core/validation, ValidateServiceClusterIPsRelatedFields.
 */
export function validateFamilies(spec: ServiceSpec, old: ServiceSpec | undefined): readonly FieldError[] {
  if (spec.type === 'ExternalName') return []
  const ips = spec.clusterIPs ?? []
  const families = spec.ipFamilies ?? []
  const faults: FieldError[] = [...linkedFaults(spec.clusterIP ?? '', ips)]
  families.forEach((family, i) => {
    const field = `spec.ipFamilies[${i}]`
    if (!isFamily(family)) faults.push(notSupported(field, family, ['IPv4', 'IPv6']))
    if (families.indexOf(family) < i) faults.push(duplicate(field, family))
  })
  const policy = spec.ipFamilyPolicy
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  if (policy !== undefined && !policies.includes(policy)) {
    faults.push(notSupported('spec.ipFamilyPolicy', policy, policies))
  }
  const badIPs = new Set<number>()
  ips.forEach((ip, i) => {
    if (i === 0 && ip === 'None') {
      if (ips.length > 1) faults.push(invalid('spec.clusterIPs', ips, "'None' must be the first and only value"))
      if (ips.length > 1) badIPs.add(i)
      return
    }
    const found = ipFaults(`spec.clusterIPs[${i}]`, ip, old?.clusterIPs)
    if (found.length > 0) badIPs.add(i)
    faults.push(...found)
  })
  if (ips.length > 2) faults.push(invalid('spec.clusterIPs', ips, 'may only hold up to 2 values'))
  if (badIPs.size > 0) return faults
  const kinds = ips.map(familyOfText)
  if (ips.length > 1 && new Set(kinds).size < 2) {
    faults.push(invalid('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'))
  }
  if (!isHeadless(spec)) {
    families.forEach((family, i) => {
      const ip = ips[i]
      if (ip === undefined || !isFamily(family) || kinds[i] === family) return
      const article = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``
      faults.push(invalid(`spec.clusterIPs[${i}]`, ip, article))
    })
  }
  return faults
}

function isFamily(text: string): boolean {
  return text === 'IPv4' || text === 'IPv6'
}

function linkedFaults(single: string, ips: readonly string[]): readonly FieldError[] {
  if (single === '') {
    const detail = 'must be empty when `clusterIP` is not specified'
    return ips.length === 0 ? [] : [invalid('spec.clusterIPs', ips, detail)]
  }
  if (ips.length === 0) return [required('spec.clusterIPs')]
  return ips[0] === single ? [] : [invalid('spec.clusterIPs', ips, 'first value must match `clusterIP`')]
}

function familyOfText(ip: string): IpFamily {
  const parsed = parseIp(ip)
  // Go's own check looks for a colon in the parsed form: an IPv4 address in IPv6 dress is IPv4.
  return parsed.ok ? familyOf(parsed.value) : 'IPv4'
}

function otherFamily(family: IpFamily): IpFamily {
  return family === 'IPv4' ? 'IPv6' : 'IPv4'
}

/**
 * A PreferDualStack Service whose addresses and families were not touched is left as it is, so that a cluster's move
 * between stacks neither adds an IP nor takes one away.
 */
export function isUntouchedPreferDual(spec: ServiceSpec, old: ServiceSpec | undefined): boolean {
  return (
    old !== undefined &&
    spec.type === old.type &&
    ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type) &&
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    sameList(spec.clusterIPs, old.clusterIPs) &&
    sameList(spec.ipFamilies, old.ipFamilies)
  )
}

/** A Service without a policy keeps the old one's; a new one needs two families only where nothing else is known. */
function policyOf(spec: ServiceSpec, old: ServiceSpec | undefined): string {
  if (spec.ipFamilyPolicy !== undefined) return spec.ipFamilyPolicy
  if (old?.ipFamilyPolicy !== undefined) return old.ipFamilyPolicy
  return isDetached(spec) ? 'RequireDualStack' : 'SingleStack'
}

/** Headless and without selector: nothing of it depends on the cluster's families. */
function isDetached(spec: ServiceSpec): boolean {
  return spec.clusterIP === 'None' && !hasSelector(spec)
}

function isReduced(now: readonly string[] | undefined, before: readonly string[] | undefined): boolean {
  return (now ?? []).length > 0 && (now ?? []).length < (before ?? []).length
}

/** Going to SingleStack drops the second address and family where they were not touched; no other way may drop them. */
function released(spec: ServiceSpec, old: ServiceSpec): { readonly spec: ServiceSpec; readonly faults: FieldError[] } {
  const faults: FieldError[] = []
  let next = spec
  if (spec.ipFamilyPolicy === 'SingleStack') {
    const { clusterIPs = [], ipFamilies = [] } = spec
    if (sameList(clusterIPs, old.clusterIPs) && clusterIPs.length > 1) {
      next = withFields(next, { clusterIPs: clusterIPs.slice(0, 1) })
    }
    if (sameList(ipFamilies, old.ipFamilies) && ipFamilies.length > 1) {
      next = withFields(next, { ipFamilies: ipFamilies.slice(0, 1) })
    }
  } else {
    const refuse = (what: string): void => {
      const detail = `must be 'SingleStack' to release the secondary ${what}`
      faults.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, detail))
    }
    if (isReduced(spec.clusterIPs, old.clusterIPs)) refuse('cluster IP')
    if (isReduced(spec.ipFamilies, old.ipFamilies)) refuse('IP family')
  }
  return { spec: next, faults }
}

/** Families of addresses that were given without them. */
function inferFamilies(
  spec: ServiceSpec,
  configured: readonly IpFamily[],
): { readonly families: IpFamily[]; readonly faults: FieldError[] } {
  const families = [...(spec.ipFamilies ?? [])]
  const faults: FieldError[] = []
  const ips = spec.clusterIPs ?? []
  for (const [i, ip] of ips.entries()) {
    if (ip === 'None') break
    if (i < families.length) continue
    const family = familyOfText(ip)
    if (configured.includes(family)) families.push(family)
    else faults.push(invalid(`spec.clusterIPs[${i}]`, ips, `${family} is not configured on this cluster`))
  }
  return { families, faults }
}

/**
 * Chooses families and policy where the author left them open. `configured`: the cluster's families, default first.
 * The faults found here come alone, before any other validation.
 * Source: kubernetes pkg/registry/core/service/storage/alloc.go, initIPFamilyFields.
 */
export function chooseFamilies(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  configured: readonly IpFamily[],
): Result<ServiceSpec, readonly FieldError[]> {
  if (spec.type === 'ExternalName' || isUntouchedPreferDual(spec, old)) return ok(spec)
  const policy = policyOf(spec, old)
  let next = withFields(spec, { ipFamilyPolicy: policy })
  const linked = validateFamilies(next, old)
  if (linked.length > 0) return err(linked)

  const faults: FieldError[] = []
  if (old) {
    const after = released(next, old)
    next = after.spec
    faults.push(...after.faults)
  }
  if (policy === 'SingleStack') {
    const detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
    const refuse = (what: string): void => {
      faults.push(invalid('spec.ipFamilyPolicy', policy, `${detail} ${what} are specified`))
    }
    if (next.clusterIPs?.length === 2) refuse('cluster IPs')
    if (next.ipFamilies?.length === 2) refuse('IP families')
  }
  const inferred = inferFamilies(next, configured)
  faults.push(...inferred.faults)
  if (faults.length > 0) return err(faults)

  const { families } = inferred
  if (isDetached(next)) {
    const primary = families[0] ?? configured[0] ?? 'IPv4'
    const both = families.length < 2 && policy !== 'SingleStack'
    const chosen = both ? [primary, otherFamily(primary)] : families.length === 0 ? [primary] : families
    return ok(withFields(next, { ipFamilies: chosen }))
  }
  if (policy === 'RequireDualStack' && configured.length < 2) {
    faults.push(invalid('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services'))
  }
  families.forEach((family, i) => {
    if (!configured.includes(family)) {
      faults.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'))
    }
  })
  if (faults.length > 0) return err(faults)
  const primary = families[0] ?? configured[0] ?? 'IPv4'
  if (families.length === 0) families.push(primary)
  if (policy !== 'SingleStack' && families.length === 1 && configured.length === 2) families.push(otherFamily(primary))
  return ok(withFields(next, { ipFamilies: families }))
}
