import { familyOf, parseIp } from '../../base/ip.ts'
import type { IpFamily } from '../../base/ip.ts'
import { err, ok } from '../../base/result.ts'
import type { Result } from '../../base/result.ts'
import { duplicate, invalid, notSupported, required } from '../fieldError.ts'
import type { FieldError } from '../fieldError.ts'
import { ipFaults } from '../validation/addresses.ts'
import { hasSelector, isHeadless, needsClusterIP, sameList, withFields } from './service.ts'
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

function wantsDualStack(policy: string | undefined): boolean {
  return policy === 'PreferDualStack' || policy === 'RequireDualStack'
}

/** A cluster's move between stacks leaves such Services as they are: no IP is added or taken away. */
function isUntouchedPreferDual(spec: ServiceSpec, old: ServiceSpec | undefined): boolean {
  return (
    old !== undefined &&
    spec.type !== 'ExternalName' &&
    old.type !== 'ExternalName' &&
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    old.ipFamilyPolicy === 'PreferDualStack' &&
    sameList(spec.clusterIPs, old.clusterIPs) &&
    sameList(spec.ipFamilies, old.ipFamilies)
  )
}

/** On an update: what was left out stays; going to SingleStack drops the second family where it was not touched. */
function fromOld(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (!needsClusterIP(old) || !needsClusterIP(spec)) return spec
  let next = spec
  if (next.ipFamilyPolicy === undefined) next = withFields(next, { ipFamilyPolicy: old.ipFamilyPolicy })
  if ((next.ipFamilies ?? []).length === 0) next = withFields(next, { ipFamilies: old.ipFamilies })
  if (!wantsDualStack(old.ipFamilyPolicy) || next.ipFamilyPolicy !== 'SingleStack') return next
  const ips = next.clusterIPs ?? []
  const families = next.ipFamilies ?? []
  if (ips.length > 1 && sameList(ips, old.clusterIPs)) next = withFields(next, { clusterIPs: ips.slice(0, 1) })
  if (families.length > 1 && sameList(families, old.ipFamilies)) {
    next = withFields(next, { ipFamilies: families.slice(0, 1) })
  }
  return next
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
  let next = old ? fromOld(spec, old) : spec
  if (isUntouchedPreferDual(next, old)) return ok(next)
  const linked = validateFamilies(next, old)
  if (linked.length > 0) return err(linked)

  const detached = next.clusterIP === 'None' && !hasSelector(next)
  const policy = next.ipFamilyPolicy ?? (detached ? 'RequireDualStack' : 'SingleStack')
  next = withFields(next, { ipFamilyPolicy: policy })
  const ips = next.clusterIPs ?? []
  const faults: FieldError[] = []
  const families = [...(next.ipFamilies ?? [])]
  if (policy === 'SingleStack') {
    const detail = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
    const field = 'spec.ipFamilyPolicy'
    if (ips.length === 2) faults.push(invalid(field, policy, `${detail} cluster IPs are specified`))
    if (families.length === 2) faults.push(invalid(field, policy, `${detail} IP families are specified`))
  }
  if (!isHeadless(next)) {
    ips.slice(families.length).forEach((ip, i) => {
      const family = familyOfText(ip)
      const field = `spec.clusterIPs[${families.length}]`
      if (configured.includes(family)) families.push(family)
      else if (i === 0 || faults.length === 0) {
        faults.push(invalid(field, ips, `${family} is not configured on this cluster`))
      }
    })
  }
  if (faults.length > 0) return err(faults)

  const primary = families[0] ?? configured[0] ?? 'IPv4'
  if (detached) {
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
  if (families.length === 0) families.push(primary)
  if (wantsDualStack(policy) && families.length === 1 && configured.length === 2) families.push(otherFamily(primary))
  return ok(withFields(next, { ipFamilies: families }))
}
