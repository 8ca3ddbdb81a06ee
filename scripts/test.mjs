// npm test: install what is missing, then everything that must hold before a change lands.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDeps } from './lib/ensureDeps.mjs'
import { findBrowser } from './lib/findBrowser.mjs'
import { root, runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'

const started = Date.now()
await ensureDeps()
const browser = await findBrowser()
const reports = join(root, 'node_modules', '.cache', 'kubehop-test')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const unitReport = join(reports, 'unit.json')
const e2eReport = join(reports, 'e2e.json')
const kernelReport = join(reports, 'kernel.json')

const steps = [
  ['Layout (prettier)', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
  ['Types (tsc)', 'node_modules/typescript7/bin/tsc', ['-b']],
  [
    'Lint (eslint)',
    'node_modules/eslint/bin/eslint.js',
    ['.', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
  ],
  [
    'Import walls (dependency-cruiser)',
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    ['src', '--config', '.dependency-cruiser.cjs'],
  ],
  [
    'Unit, golden and property tests (vitest)',
    'node_modules/vitest/vitest.mjs',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`],
  ],
  ['Build (vite)', 'node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn']],
  ['First load (gzip budget)', 'scripts/size.mjs', []],
  [
    'Real browser (playwright)',
    'node_modules/@playwright/test/cli.js',
    ['test'],
    { KUBEHOP_BROWSER: browser, PLAYWRIGHT_JSON_OUTPUT_NAME: e2eReport },
  ],
  // Needs root, and minutes: not on a person's machine unless asked for (npm run test:kernel).
  ...(process.env.CI ? [['Real kernel', 'scripts/test-kernel.mjs', [], { KUBEHOP_KERNEL_REPORT: kernelReport }]] : []),
]

const failed = []
for (const [title, script, args, env] of steps) {
  say(`\n=== ${title}`)
  const begun = Date.now()
  const code = await runNode(script, args, { env })
  say(`--- ${title}: ${code === 0 ? 'ok' : `FAILED (exit ${code})`} in ${((Date.now() - begun) / 1000).toFixed(1)} s`)
  if (code !== 0) failed.push(title)
}

const unit = read(unitReport)
const e2e = read(e2eReport)?.stats
const kernel = read(kernelReport)
const count = {
  passed: (unit?.numPassedTests ?? 0) + (e2e?.expected ?? 0) + (e2e?.flaky ?? 0) + (kernel?.passed ?? 0),
  failed: (unit?.numFailedTests ?? 0) + (e2e?.unexpected ?? 0) + (kernel?.failed ?? 0),
  skipped: (unit?.numPendingTests ?? 0) + (unit?.numTodoTests ?? 0) + (e2e?.skipped ?? 0) + (kernel?.skipped ?? 0),
}
say(
  `\n${failed.length === 0 ? 'Every step is green' : `Red: ${failed.join('; ')}`} (${((Date.now() - started) / 1000).toFixed(0)} s)`,
)
// They count as passed, but somebody has to look at them.
if (e2e?.flaky > 0)
  say(`Flaky: ${e2e.flaky} browser test(s) failed first and passed when tried again (see the list above).`)
console.log(`tests: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = failed.length === 0 ? 0 : 1

function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
