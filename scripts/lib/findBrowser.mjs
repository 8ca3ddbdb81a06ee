import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, runNode } from './run.mjs'
import { fail, say } from './say.mjs'

const NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome', 'msedge']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** An installed Chrome or Chromium, or undefined. */
function installed() {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...onPath, ...PLACES].find((file) => existsSync(file))
}

async function playwrightsOwn() {
  const { chromium } = await import('@playwright/test')
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined
}

function isDebian() {
  return existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
}

/**
 * The path of a Chromium to test with, in this order: KUBEHOP_BROWSER, an installed Chrome or Chromium, Playwright's own
 * download, Debian's package (as root on Debian). Ends the script when there is none.
 */
export async function findBrowser() {
  const named = process.env.KUBEHOP_BROWSER
  if (named) {
    if (!existsSync(named)) fail(`KUBEHOP_BROWSER names ${named}, which does not exist. Correct it or unset it.`)
    return named
  }
  const found = installed() ?? (await playwrightsOwn())
  if (found) return found

  say('No Chrome or Chromium found: downloading one for the tests (playwright install chromium) ...')
  await runNode('node_modules/@playwright/test/cli.js', ['install', 'chromium'], { timeoutMs: 600_000 })
  const own = await playwrightsOwn()
  if (own) return own

  if (isDebian() && process.getuid?.() === 0) {
    say("The download failed: installing Debian's chromium (apt-get install chromium) ...")
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update', '-qq'], { env })
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], { env })
    const packaged = installed()
    if (packaged) return packaged
  }
  return fail('No browser to test with. Install Chrome or Chromium, or set KUBEHOP_BROWSER to the path of one.')
}
