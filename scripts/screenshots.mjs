// npm run screenshots: builds the app and takes the pictures in docs/screenshots, so that everybody can look at each change.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { preview } from 'vite'
import { ensureDeps } from './lib/ensureDeps.mjs'
import { findBrowser } from './lib/findBrowser.mjs'
import { root, runNode } from './lib/run.mjs'
import { fail, say } from './lib/say.mjs'

const SIZES = { '1440x900': [1440, 900], '1920x1080': [1920, 1080], '390x844': [390, 844] }
const folder = join(root, 'docs', 'screenshots')

await ensureDeps()
const executablePath = await findBrowser()
if ((await runNode('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0)
  fail('The build failed (see above).')
mkdirSync(folder, { recursive: true })
const server = await preview({ root, preview: { port: 4198, host: 'localhost' } })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
try {
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, [width, height]] of Object.entries(SIZES))
      await take(`${name}-${colorScheme}`, width, height, colorScheme)
  }
} finally {
  await browser.close()
  await server.close()
}

/** A request on its way: where the packet has left the first node's kernel. */
async function take(name, width, height, colorScheme) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme, hasTouch: width < 500 })
  await page.goto(server.resolvedUrls.local[0])
  await page.getByRole('button', { name: /^Pod client, .*, ready/ }).waitFor()
  await page.evaluate(() => document.fonts.ready)
  if (width >= 980) await page.locator('.monaco-editor .view-lines').first().waitFor()
  await page.getByRole('button', { name: /^Send request/ }).click()
  await page.getByRole('slider', { name: 'Position in the trace' }).waitFor()
  await page.keyboard.press('Home')
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowRight')
  // The packet travels, the panes scroll to where it is.
  await page.waitForTimeout(1500)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  await page.close()
  say(`docs/screenshots/${name}.png`)
}
