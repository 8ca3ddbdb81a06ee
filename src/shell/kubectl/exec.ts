import { createOutput } from '../commandResult.ts'
import type { CommandResult } from '../commandResult.ts'
import type { ShellCluster } from '../shellCluster.ts'
import { findKind, printStatusError } from '../../engine/index.ts'

interface ExecWords {
  readonly namespace?: string
  readonly pod?: string
  readonly command: readonly string[]
  readonly unknownFlag?: string
}

/** `kubectl exec [-it] [-n NS] [-c CONTAINER] POD [-- COMMAND ...]`: runs COMMAND where the pod's network is. */
export function runExec(cluster: ShellCluster, args: readonly string[]): CommandResult {
  const output = createOutput()
  const { namespace = cluster.namespace, pod, command, unknownFlag } = parse(args)
  const podKind = findKind('v1', 'Pod')
  if (unknownFlag !== undefined) {
    output.fail(`error: unknown flag: ${unknownFlag}\nSee 'kubectl exec --help' for usage.`)
  } else if (pod === undefined) {
    output.fail('error: pod, type/name or --filename must be specified')
  } else if (command.length === 0) {
    output.fail('error: you must specify at least one command for the container')
  } else if (podKind) {
    const name = pod.replace(/^(pods?|po)\//, '')
    const found = cluster.api.get(podKind, namespace, name)
    if (!found.ok) output.fail(printStatusError(found.status))
    else return inside(cluster, namespace, name, command)
  }
  return output.result()
}

function inside(cluster: ShellCluster, namespace: string, name: string, command: readonly string[]): CommandResult {
  const result = cluster.exec?.({ namespace, name }, command)
  if (result) return result.rc === 0 ? result : withExitLine(result)
  const program = command[0] ?? ''
  const stderr = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown\ncommand terminated with exit code 127\n`
  return { stdout: '', stderr, rc: 127 }
}

function withExitLine({ stdout, stderr, rc }: CommandResult): CommandResult {
  return { stdout, stderr: `${stderr}command terminated with exit code ${rc}\n`, rc }
}

/** The command begins after `--`, or (deprecated, still accepted by hand) right after the pod. */
function parse(args: readonly string[]): ExecWords {
  let namespace: string | undefined
  let pod: string | undefined
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? ''
    const rest = args.slice(i + 1)
    if (word === '--') return words(namespace, pod, rest)
    if (word === '-n' || word === '--namespace') namespace = args[++i]
    else if (word.startsWith('--namespace=')) namespace = word.slice('--namespace='.length)
    else if (word === '-c' || word === '--container') i++
    else if (/^(-i|-t|-it|-ti|-q|--stdin|--tty|--quiet|--container=.*)$/.test(word)) continue
    else if (word.startsWith('-')) return { command: [], unknownFlag: word }
    else if (pod === undefined) pod = word
    else return words(namespace, pod, [word, ...rest])
  }
  return words(namespace, pod, [])
}

function words(namespace: string | undefined, pod: string | undefined, command: readonly string[]): ExecWords {
  return { ...(namespace === undefined ? {} : { namespace }), ...(pod === undefined ? {} : { pod }), command }
}
