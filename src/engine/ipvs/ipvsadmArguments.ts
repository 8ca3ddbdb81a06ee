import { ipOrUndefined } from '../base/ip.ts'
import { PORT_NAMES } from '../base/portNames.ts'
import { ACTIONS, OPTIONS, ORDER, RULES } from './ipvsadmOptions.ts'
import type { SocketAddress } from '../packet/packet.ts'
import type { IpvsadmAction } from './ipvsadmOptions.ts'
import type { IpvsProtocol, SchedulerFlag } from './model.ts'

export interface IpvsadmArguments {
  readonly action: IpvsadmAction
  /** Options by their names in the tool's messages. */
  readonly options: ReadonlySet<string>
  readonly service?: { readonly protocol: IpvsProtocol; readonly address: SocketAddress }
  readonly server?: SocketAddress
  readonly scheduler?: string
  readonly flags?: readonly SchedulerFlag[]
  readonly persistence?: number
  readonly weight?: number
  readonly masquerading?: boolean
  /** `--set`. */
  readonly timeouts?: readonly [number, number, number]
}

/** What the tool says instead, and its exit code. */
export interface IpvsadmFault {
  readonly message: string
  readonly exitCode: number
}

const fail = (message: string, exitCode = 2): IpvsadmFault => ({ message, exitCode })
const TRY_HELP = fail("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 255)

type Draft = { -readonly [K in keyof IpvsadmArguments]: IpvsadmArguments[K] } & {
  options: Set<string>
  flagTexts?: readonly string[]
}

/** As ipvsadm 1.31 (compiled with popt) reads its command line. */
export function parseIpvsadmArguments(argv: readonly string[]): IpvsadmArguments | IpvsadmFault {
  const words = spread(argv)
  const first = words.shift()
  const action = first?.option === undefined ? undefined : ACTIONS[first.option]
  if (!first || action === undefined || !Object.hasOwn(ACTIONS, first.option ?? '')) return TRY_HELP
  const draft: Draft = { action, options: new Set<string>() }
  if (action === 'help' || action === 'version') return draft
  const rest: string[] = []
  if (action.endsWith('-daemon')) words.shift()
  for (let word = words.shift(); word; word = words.shift()) {
    if (word.option === undefined) {
      rest.push(word.text)
      continue
    }
    const known = OPTIONS.get(word.option)
    if (!known) {
      if (Object.hasOwn(ACTIONS, word.option)) return fail(`invalid option \`${word.text}'`)
      return fail(`${word.text}: unknown option`, 255)
    }
    let value = word.value
    if (known.value === 'needed' || (known.value === 'optional' && words[0]?.option === undefined)) {
      value ??= words.shift()?.text
    }
    if (known.value === 'needed' && value === undefined) return fail(`${word.text}: missing argument`, 255)
    if (draft.options.has(known.name)) return fail(`multiple '${known.name}' options specified`)
    draft.options.add(known.name)
    const fault = read(draft, known.name, word.option, value)
    if (fault) return fault
  }
  if (action === 'set') {
    const [tcp, tcpFin, udp, more] = rest
    if (tcp === undefined || tcpFin === undefined || udp === undefined) {
      return fail('--set option requires 3 timeout values')
    }
    const values = [tcp, tcpFin, udp].map((text) => wholeNumber(text, MAX_TIMEOUT))
    const wrong = values.indexOf(undefined)
    if (wrong >= 0) return fail(`invalid timeout value \`${rest[wrong] ?? ''}' specified`)
    draft.timeouts = [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0]
    if (more !== undefined) return fail(`unexpected argument ${more}`)
  } else if (rest[0] !== undefined) return fail(`unexpected argument ${rest[0]}`)
  const flags = (draft.flagTexts ?? []).map((flag) => schedulerFlag(flag, draft.scheduler ?? ''))
  const wrong = flags.indexOf(undefined)
  if (wrong >= 0) return fail(`invalid scheduler flag \`${draft.flagTexts?.[wrong] ?? ''}'`)
  // The fallback is flag 1.
  draft.flags = flags.filter((flag) => flag !== undefined).sort()
  return check(draft) ?? draft
}

/** Options one by one: `-Lnc` is three; a short option's value may follow it at once. */
interface Word {
  readonly text: string
  /** Absent: no option. */
  readonly option?: string
  readonly value?: string
}

function spread(argv: readonly string[]): Word[] {
  return argv.flatMap((text, at): Word[] => {
    const before = argv[at - 1] ?? ''
    const isValue = OPTIONS.get(before.startsWith('--') ? before.slice(2) : before.slice(-1))?.value === 'needed'
    if (!text.startsWith('-') || text === '-' || (isValue && before.startsWith('-'))) return [{ text }]
    if (text.startsWith('--')) {
      const [name = '', ...value] = text.slice(2).split('=')
      return [{ text, option: name, ...(value.length > 0 && { value: value.join('=') }) }]
    }
    const letters: Word[] = []
    for (let i = 1; i < text.length; i++) {
      const letter = text.charAt(i)
      const value = OPTIONS.get(letter)?.value && i + 1 < text.length ? text.slice(i + 1) : undefined
      letters.push({ text, option: letter, ...(value !== undefined && { value }) })
      if (value !== undefined) break
    }
    return letters
  })
}

const MAX_TIMEOUT = 86_400 * 31

function read(draft: Draft, name: string, letter: string, value = ''): IpvsadmFault | undefined {
  switch (name) {
    case 'service-address': {
      if (letter === 'f' || letter === 'fwmark-service')
        return fail('virtual servers by firewall mark are not simulated')
      const address = parseAddress(value)
      if (!address) return fail('illegal virtual server address[:port] specified')
      const protocol = letter.startsWith('t') ? 'TCP' : letter.startsWith('u') ? 'UDP' : 'SCTP'
      draft.service = { protocol, address }
      return undefined
    }
    case 'real-server': {
      const address = parseAddress(value)
      if (!address) return fail('illegal real server address[:port] specified')
      const hasPort = /(^[^:[]*|\]):/.test(value)
      draft.server = hasPort ? address : { ...address, port: draft.service?.address.port ?? 0 }
      return undefined
    }
    case 'scheduler':
      draft.scheduler = value
      return undefined
    case 'sched-flags':
      draft.flagTexts = value.split(',')
      return undefined
    case 'persistent': {
      const seconds = value === '' ? 360 : wholeNumber(value, MAX_TIMEOUT)
      if (!seconds) return fail(`invalid timeout value \`${value}' specified`)
      draft.persistence = seconds
      return undefined
    }
    case 'weight': {
      const weight = wholeNumber(value, 2 ** 31 - 1)
      if (weight === undefined) return fail('illegal weight specified')
      draft.weight = weight
      return undefined
    }
    case 'forwarding-method':
      draft.masquerading = letter.startsWith('m')
      return undefined
    default:
      return undefined
  }
}

function wholeNumber(text: string, max: number): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= max ? Number(text) : undefined
}

