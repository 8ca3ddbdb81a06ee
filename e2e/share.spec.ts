import { expect, test } from '@playwright/test'
import { openApp, sendRequest, setMode, steps, tutorialPods, writeManifest } from './app.ts'

test('a link brings somebody else to the same step of the same trace', async ({ browser }) => {
  const context = await browser.newContext({
    permissions: ['clipboard-read', 'clipboard-write'],
    viewport: { width: 1440, height: 900 },
  })
  const page = await context.newPage()
  await openApp(page)
  await writeManifest(page, 'pods.yaml', tutorialPods(4))
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-.*ready/ })).toHaveCount(4)
  await setMode(page, 'ipvs')
  await sendRequest(page)
  await page.getByRole('button', { name: 'First step' }).click()
  for (let i = 0; i < 4; i++) await page.getByRole('button', { name: 'Step on' }).click()
  const current = page.getByRole('list', { name: 'Steps of the request' }).locator('[aria-current=step]')
  const wanted = await current.textContent()
  const all = await steps(page).allTextContents()
  await page.getByRole('button', { name: 'Share' }).click()
  await expect(page.getByRole('banner').getByRole('status')).toContainText(/cop/i)
  const link = await page.evaluate(() => navigator.clipboard.readText())
  expect(link).toMatch(/#v1\.[\w-]+$/)
  expect(link.length).toBeLessThan(2000)
  await context.close()

  const other = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const fresh = await other.newPage()
  await openApp(fresh, link)
  await expect(fresh.getByRole('radio', { name: 'ipvs' })).toBeChecked()
  await expect(steps(fresh)).toHaveText(all)
  await expect(fresh.getByRole('list', { name: 'Steps of the request' }).locator('[aria-current=step]')).toHaveText(
    wanted ?? '',
  )
  await other.close()
})

for (const broken of ['#v1.@@@', '#v1.AAAA', '#v9.AAAA', `#v1.${'A'.repeat(400)}`]) {
  test(`a broken link says so and opens the lab: ${broken.slice(0, 12)}`, async ({ page }) => {
    await openApp(page, `./${broken}`)
    await expect(page.getByRole('alert').filter({ hasText: /link/i })).toBeVisible()
    await expect(page.getByRole('button', { name: /^Pod pc-deployment-/ })).toHaveCount(3)
  })
}

test('work is kept across a reload', async ({ page }) => {
  await openApp(page)
  await writeManifest(page, 'pods.yaml', tutorialPods(2))
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-.*ready/ })).toHaveCount(2)
  await sendRequest(page)
  const all = await steps(page).allTextContents()
  // Saving follows the last change at a distance.
  await page.waitForTimeout(1500)
  await page.reload()
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-.*ready/ })).toHaveCount(2)
  await expect(steps(page)).toHaveText(all)
})
