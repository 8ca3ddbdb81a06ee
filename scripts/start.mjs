// npm start: install what is missing, build, serve, print and open the address.
import { spawn } from 'node:child_process'
import { ensureDeps } from './lib/ensureDeps.mjs'
import { root } from './lib/run.mjs'
import { fail, say } from './lib/say.mjs'

await ensureDeps()
const { build, preview } = await import('vite')

say('Building kubehop ...')
try {
  await build({ root, logLevel: 'warn' })
} catch (error) {
  fail(`The build failed: ${error.message}. Try a clean checkout; if it fails there too, please report it.`)
}

const server = await preview({
  root,
  logLevel: 'warn',
  preview: { port: Number(process.env.PORT ?? 4173), host: process.env.HOST ?? 'localhost' },
}).catch((error) => fail(`Serving failed: ${error.message}. Set PORT to a free port and run npm start again.`))
const url = server.resolvedUrls.local[0]
console.log(`\nkubehop is at ${url}   (Ctrl+C stops it)`)
open(url)

/** Opens the system's browser where there is a screen; quietly does nothing elsewhere. */
function open(address) {
  if (process.env.CI || process.env.KUBEHOP_NO_OPEN) return
  const screen = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '""', address]
        : screen
          ? ['xdg-open', address]
          : []
  if (command)
    spawn(command, args, { stdio: 'ignore', detached: true })
      .on('error', () => undefined)
      .unref()
}