/** `flag-1` is the fallback of sh and mh, `flag-2` their port. */
function schedulerFlag(flag: string, scheduler: string): SchedulerFlag | undefined {
  const kind = { 'flag-1': 'fallback', 'flag-2': 'port' }[flag] ?? flag.replace(`${scheduler}-`, '')
  const family = scheduler === 'sh' || scheduler === 'mh' ? scheduler : undefined
  return family && (kind === 'fallback' || kind === 'port') ? `${family}-${kind}` : undefined
}

/** `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]:PORT`; without a port 0. */
function parseAddress(text: string): SocketAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(.+))?$/.exec(text) ?? []
  const ip = ipOrUndefined(bracketed ?? plain ?? '')
  const number =
    port === undefined
      ? 0
      : (wholeNumber(port, 65_535) ?? (Object.hasOwn(PORT_NAMES, port) ? PORT_NAMES[port] : undefined))
  return ip === undefined || number === undefined ? undefined : { ip, port: number }
}

/** Which options go together. */
function check({ action, options, service, persistence }: Draft): IpvsadmFault | undefined {
  const { needs = [], may = [], one = [] } = RULES[action] ?? {}
  let exclusive: string | undefined
  for (const name of ORDER) {
    if (!options.has(name)) {
      if (needs.includes(name)) return fail(`You need to supply the '${name}' option for the '${action}' command`)
    } else if (one.includes(name)) {
      if (exclusive !== undefined) {
        return fail(`The option '${name}' conflicts with the '${exclusive}' option in the '${action}' command`)
      }
      exclusive = name
    } else if (!needs.includes(name) && !may.includes(name) && name !== 'sort') {
      return fail(`Illegal '${name}' option with the '${action}' command`)
    }
  }
  if ((action === 'add-service' || action === 'edit-service') && service?.address.port === 0 && !persistence) {
    return fail('Zero port specified for non-persistent service')
  }
  const isNumbers = ['stats', 'rate', 'thresholds', 'persistent-conn'].some((name) => options.has(name))
  const isOther = ['connection', 'timeout', 'daemon'].some((name) => options.has(name))
  return action === 'list' && isNumbers && isOther ? fail('options conflicts in the list command') : undefined
}
