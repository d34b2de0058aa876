// node docs/screenshots.ts: starts the product, serves examples, breaks something, and takes the pictures of the documentation.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser } from '@playwright/test'
import { TestPlane } from '../packages/testing/src/plane.ts'
import { until } from '../packages/testing/src/until.ts'
import { ensureBuilt } from '../packages/tooling/src/build/assemble.ts'

const images = path.resolve(import.meta.dirname, 'images')
const pages = [
  ['overview', '/'],
  ['services', '/services'],
  ['service', '/services/hello'],
  ['recovery', '/services/hello?tab=recovery'],
  ['operations', '/operations'],
  ['system', '/system'],
] as const

async function shoot(browser: Browser, plane: TestPlane, colorScheme: 'dark' | 'light'): Promise<void> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width: 1280, height: 860 },
    deviceScaleFactor: 1,
  })
  const page = await context.newPage()
  const { stdout } = await plane.cli('login')
  await page.goto(stdout.trim())
  await page.getByRole('button', { name: /sign in/i }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  for (const [name, where] of pages) {
    await page.goto(new URL(where, stdout.trim()).href)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('load')
    await page.getByText('Live', { exact: true }).waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    await page.screenshot({ path: path.join(images, `${name}-${colorScheme}.png`) })
  }
  await context.close()
}

mkdirSync(images, { recursive: true })
const plane = await TestPlane.create({ build: await ensureBuilt((line) => console.error(line)) })
plane.up()
await plane.untilActive()
for (const example of ['hello', 'token-streamer', 'websocket-echo']) {
  console.error((await plane.cli('serve', 'up', `examples/${example}/service.yaml`)).stderr)
}
const first = await until('hello runs', async () => (await plane.status('hello'))?.replicas[0])
if (first.pid !== null) process.kill(-first.pid, 'SIGKILL')
await until('hello is whole again', async () => {
  const status = await plane.status('hello')
  return (
    status !== undefined &&
    status.ready === status.target &&
    status.replicas.some(({ outcome }) => outcome !== null)
  )
})
for (const part of ['worker', 'gateway', 'worker']) {
  console.error((await plane.cli('drill', 'hello', '--kill', part, '--repeat', '2')).stdout)
}
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
try {
  for (const scheme of ['dark', 'light'] as const) await shoot(browser, plane, scheme)
} finally {
  await browser.close()
  await plane.destroy()
}
