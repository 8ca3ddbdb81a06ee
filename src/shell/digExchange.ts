import { failureText } from './digIo.ts'
import { ipOrUndefined } from '../engine/base/ip.ts'
import { isAbsolute } from '../engine/index.ts'
import type { DnsIo, DnsReply } from './digIo.ts'
import type { DnsMessage } from '../engine/index.ts'
import type { Ip } from '../engine/base/ip.ts'

/** How dig, nslookup and host put one question to their servers. */
export interface ExchangePlan {
  readonly servers: readonly string[]
  /** A server as the user wrote it; its address where it comes from resolv.conf. */
  readonly asked: (server: string) => string
  readonly port: number
  readonly tcp: boolean
  /** How often the first server is asked; each other is asked once. */
  readonly tries: number
  readonly timeoutMs: number
  /** The name as typed, for messages. */
  readonly name: string
  /** Goes before the last words when nobody answered. */
  readonly greeting: string
  readonly makeQuery: () => DnsMessage
  /** Whether this reply sends the client on to the next server, if there is one. */
  readonly passOver?: (message: DnsMessage) => boolean
}

export interface Answered {
  readonly query: DnsMessage
  readonly reply: Extract<DnsReply, { type: 'message' }>
  readonly server: string
}

const NO_SERVERS = ';; no servers could be reached\n'

/** Asks until there is a reply; what was said about failures goes to `log`. Source: BIND 9.18 bin/dig/dighost.c. */
export function exchange(io: DnsIo, plan: ExchangePlan, log: (text: string) => void): Answered | undefined {
  const [first = '127.0.0.1', ...others] = plan.servers
  const turns = [...Array.from({ length: plan.tries }, () => first), ...others]
  let passedOver: Answered | undefined
  for (const [turn, server] of turns.entries()) {
    // Only a server that said nothing is asked again.
    if (passedOver && server === passedOver.server) continue
    const query = plan.makeQuery()
    const reply = io.query({ server, port: plan.port, tcp: plan.tcp, timeoutMs: plan.timeoutMs }, query)
    if (reply.type === 'message') {
      const answered = { query, reply, server }
      if (plan.passOver?.(reply.message) !== true || others.length === 0) return answered
      passedOver = answered
      continue
    }
    const place = `${server}#${plan.port}`
    if (plan.tcp) {
      log(
        `;; Connection to ${place}(${plan.asked(server)}) for ${plan.name} failed: ${failureText(reply)}.\n${NO_SERVERS}`,
      )
    } else {
      log(`;; communications error to ${place}: ${failureText(reply)}\n`)
      if (turn === turns.length - 1 && !passedOver) log(plan.greeting + NO_SERVERS)
    }
  }
  return passedOver
}

/** The names to try, and whether BIND counts the first as already searched for. */
export function searchNames(
  name: string,
  options: { readonly search: readonly string[]; readonly ndots: number; readonly on: boolean },
): { readonly names: readonly string[]; readonly counted: boolean } {
  const dots = name.split('.').length - 1
  const counted = options.on && dots >= options.ndots
  const searching = options.on && !counted && !isAbsolute(name)
  return { names: searching ? [...options.search.map((domain) => `${name}.${domain}`), name] : [name], counted }
}

/** The addresses behind a server as typed, undefined when it has none. */
export function serverAddresses(server: string, io: DnsIo, usable: (ip: Ip) => boolean): readonly string[] | undefined {
  const literal = ipOrUndefined(server)
  const addresses = (literal === undefined ? io.lookUp(server) : [literal]).filter((address) => {
    const ip = ipOrUndefined(address)
    return ip !== undefined && usable(ip)
  })
  return addresses.length > 0 ? addresses : undefined
}
