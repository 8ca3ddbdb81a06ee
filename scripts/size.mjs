// npm run size: the JavaScript that the page loads before the editor, gzipped, against its budget.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from './lib/run.mjs'
import { fail } from './lib/say.mjs'

const BUDGET = 150_000
const dist = join(root, 'dist')
const html = readFileSync(join(dist, 'index.html'), 'utf8')
const entries = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+\.js)"/g)].map((match) => match[1])
// The engine's worker starts with the page, so it counts as well.
const worker = readdirSync(join(dist, 'assets')).filter((name) => /^simWorker-.*\.js$/.test(name))
const rows = [
  ...new Set([...entries, ...worker.map((name) => `assets/${name}`)].flatMap((file) => withImports(file))),
].map((file) => ({
  file,
  gzip: gzipSync(readFileSync(join(dist, file)), { level: 9 }).length,
}))
for (const { file, gzip } of rows) console.log(`${String(gzip).padStart(8)}  ${file}`)
const total = rows.reduce((sum, { gzip }) => sum + gzip, 0)
console.log(`${String(total).padStart(8)}  first load, of ${BUDGET} (bytes, gzip)`)
if (total > BUDGET) fail(`The first load is ${total - BUDGET} bytes over its budget. Load something of it later.`)

/** `file` and every file that it imports statically, transitively. */
function withImports(file, seen = new Set()) {
  if (seen.has(file)) return []
  seen.add(file)
  const text = readFileSync(join(dist, file), 'utf8')
  const imports = [...text.matchAll(/(?:^|[;}\s])import\s*(?:[\w*{}\s,$]+from\s*)?["'](\.[^"']+\.js)["']/g)].map(
    (match) => join(dirname(file), match[1]),
  )
  return [file, ...imports.flatMap((next) => withImports(next, seen))]
}
