import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { workerPort } from './bridge/workerPort.ts'
import { isLink, keepSession, openSession } from './state/session.ts'
import type { Keep } from './state/session.ts'
import { createAppStore } from './state/store.ts'
import { App } from './ui/app/App.tsx'
import { AppStoreContext } from './ui/common/useApp.ts'
import './ui/styles/global.ts'

const SAVE_AFTER_MS = 400

const keep = browserKeep()
const store = createAppStore(workerPort())
void openSession(store, location.hash, keep)
// The link has done its work; from here on the address would only be out of date.
if (isLink(location.hash)) history.replaceState(null, '', location.pathname + location.search)
// A link pasted into the address bar of the open page.
addEventListener('hashchange', () => {
  if (isLink(location.hash)) location.reload()
})
keepSession(store, keep, debounced(SAVE_AFTER_MS))

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <AppStoreContext value={store}>
        <App keep={keep} />
      </AppStoreContext>
    </StrictMode>,
  )
}

/** The browser's storage, or nothing where it is forbidden. */
function browserKeep(): Keep {
  try {
    return localStorage
  } catch {
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }
  }
}

/** Runs the newest task once, `ms` after it came; at once when the page goes away. */
function debounced(ms: number): (task: () => Promise<void>) => void {
  let waiting: (() => Promise<void>) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    clearTimeout(timer)
    void waiting?.()
    waiting = undefined
  }
  addEventListener('pagehide', flush)
  return (task) => {
    waiting = task
    clearTimeout(timer)
    timer = setTimeout(flush, ms)
  }
}
