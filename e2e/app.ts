import { expect } from '@playwright/test'
import type { Locator, Page } from '@playwright/test'

/** Opens the page and waits until the default scenario runs. Any error in the console fails the test that asks for `errors`. */
export async function openApp(page: Page, url = './'): Promise<{ readonly errors: readonly string[] }> {
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(url)
  await expect(page.getByRole('button', { name: /^Pod client, 10\.244\.\d+\.\d+, ready/ })).toBeVisible()
  return { errors }
}

export function editor(page: Page, file: string): Locator {
  return page.getByRole('textbox', { name: `Manifest ${file}` })
}

/** Replaces the text of `file` as a person would (select all, paste) and applies it with Ctrl+Enter. */
export async function writeManifest(page: Page, file: string, text: string): Promise<void> {
  await page.getByRole('tab', { name: file }).click()
  // Monaco replaces the first plain text when the page is idle; typing must reach the one that stays. Its text box has no size.
  await page.locator('.monaco-editor .view-lines').first().click()
  await expect(editor(page, file)).toBeFocused()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
  await page.keyboard.press('ControlOrMeta+Enter')
}

export async function setMode(page: Page, mode: string): Promise<void> {
  // The radio itself is visually hidden: its label is what a person clicks.
  await page.getByRole('group', { name: 'kube-proxy mode' }).getByText(mode, { exact: true }).click()
  await expect(page.getByRole('radio', { name: mode })).toBeChecked()
}

/** One click on "Send request"; waits for the trace and stops at its first step. */
export async function sendRequest(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Send request/ }).click()
  await expect(steps(page).first()).toBeVisible()
}

/** Picks a target by what its option says, then sends. */
export async function sendTo(page: Page, target: RegExp | string): Promise<void> {
  const to = page.getByRole('combobox', { name: 'Where the request goes to' })
  const option = to.getByRole('option', { name: target })
  await to.selectOption(await option.first().getAttribute('value'))
  await sendRequest(page)
}

export function steps(page: Page): Locator {
  return page
    .getByRole('list', { name: 'Steps of the request' })
    .getByRole('button')
    .filter({ hasNotText: /^Show|^Hide/ })
}

export async function goToEnd(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Last step' }).click()
}

export const tutorialPods = (replicas: number, containerPort = 80): string => `apiVersion: v1
kind: Namespace
metadata:
  name: dev
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pc-deployment
  namespace: dev
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: nginx-pod
  template:
    metadata:
      labels:
        app: nginx-pod
    spec:
      containers:
        - name: nginx
          image: nginx:1.17.1
          ports:
            - containerPort: ${containerPort}
---
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: dev
spec:
  containers:
    - name: shell
      image: busybox:1.36
      command: ['sleep', 'infinity']
`

export const tutorialService = (
  fields: { port?: number; targetPort?: number; name?: string; ip?: string } = {},
): string => `apiVersion: v1
kind: Service
metadata:
  name: ${fields.name ?? 'service-clusterip'}
  namespace: dev
spec:
  selector:
    app: nginx-pod
  clusterIP: ${fields.ip ?? '10.98.98.98'}
  type: ClusterIP
  ports:
    - port: ${fields.port ?? 80}
      targetPort: ${fields.targetPort ?? 80}
`
