import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** How long each plugin took is nothing that somebody who starts the app can act on. */
const quiet = { checks: { pluginTimings: false } }

export default defineConfig({
  // Relative: the built site works below any path.
  base: './',
  plugins: [react()],
  worker: { format: 'es', rolldownOptions: quiet },
  build: { target: 'es2023', chunkSizeWarningLimit: 4000, rolldownOptions: quiet },
  test: {
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
  },
})
