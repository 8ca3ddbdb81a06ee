// npm run e2e [-- playwright options]: builds the app and drives it in a real browser.
import { ensureDeps } from './lib/ensureDeps.mjs'
import { findBrowser } from './lib/findBrowser.mjs'
import { runNode } from './lib/run.mjs'
import { fail } from './lib/say.mjs'

await ensureDeps()
const browser = await findBrowser()
if ((await runNode('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0)
  fail('The build failed (see above).')
process.exitCode = await runNode('node_modules/@playwright/test/cli.js', ['test', ...process.argv.slice(2)], {
  env: { KUBEHOP_BROWSER: browser },
})
