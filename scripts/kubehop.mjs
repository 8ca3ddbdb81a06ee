#!/usr/bin/env node
// The headless command. Bundles src/cli on demand: a warm run only compares times.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './lib/run.mjs'

const bundle = join(root, 'dist-cli', 'kubehop.mjs')
const sources = join(root, 'src')
if (existsSync(sources) && (!existsSync(bundle) || newest(sources) > statSync(bundle).mtimeMs)) await rebuild()
const { main } = await import(pathToFileURL(bundle).href)
process.exitCode = await main(process.argv.slice(2))

/** The newest change below `folder`, in ms; what the command does not contain is left out. */
function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (/^(ui|state|testdata|scenarios)$|\.test\.ts$/.test(entry.name)) continue
    const path = join(folder, entry.name)
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs)
  }
  return time
}

async function rebuild() {
  const { ensureDeps } = await import('./lib/ensureDeps.mjs')
  await ensureDeps()
  const { build } = await import('vite')
  const outDir = join(root, 'node_modules', '.cache', `kubehop-cli-${process.pid}`)
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: 'src/cli/main.ts',
      outDir,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'kubehop.mjs', codeSplitting: false } },
    },
  })
  // Renamed in one go, so that two commands at once never see half a file.
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(root, 'dist-cli'), { recursive: true })
  renameSync(join(outDir, 'kubehop.mjs'), bundle)
  rmSync(outDir, { recursive: true, force: true })
}
