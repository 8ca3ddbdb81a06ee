import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Runs a program in the project's folder, its output shown as it comes. Gives its exit code (127: not found). */
export function run(command, args, { env = {}, quiet = false, timeoutMs = 0 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'ignore', 'ignore'] : ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
      ...(timeoutMs > 0 ? { timeout: timeoutMs } : {}),
    })
    child.on('error', () => resolve(127))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Runs a tool of this project with the Node that runs us. */
export function runNode(script, args = [], options = {}) {
  return run(process.execPath, [join(root, script), ...args], options)
}
