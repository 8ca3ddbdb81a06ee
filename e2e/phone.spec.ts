import { devices, expect, test } from '@playwright/test'
import { expectAccessible } from './axe.ts'

const { viewport: _viewport, ...phone } = devices['iPhone 13']
test.use({ ...phone, viewport: { width: 390, height: 844 }, defaultBrowserType: 'chromium' })

test('on a phone: tabs, one tap sends, the steps are at the thumb', async ({ page }) => {
  await page.goto('./')
  const tabs = page.getByRole('tablist').filter({ has: page.getByRole('tab', { name: 'YAML', exact: true }) })
  await expect(tabs.getByRole('tab')).toHaveCount(4)
  await page.getByRole('button', { name: /^Send request/ }).tap()
  await page
    .getByRole('button', { name: 'Last step' })
    .or(page.getByRole('button', { name: 'Step on' }))
    .first()
    .tap()
  await tabs.getByRole('tab', { name: 'Trace', exact: true }).tap()
  await expect(page.getByRole('list', { name: 'Steps of the request' })).toBeVisible()
  await tabs.getByRole('tab', { name: 'YAML', exact: true }).tap()
  await expect(page.getByText('clusterIP').first()).toBeVisible()
  await tabs.getByRole('tab', { name: 'Cluster', exact: true }).tap()
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  await expectAccessible(page)
})
