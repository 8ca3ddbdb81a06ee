import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { fail, say } from './say.mjs'

const stamp = join(root, 'node_modules', '.kubehop-installed')

/** Installs the packages of package-lock.json when they are missing or no longer the ones that it names. */
export async function ensureDeps() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12)) {
    fail(`Node ${process.versions.node} is too old. Install Node 20.19 or newer (nodejs.org), then run this again.`)
  }
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('Installing packages (npm ci) ...')
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (code !== 0)
    fail('Installing packages failed. Check that npm reaches its registry (npm ping), then run this again.')
  writeFileSync(stamp, wanted)
}
