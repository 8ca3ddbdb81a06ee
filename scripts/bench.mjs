// npm run bench [NAME...]: every bench/*.bench.ts, or those whose name holds one of the words. Prints figures beside their targets.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureDeps } from './lib/ensureDeps.mjs'
import { root } from './lib/run.mjs'
import { say } from './lib/say.mjs'

await ensureDeps()
const { build } = await import('vite')
const words = process.argv.slice(2)
const files = readdirSync(join(root, 'bench')).filter(
  (name) => name.endsWith('.bench.ts') && (words.length === 0 || words.some((word) => name.includes(word))),
)
const outDir = join(root, 'node_modules', '.cache', 'kubehop-bench')

say(`Benchmarks on Node ${process.versions.node}: real time, nothing else should be running.`)
await build({
  root,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input: Object.fromEntries(files.map((name) => [name.replace(/\.bench\.ts$/, ''), join(root, 'bench', name)])),
    },
  },
})
for (const name of files.map((file) => file.replace(/\.bench\.ts$/, ''))) {
  console.log(`\n${name}`)
  const module = await import(pathToFileURL(join(outDir, `${name}.js`)).href)
  for (const row of await module.bench()) {
    const target = row.target === undefined ? '' : `   target ${row.target}`
    console.log(`  ${row.name.padEnd(64)} ${format(row.value).padStart(12)} ${row.unit}${target}`)
  }
}

function format(value) {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2)
}
