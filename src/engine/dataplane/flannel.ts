import { familyOfCidr } from '../base/cidr.ts'
import { parseRule } from '../netfilter/parseRule.ts'
import { ensureChain, appendRule, findRule } from '../netfilter/tables.ts'
import type { Cidr } from '../base/cidr.ts'
import type { Tables } from '../netfilter/rule.ts'

const COMMENT = '-m comment --comment "flanneld masq"'

/** flannel's masquerade rules for a node, as it appends them. Source: flannel pkg/trafficmngr/iptables, masqRules. */
function masqueradeRules(cluster: Cidr, own: Cidr): readonly string[] {
  const multicast = familyOfCidr(cluster) === 'IPv4' ? '224.0.0.0/4' : 'ff00::/8'
  return [
    `-A POSTROUTING ${COMMENT} -j FLANNEL-POSTRTG`,
    `-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 ${COMMENT} -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${own} -d ${cluster} ${COMMENT} -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${cluster} -d ${own} ${COMMENT} -j RETURN`,
    `-A FLANNEL-POSTRTG ! -s ${cluster} -d ${own} ${COMMENT} -j RETURN`,
    `-A FLANNEL-POSTRTG -s ${cluster} ! -d ${multicast} ${COMMENT} -j MASQUERADE --random-fully`,
    `-A FLANNEL-POSTRTG ! -s ${cluster} -d ${cluster} ${COMMENT} -j MASQUERADE --random-fully`,
  ]
}

/** Puts the rules into nat, once: what is there already stays. */
export function addFlannelRules(tables: Tables, cluster: Cidr, own: Cidr): void {
  ensureChain(tables, 'nat', 'FLANNEL-POSTRTG')
  for (const line of masqueradeRules(cluster, own)) {
    const rule = parseRule(line, tables.family)
    if (rule.ok && findRule(tables, 'nat', rule.value) === 0) appendRule(tables, 'nat', rule.value)
  }
}
