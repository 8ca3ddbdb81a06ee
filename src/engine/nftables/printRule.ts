import { assertNever } from '../base/assertNever.ts'
import { prefixOf } from '../base/cidr.ts'
import { familyOf } from '../base/ip.ts'
import { mergeRanges } from './ranges.ts'
import type { Cidr } from '../base/cidr.ts'
import type { IpFamily } from '../base/ip.ts'
import type { NftExpression, NftRule, NftStatement, NftVerdict } from './table.ts'

/** A mark as `nft` prints it: `0x00004000`. */
export function hexMark(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}

/** `10.244.0.0/16`; a full-length prefix is a bare address. */
export function printCidr(cidr: Cidr): string {
  const { family, bits } = prefixOf(cidr)
  return bits === (family === 'IPv4' ? 32 : 128) ? cidr.slice(0, cidr.indexOf('/')) : cidr
}

/** One prefix as it is, several as an anonymous set, in which nft joins what overlaps or touches. */
function printCidrs(cidrs: readonly Cidr[]): string {
  const [only, ...others] = cidrs
  return only && others.length === 0 ? printCidr(only) : `{ ${mergeRanges(cidrs).join(', ')} }`
}

/** A rule whose text is made when somebody asks for it. */
class PrintedRule implements NftRule {
  readonly expressions: readonly NftExpression[]
  readonly statements: readonly NftStatement[]
  readonly comment?: string
  private readonly family: IpFamily
  private printed: string | undefined

  constructor(
    family: IpFamily,
    expressions: readonly NftExpression[],
    statements: readonly NftStatement[],
    comment: string | undefined,
  ) {
    this.family = family
    this.expressions = expressions
    this.statements = statements
    if (comment !== undefined) this.comment = comment
  }

  get text(): string {
    return (this.printed ??= [
      ...this.expressions.map((expression) => printExpression(expression, this.family)),
      ...this.statements.map((statement) => printStatement(statement, this.family)),
      ...(this.comment === undefined ? [] : [`comment "${this.comment}"`]),
    ].join(' '))
  }
}

/** A finished rule: its `text` is what `nft -s list` prints. */
export function nftRule(
  family: IpFamily,
  expressions: readonly NftExpression[],
  statements: readonly NftStatement[],
  comment?: string,
): NftRule {
  return new PrintedRule(family, expressions, statements, comment)
}

function printExpression(expression: NftExpression, family: IpFamily): string {
  const ip = family === 'IPv4' ? 'ip' : 'ip6'
  switch (expression.type) {
    case 'ctStateNew':
      return 'ct state new'
    case 'saddr':
    case 'daddr':
      return `${ip} ${expression.type} ${expression.negate ? '!= ' : ''}${printCidrs(expression.cidrs)}`
    case 'saddrInSet':
      return `${ip} saddr @${expression.set}`
    case 'daddrInSet':
      return `${ip} daddr @${expression.set}`
    case 'fib':
      return `fib ${expression.side} type local`
    case 'iifname':
      return `iifname ${expression.negate ? '!= ' : ''}"${expression.name}"`
    case 'l4proto':
      return `meta l4proto ${expression.protocol}`
    case 'markMask':
      return expression.mask === 2 ** 31
        ? // nft takes a mask of leading ones for a prefix.
          `meta mark ${hexMark(expression.value)}/1`
        : `meta mark & ${hexMark(expression.mask)} == ${hexMark(expression.value)}`
    default:
      return assertNever(expression)
  }
}

function printStatement(statement: NftStatement, family: IpFamily): string {
  const ip = family === 'IPv4' ? 'ip' : 'ip6'
  switch (statement.type) {
    case 'verdict':
      return printVerdict(statement.verdict)
    case 'vmap': {
      const key = statement.key === 'daddr.proto.dport' ? `${ip} daddr . ` : ''
      return `${key}meta l4proto . th dport vmap @${statement.map}`
    }
    case 'numgen': {
      const choices = statement.verdicts.map((verdict, i) => `${i} : ${printVerdict(verdict)}`)
      return `numgen random mod ${statement.modulus} vmap { ${choices.join(', ')} }`
    }
    case 'markOr':
      return `meta mark set meta mark | ${hexMark(statement.value)}`
    case 'markXor':
      return `meta mark set meta mark ^ ${hexMark(statement.value)}`
    case 'updateSet':
      return `update @${statement.set} { ${ip} saddr }`
    case 'dnat': {
      const address = familyOf(statement.ip) === 'IPv6' ? `[${statement.ip}]` : statement.ip
      return `dnat to ${address}:${statement.port}`
    }
    case 'masquerade':
      return statement.fullyRandom ? 'masquerade fully-random' : 'masquerade'
    default:
      return assertNever(statement)
  }
}

export function printVerdict(verdict: NftVerdict): string {
  return verdict.type === 'jump' || verdict.type === 'goto' ? `${verdict.type} ${verdict.chain}` : verdict.type
}
