import { expect, test } from '@playwright/test'
import { goToEnd, openApp, sendRequest, setMode, steps } from './app.ts'
import { expectAccessible } from './axe.ts'

test('the lab runs when the page opens, without a word in the console', async ({ page }) => {
  const { errors } = await openApp(page)
  for (const node of ['node02, 172.16.210.12', 'node03, 172.16.210.13']) {
    await expect(page.getByRole('button', { name: `Node ${node}` })).toBeVisible()
  }
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-/ })).toHaveCount(3)
  await expect(page.getByText('Applied. 3 pods match the selector.')).toBeVisible()
  await expect(
    page.getByRole('button', { name: /^Service service-clusterip, 10\.98\.98\.98:80/ }).first(),
  ).toBeVisible()
  await page.locator('.monaco-editor').first().waitFor()
  await expectAccessible(page)
  expect(errors).toEqual([])
})

for (const mode of ['iptables', 'ipvs', 'userspace', 'nftables']) {
  test(`${mode}: one click sends a request, its path is stepped to the answer and back`, async ({ page }) => {
    await openApp(page)
    if (mode !== 'iptables') await setMode(page, mode)
    await sendRequest(page)
    await page.getByRole('button', { name: 'First step' }).click()
    await expect(steps(page).first()).toHaveAttribute('aria-current', 'step')
    await expect(steps(page).first()).toContainText('client')

    // On by keyboard, one step after the other, until the verdict; the last step stays the last.
    const count = await steps(page).count()
    expect(count).toBeGreaterThan(10)
    await page.getByRole('region', { name: 'Trace' }).getByRole('heading', { level: 2 }).click()
    for (let i = 1; i < count + 2; i++) await page.keyboard.press('ArrowRight')
    await expect(steps(page).last()).toHaveAttribute('aria-current', 'step')
    await expect(steps(page).last()).toContainText('Connected')
    await expect(
      page
        .getByRole('region', { name: 'Trace' })
        .getByRole('definition')
        .filter({ hasText: /dev\/pc-deployment-.* answered/ }),
    ).toBeVisible()

    for (let i = 1; i < count + 2; i++) await page.keyboard.press('ArrowLeft')
    await expect(steps(page).first()).toHaveAttribute('aria-current', 'step')
  })
}

test('iptables: the dice, the DNAT and the rule that did it stand in the step, and the line is lit in the table', async ({
  page,
}) => {
  await openApp(page)
  await sendRequest(page)
  await page.getByRole('button', { name: 'First step' }).click()
  await page.getByRole('button', { name: 'Step on' }).click()
  await expect(steps(page).nth(1)).toContainText('DNAT')
  const trace = page.getByRole('region', { name: 'Trace' })
  await expect(
    trace.getByRole('row', { name: /^destination 10\.98\.98\.98:80 10\.244\.\d+\.\d+:80 DNAT/ }),
  ).toBeVisible()
  await expect(
    trace
      .getByRole('listitem')
      .filter({ hasText: /chance ⅓, chosen/ })
      .or(trace.getByText('chosen'))
      .first(),
  ).toBeAttached()
  const rules = page.getByRole('region', { name: 'iptables-save on node02' })
  await expect(rules.locator('[data-lit]').filter({ hasText: 'KUBE-SVC-BZIKKPW2ZHGEETNJ' }).first()).toBeVisible()
})

test('ipvs: the virtual server with its real servers stands in the table', async ({ page }) => {
  await openApp(page)
  await setMode(page, 'ipvs')
  await sendRequest(page)
  await goToEnd(page)
  await page.getByRole('tab', { name: 'ipvsadm -Ln', exact: true }).click()
  const table = page.getByRole('region', { name: /^ipvsadm -Ln on/ })
  await expect(table).toContainText('TCP  10.98.98.98:80 rr')
})

test('single keys work outside fields and stay letters inside them', async ({ page }) => {
  await openApp(page)
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('r')
  await expect(steps(page).first()).toBeVisible()
  await page.keyboard.press('m')
  await expect(page.getByRole('radio', { name: 'ipvs' })).toBeChecked()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('dark theme and reduced motion: axe finds nothing, and the packet does not travel', async ({ browser }) => {
  const page = await browser.newPage({
    colorScheme: 'dark',
    reducedMotion: 'reduce',
    viewport: { width: 1440, height: 900 },
  })
  await openApp(page)
  await sendRequest(page)
  await goToEnd(page)
  await expect(steps(page).last()).toContainText('Connected')
  await expectAccessible(page)
  await page.close()
})
