import { expect, test } from '@playwright/test'
import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './axe.ts'
import { editor, goToEnd, openApp, sendRequest, sendTo, setMode, steps, writeManifest } from './app.ts'

const services = `apiVersion: v1
kind: Service
metadata: {name: web-nodeport, namespace: dev}
spec:
  type: NodePort
  selector: {app: nginx-pod}
  ports: [{port: 80, nodePort: 30080}]
---
apiVersion: v1
kind: Service
metadata: {name: web-lb, namespace: dev}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: {app: nginx-pod}
  ports: [{port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: elsewhere, namespace: dev}
spec: {type: ExternalName, externalName: www.baidu.com}
`

const from = (page: Page): Locator => page.getByRole('combobox', { name: 'Where the request comes from' })

test('from the laptop to a node port and to a load balancer that is turned on on the canvas, in every mode', async ({
  page,
}) => {
  await openApp(page)
  await writeManifest(page, 'service-clusterip.yaml', services)
  await page.getByRole('button', { name: 'Outside: load balancer, off' }).click()
  await expect(page.getByText('EXTERNAL-IP <pending>')).toBeVisible()
  await page.getByRole('button', { name: 'Turn on' }).click()
  await expect(page.getByRole('button', { name: 'Outside: load balancer, 172.16.210.3' })).toBeVisible()
  await expect(page.getByRole('tab', { name: 'outside-world.yaml' })).toHaveAttribute('aria-selected', 'true')
  await from(page).selectOption({ label: 'laptop · 172.16.210.100' })
  for (const mode of ['iptables', 'ipvs', 'nftables', 'userspace']) {
    await setMode(page, mode)
    for (const target of [/^web-nodeport at node02/, /^web-lb at 203\.0\.113\./]) {
      await sendTo(page, target)
      await goToEnd(page)
      await expect(steps(page).last()).toContainText('Connected')
    }
  }
  await expectAccessible(page)
})

test('a name of another world: queries are packets, the name server answers, the site refuses a strange Host', async ({
  page,
}) => {
  await openApp(page)
  await writeManifest(page, 'service-clusterip.yaml', services)
  await sendTo(page, /^elsewhere\.dev/)
  await expect(steps(page).first()).toContainText('asks for A elsewhere.dev')
  await expect(steps(page).filter({ hasText: 'name server' }).first()).toBeVisible()
  await goToEnd(page)
  await expect(page.getByText('403 Forbidden', { exact: false }).first()).toBeVisible()
  await expect(page.getByRole('button', { name: /^Outside: www\.baidu\.com, 39\.156\.66\.1[48]/ })).toBeVisible()
})

test('the firewall is closed by hand in the YAML: the packet is gone before Kubernetes saw it', async ({ page }) => {
  await openApp(page)
  await writeManifest(page, 'service-clusterip.yaml', services)
  await page.getByRole('button', { name: /^Outside: laptop/ }).click()
  await page.getByRole('button', { name: 'Edit the firewall' }).click()
  await expect(editor(page, 'outside-world.yaml')).toBeFocused()
  // The line is selected: typing replaces it.
  await page.keyboard.insertText('firewall: tcp 30080')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByRole('button', { name: 'Outside: firewall, closed: tcp 30080' })).toBeVisible()
  await from(page).selectOption({ label: 'laptop · 172.16.210.100' })
  await sendTo(page, /^web-nodeport at node02/)
  await goToEnd(page)
  await expect(
    page.getByRole('definition').filter({ hasText: 'the packet was gone before Kubernetes saw it' }),
  ).toBeVisible()
})

test('the trace as text is in step with the canvas; a kept connection goes to the same server', async ({ page }) => {
  await openApp(page)
  await page.getByRole('checkbox', { name: 'Keep-alive' }).check()
  await sendRequest(page)
  await goToEnd(page)
  await expect(page.getByText('The client keeps it open', { exact: false })).toBeVisible()
  await sendRequest(page)
  await goToEnd(page)
  await expect(page.getByText('Request 2 over the connection', { exact: false })).toBeVisible()
  await page.locator('body').click({ position: { x: 5, y: 5 } })
  await page.keyboard.press('t')
  const text = page.getByRole('list', { name: 'The trace as text' })
  await expect(text.getByRole('button', { name: /connected to 10\.244\./ })).toHaveAttribute('aria-current', 'step')
  await text
    .getByRole('button', { name: /node\/node\d+ +PREROUTING: / })
    .first()
    .click()
  await expect(page.getByText(/^step \d+ of \d+/)).not.toContainText(/step (\d+) of \1\b/)
})

test('the clock is stopped: a scaled Deployment waits, then time passes', async ({ page }) => {
  await openApp(page)
  const clock = page.getByRole('button', { name: /^Time in the cluster/ })
  await clock.click()
  // The box shows what the engine says: it is checked when the answer has come.
  const stop = page.getByRole('checkbox', { name: 'Stop the clock' })
  await stop.click()
  await expect(stop).toBeChecked()
  await page.keyboard.press('Escape')
  await writeManifest(page, 'service-clusterip.yaml', services)
  await expect(clock).toContainText('under way')
  await clock.click()
  await page.getByRole('button', { name: 'Until all is quiet' }).click()
  await expect(clock).toContainText('all quiet')
})
