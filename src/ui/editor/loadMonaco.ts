import type * as monacoModule from './monaco.ts'

export type Monaco = typeof monacoModule

let loading: Promise<Monaco> | undefined

/** Loads the editor once. Suspense is not used: it holds back what it reveals for 300 ms. */
export function loadMonaco(): Promise<Monaco> {
  loading ??= import('./monaco.ts')
  return loading
}

/** Runs `task` when the page has nothing better to do; returns what calls it off. */
export function whenIdle(task: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(task, { timeout: 2_000 })
    return () => {
      cancelIdleCallback(id)
    }
  }
  const id = setTimeout(task, 200)
  return () => {
    clearTimeout(id)
  }
}
