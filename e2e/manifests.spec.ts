import { expect, test } from '@playwright/test'
import {
  goToEnd,
  openApp,
  sendRequest,
  sendTo,
  setMode,
  steps,
  tutorialPods,
  tutorialService,
  writeManifest,
} from './app.ts'

test('manifests typed by hand: another name, 5 replicas, another port', async ({ page }) => {
  await openApp(page)
  await writeManifest(page, 'pods.yaml', tutorialPods(5))
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-.*ready/ })).toHaveCount(5)
  await writeManifest(page, 'service-clusterip.yaml', tutorialService({ name: 'web', ip: '10.100.0.7', port: 8080 }))
  await expect(page.getByText('Applied. 5 pods match the selector.')).toBeVisible()
  for (const mode of ['iptables', 'ipvs', 'userspace']) {
    await setMode(page, mode)
    await sendTo(page, /web:8080/)
    await goToEnd(page)
    await expect(steps(page).last()).toContainText('Connected')
  }
})

test('no endpoints: refused by the rule (iptables), by the virtual server (ipvs), accepted and closed (userspace)', async ({
  page,
}) => {
  await openApp(page)
  await writeManifest(page, 'pods.yaml', tutorialPods(0))
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-/ })).toHaveCount(0)
  const trace = page.getByRole('region', { name: 'Trace' })

  await sendRequest(page)
  await goToEnd(page)
  await expect(steps(page).last()).toContainText(/refused/i)
  await steps(page).filter({ hasText: 'REJECT' }).click()
  await expect(trace).toContainText('dev/service-clusterip has no endpoints')

  await setMode(page, 'ipvs')
  await sendRequest(page)
  await goToEnd(page)
  await expect(steps(page).last()).toContainText(/refused/i)
  await steps(page).filter({ hasText: 'IPVS REFUSED' }).click()
  await expect(trace).toContainText('10.98.98.98:80')

  await setMode(page, 'userspace')
  await sendRequest(page)
  await goToEnd(page)
  await expect(steps(page).last()).toContainText(/closed/i)
})

test('a wrong targetPort ends in a RST from the pod', async ({ page }) => {
  await openApp(page)
  await writeManifest(page, 'service-clusterip.yaml', tutorialService({ targetPort: 8081 }))
  for (const mode of ['iptables', 'ipvs']) {
    await setMode(page, mode)
    await sendRequest(page)
    await goToEnd(page)
    await expect(steps(page).last()).toContainText(/refused/i)
    await expect(page.getByRole('region', { name: 'Trace' })).toContainText('RST')
  }
})

test('a fault is named at its place, what is valid applies, the last good state stays drawn', async ({ page }) => {
  await openApp(page)
  const valid = tutorialService({ name: 'second', ip: '10.100.0.8' })
  const faulty = tutorialService({ port: 70000 })
  await writeManifest(page, 'service-clusterip.yaml', `${faulty}---\n${valid}`)
  const manifests = page.getByRole('region', { name: 'Manifests' })
  await expect(manifests).toContainText('must be between 1 and 65535, inclusive')
  await expect(page.locator('.monaco-editor .squiggly-error').first()).toBeVisible()
  const to = page.getByRole('combobox', { name: 'Where the request goes to' })
  await expect(to.getByRole('option', { name: /second:80/ })).toBeAttached()

  await writeManifest(page, 'service-clusterip.yaml', 'apiVersion: v1\nkind: Service\nmetadata:\n  name: [broken')
  await expect(manifests).toContainText('error parsing service-clusterip.yaml')
  await expect(page.getByRole('button', { name: /^Pod pc-deployment-/ })).toHaveCount(3)
  await expect(to.getByRole('option', { name: /second:80/ })).toBeAttached()
})

test('what is not simulated is marked; a pod that does not come up says why', async ({ page }) => {
  await openApp(page)
  const shop = `apiVersion: v1
kind: Pod
metadata: {name: shop, namespace: dev, labels: {app: shop}}
spec:
  containers: [{name: shop, image: 'nginx:no-such-tag'}, {name: own, image: example.com/own, ports: [{containerPort: 9000}]}]
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: dev}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: dev}
spec: {defaultBackend: {service: {name: shop, port: {number: 80}}}}
`
  await writeManifest(page, 'service-clusterip.yaml', shop)
  await expect(page.getByText('Applied. 1 pod matches the selector, none ready.')).toBeVisible()
  const problems = page.getByRole('list', { name: 'Problems' })
  await expect(problems).toContainText('Ingress is stored and listed, but not simulated')
  await expect(problems).toContainText('kubehop does not know what the image example.com/own runs')
  await page.getByRole('button', { name: /^Pod shop/ }).press('Enter')
  const inspector = page.getByRole('region', { name: 'Inspector' })
  await expect(inspector).toContainText('ImagePullBackOff')
  await expect(inspector).toContainText('Warning Failed: Error: ImagePullBackOff')
})
