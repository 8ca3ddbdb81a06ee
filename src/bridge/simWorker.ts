import type { Command, Notice } from './protocol.ts'
import { createSupervised } from './supervised.ts'

// The DOM types describe a page; a worker's own postMessage takes no target origin.
const scope = self as unknown as {
  readonly postMessage: (notice: Notice) => void
  readonly addEventListener: (type: 'message', listener: (event: { readonly data: Command }) => void) => void
}

const execute = createSupervised((notice) => {
  scope.postMessage(notice)
})

scope.addEventListener('message', ({ data }) => {
  execute(data)
})
