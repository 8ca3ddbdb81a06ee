import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { createApiServer, createWorld, runControllers, unixSeconds } from '../engine/index.ts'
import type { ApiServer, DumpController, KubeObject, NodeTables, Sim, World } from '../engine/index.ts'
import { createRandom } from '../engine/base/random.ts'
import { cidrOrUndefined } from '../engine/base/cidr.ts'
import { createShell } from '../shell/createShell.ts'
import type { Program } from '../shell/createShell.ts'
import type { CommandResult } from '../shell/commandResult.ts'
import { networkPrograms } from '../shell/digPrograms.ts'
import { pingProgram } from '../shell/ping.ts'
import { createPingIo } from '../shell/pingMachine.ts'
import { nodePrograms } from '../shell/nodePrograms.ts'
import { createMachineIo, createStandInNames } from '../shell/resolveMachine.ts'
import type { ProgramWorld } from '../shell/resolveMachine.ts'
import { splitSequence } from '../shell/sequence.ts'
import type { InputFlags } from './flags.ts'
import { labSim } from './lab.ts'
import { readSource, readConfig, readStates } from './readInput.ts'
import { modeOf } from './trace.ts'
import { UsageError } from './usageError.ts'
import type { Output } from './usageError.ts'

export interface ShellFlags extends InputFlags {
  readonly command?: string
  readonly batch?: string
}

/** What the shell acts on. */
interface Place extends ProgramWorld {
  readonly fleet: Sim['fleet']
  readonly names: Sim['names']
  readonly api: ApiServer
  readonly now: () => number
  readonly advance: (ms: number) => void
  /** Runs on until nothing changes any more. */
  readonly settle: () => void
  readonly nodeTables: (node: string) => NodeTables | undefined
  /** Where commands run that are not inside a pod. */
  readonly node: string
  readonly standIn?: ReturnType<typeof createStandInNames>
}

/** `kubehop sh`: gives the exit code of the last command. */
export async function runShell(script: string | undefined, flags: ShellFlags, out: Output): Promise<number> {
  const run = shellOn(placeOf(flags), flags)
  if (flags.batch !== undefined) {
    const results = readLines(flags.batch).map((line) => runText(run, line))
    out.stdout(`${JSON.stringify(results, undefined, 1)}\n`)
    return 0
  }
  const text = flags.command ?? (script === undefined ? undefined : readSource(script).text)
  if (text !== undefined) return print(runText(run, text), out)
  return process.stdin.isTTY ? interactive(run, out) : print(runText(run, readSource('-').text), out)
}

async function interactive(run: (line: string) => CommandResult, out: Output): Promise<number> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '[root@kubehop]# ' })
  let code = 0
  lines.prompt()
  for await (const line of lines) {
    if (/^\s*exit\s*$/.test(line)) break
    code = print(runText(run, line), out)
    lines.prompt()
  }
  lines.close()
  return code
}

function print({ stdout, stderr, rc }: CommandResult, out: Output): number {
  if (stdout !== '') out.stdout(stdout)
  if (stderr !== '') out.stderr(stderr)
  return rc
}

/** Runs every command of `text`; their outputs one after the other, the exit code of the last that ran. */
function runText(run: (line: string) => CommandResult, text: string): CommandResult {
  let all: CommandResult = { stdout: '', stderr: '', rc: 0 }
  for (const { text: line, when } of splitSequence(text)) {
    if ((when === 'success' && all.rc !== 0) || (when === 'failure' && all.rc === 0)) continue
    const { stdout, stderr, rc } = run(line)
    all = { stdout: all.stdout + stdout, stderr: all.stderr + stderr, rc }
  }
  return all
}

