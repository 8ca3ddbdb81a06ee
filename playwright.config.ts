import { defineConfig, devices } from '@playwright/test'

const executablePath = process.env['KUBEHOP_BROWSER']
const port = 4199

export default defineConfig({
  testDir: 'e2e',
  timeout: 60_000,
  // A busy machine may take its time to draw.
  expect: { timeout: 15_000 },
  fullyParallel: true,
  workers: 2,
  // A test that passes the second time is reported as flaky; on a person's machine it fails.
  retries: process.env['CI'] ? 1 : 0,
  forbidOnly: Boolean(process.env['CI']),
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ? [['list'], ['json']] : [['list']],
  use: { baseURL: `http://localhost:${port}/`, trace: 'retain-on-failure', viewport: { width: 1440, height: 900 } },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --port ${port} --strictPort --host localhost`,
    port,
    reuseExistingServer: !process.env['CI'],
  },
  projects: [
    {
      name: 'chromium',
      use: {
        ...devices['Desktop Chrome'],
        viewport: { width: 1440, height: 900 },
        launchOptions: {
          ...(executablePath ? { executablePath } : {}),
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      },
    },
  ],
})
