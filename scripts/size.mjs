// npm run size: the JavaScript that the page loads before the editor, gzipped, against its budget.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from './lib/run.mjs'
import { fail } from './lib/say.mjs'

// What the page itself loads before it can be used, and the engine, which loads beside it in a worker of its own and holds
// up no paint. Monaco comes later and is in neither.
const BUDGETS = { page: 150_000, worker: 260_000 }
const dist = join(root, 'dist')
const html = readFileSync(join(dist, 'index.html'), 'utf8')
const entries = [...html.matchAll(/(?:src|href)="\.?\/?([^"]+\.js)"/g)].map((match) => match[1])
const workers = readdirSync(join(dist, 'assets')).filter((name) => /^simWorker-.*\.js$/.test(name))
const over = [
  ...measure('page', entries),
  ...measure(
    'worker',
    workers.map((name) => `assets/${name}`),
  ),
]
if (over.length > 0) fail(`The first load is over its budget (${over.join(', ')}). Load something of it later.`)

/** Prints the files of one part and their sum; names the part when it is over its budget. */
function measure(part, files) {
  const rows = [...new Set(files.flatMap((file) => withImports(file)))].map((file) => ({
    file,
    gzip: gzipSync(readFileSync(join(dist, file)), { level: 9 }).length,
  }))
  for (const { file, gzip } of rows) console.log(`${String(gzip).padStart(8)}  ${file}`)
  const total = rows.reduce((sum, { gzip }) => sum + gzip, 0)
  console.log(`${String(total).padStart(8)}  ${part}, of ${BUDGETS[part]} (bytes, gzip)`)
  return total > BUDGETS[part] ? [`${part}: ${total - BUDGETS[part]} bytes`] : []
}

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