function shellOn(place: Place, flags: ShellFlags): (line: string) => CommandResult {
  const seed = flags.seed ?? 1
  const network = (from: string): Readonly<Record<string, Program>> => {
    const options = {
      from,
      seed,
      now: place.now,
      unixMs: () => unixSeconds(place.now()) * 1000,
      advance: place.advance,
      ...(place.standIn ? { standIn: place.standIn } : {}),
    }
    const { dns, web } = createMachineIo(place, options)
    const lookUp = (name: string): readonly string[] => {
      const found = web.lookUp(name, undefined)
      return found.type === 'found' ? found.addresses : []
    }
    return { ...networkPrograms(dns, web), ping: pingProgram(createPingIo(place, options, lookUp)) }
  }
  const everywhere: Readonly<Record<string, Program>> = {
    echo: (args) => ({ stdout: `${args.join(' ')}\n`, stderr: '', rc: 0 }),
    sleep: ([seconds = '0']) => {
      place.advance(Math.max(0, Number.parseFloat(seconds) || 0) * 1000)
      return { stdout: '', stderr: '', rc: 0 }
    },
  }
  const shell = createShell(
    {
      api: place.api,
      now: place.now,
      readFile,
      namespace: 'default',
      exec: ({ namespace, name }, [program = '', ...args]) => {
        const programs = { ...everywhere, ...network(`pod/${namespace}/${name}`) }
        return Object.hasOwn(programs, program) ? programs[program]?.(args) : undefined
      },
    },
    { ...everywhere, ...nodePrograms(place, place.node), ...network(`node/${place.node}`) },
  )
  return (line) => {
    const result = shell.run(line)
    place.settle()
    return result
  }
}

/** Files are the real ones of the working directory; `-` is stdin. */
function readFile(path: string): string | undefined {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch {
    return undefined
  }
}

function placeOf(flags: ShellFlags): Place {
  const states = readStates(flags)
  if (states) return dumpPlace(states, flags)
  const sim = labSim(flags)
  return {
    fleet: sim.fleet,
    names: sim.names,
    api: sim.api,
    now: sim.now,
    advance: sim.advance,
    settle: () => void sim.settle(),
    nodeTables: sim.nodeTables,
    node: flags.node ?? 'node01',
  }
}

function dumpPlace(states: readonly (readonly KubeObject[])[], flags: ShellFlags): Place {
  const config = readConfig(flags.config)
  const names = flags.controllers as readonly DumpController[] | undefined
  const [first = [], ...later] = names ? states.map((state) => runControllers(state, names)) : states
  const seed = flags.seed ?? 1
  const world: World = createWorld(first, {
    seed,
    mode: flags.mode ?? modeOf(config),
    ...(flags.config === undefined ? {} : { proxyConfig: config }),
  })
  for (const state of later) world.load(state)
  const now = (): number => (flags.at ?? 0) * 1000
  const list = (kind: string): readonly KubeObject[] => [...world.store.list(kind)]
  const view = {
    services: list('Service'),
    endpointSlices: list('EndpointSlice'),
    pods: list('Pod'),
    namespaces: list('Namespace').map(({ metadata }) => metadata.name),
  } as unknown as Parameters<typeof createStandInNames>[0]
  const coredns = world.store.get<string>('ConfigMap', 'kube-system/coredns') as
    { readonly data?: { readonly Corefile?: string } } | undefined
  const cidrs = ['10.96.0.0/12', 'fd00:10:96::/112'].flatMap((text) => cidrOrUndefined(text) ?? [])
  return {
    fleet: world.fleet,
    names: world.names,
    api: createApiServer({ store: world.store, random: createRandom(seed).fork('api'), now, serviceCidrs: cidrs }),
    now,
    advance: () => undefined,
    settle: () => undefined,
    nodeTables: world.nodeTables,
    node: flags.node ?? list('Node')[0]?.metadata.name ?? 'node01',
    standIn: createStandInNames(view, seed, unixSeconds(now()), coredns?.data?.Corefile),
  }
}

function readLines(file: string): readonly string[] {
  const { name, text } = readSource(file)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!Array.isArray(parsed) || parsed.some((line) => typeof line !== 'string')) {
    throw new UsageError(`${name}: must be a JSON array of command lines`)
  }
  return parsed as readonly string[]
}
