// node docs/screenshots.ts [PAGE…]: starts the product, serves examples under load, breaks something, and takes the pictures of the documentation.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type Page } from '@playwright/test'
import { Load } from '../packages/testing/src/load.ts'
import { TestPlane } from '../packages/testing/src/plane.ts'
import { until } from '../packages/testing/src/until.ts'
import { ensureBuilt } from '../packages/tooling/src/build/assemble.ts'

const images = path.resolve(import.meta.dirname, 'images')
const width = 1280
const wanted = new Set(process.argv.slice(2))

/** What stands on the pictures. */
interface Story {
  readonly plane: TestPlane
  /** A moment at which a replica of hello was dead, ms since the Unix epoch. */
  readonly brokenAtMs: number
}

interface Shot {
  readonly name: string
  readonly at: (story: Story) => string
  /** Nothing has to run for it. */
  readonly isPlain?: true
  /** Pixels; 860 unless told. */
  readonly height?: number
  /** What a person does there before the picture. */
  readonly act?: (page: Page) => Promise<void>
}

const yaml = `name: chat

workdir: examples/token-streamer

run: node server.js

service:
  readiness_probe: /healthz
  replicas: 2
`

const shots: readonly Shot[] = [
  { name: 'overview', at: () => '/' },
  { name: 'services', at: () => '/services' },
  { name: 'service', at: () => '/services/hello' },
  { name: 'traffic', at: () => '/services/hello?tab=traffic', act: drawnCharts },
  { name: 'recovery', at: () => '/services/hello?tab=recovery' },
  {
    name: 'launch-error',
    at: () => '/launch',
    isPlain: true,
    height: 960,
    act: async (page) => {
      await write(page, yaml.replace('replicas', 'replcias'))
      const way = page.getByText('Did you mean `replicas`?').first()
      await way.waitFor()
      await way.scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'launch-plan',
    at: () => '/launch',
    isPlain: true,
    height: 960,
    act: async (page) => {
      await write(page, yaml)
      await page.getByRole('button', { name: 'Bring up chat' }).waitFor()
    },
  },
  {
    name: 'timeline',
    at: ({ brokenAtMs }) => `/timeline?at=${brokenAtMs}`,
    act: async (page) => {
      await page.getByRole('heading', { name: /^What there was at/ }).scrollIntoViewIfNeeded()
    },
  },
  { name: 'operations', at: () => '/operations' },
  { name: 'system', at: () => '/system' },
]

const chosen = shots.filter(({ name }) => wanted.size === 0 || wanted.has(name))

/** Types into the editor as a person does who clears it first. */
async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Service YAML' }).focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
  await page.keyboard.press('Escape')
}

async function drawnCharts(page: Page): Promise<void> {
  await page.locator('canvas').nth(3).waitFor()
}

async function signedIn(browser: Browser, plane: TestPlane, colorScheme: 'dark' | 'light'): Promise<Page> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 860 },
    deviceScaleFactor: 1,
  })
  const page = await context.newPage()
  const { stdout } = await plane.cli('login')
  await page.goto(stdout.trim())
  await page.getByRole('button', { name: /sign in/i }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  return page
}

async function shoot(browser: Browser, story: Story, colorScheme: 'dark' | 'light'): Promise<void> {
  const page = await signedIn(browser, story.plane, colorScheme)
  const { origin } = new URL(page.url())
  for (const { name, at, act, height = 860 } of chosen) {
    await page.setViewportSize({ width, height })
    await page.goto(origin + at(story))
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('load')
    await page.getByText('Live', { exact: true }).waitFor()
    await page.locator('.skeleton').first().waitFor({ state: 'detached' })
    await act?.(page)
    await page.screenshot({ path: path.join(images, `${name}-${colorScheme}.png`) })
  }
  await page.context().close()
}

/** Kills a replica of hello; returns a moment between its death and the one that takes its place. */
async function breakReplica(plane: TestPlane): Promise<number> {
  const first = await until('hello runs', async () => (await plane.status('hello'))?.replicas[0])
  if (first.pid !== null) process.kill(-first.pid, 'SIGKILL')
  const isBroken = async (): Promise<boolean> => ((await plane.status('hello'))?.ready ?? 2) < 2
  await until('the death is seen', isBroken, 60_000)
  const brokenAtMs = Date.now()
  await until(
    'hello is whole again',
    async () => {
      const status = await plane.status('hello')
      return status?.ready === status?.target && status?.replicas.some(({ outcome }) => outcome !== null)
    },
    60_000,
  )
  return brokenAtMs
}

/** Serves examples under load, breaks and changes one of them. @returns a moment at which a replica was dead, ms. */
async function tellStory(plane: TestPlane, load: Load): Promise<number> {
  for (const example of ['hello', 'token-streamer', 'websocket-echo']) {
    console.error((await plane.cli('serve', 'up', `examples/${example}/service.yaml`)).stderr)
  }
  load.start()
  await until('some minutes of traffic', () => load.requests > 3000, 300_000)
  const brokenAtMs = await breakReplica(plane)
  const change = ['serve', 'update', 'hello', 'examples/hello/service.yaml', '--env', 'GREETING=Good morning']
  console.error((await plane.cli(...change, '-y')).stdout)
  for (const part of ['worker', 'gateway']) {
    console.error((await plane.cli('drill', 'hello', '--kill', part, '--repeat', '2')).stdout)
  }
  return brokenAtMs
}

mkdirSync(images, { recursive: true })
const plane = await TestPlane.create({ build: await ensureBuilt((line) => console.error(line)) })
plane.up()
await plane.untilActive()
const load = new Load({
  url: 'http://127.0.0.1:30001',
  requestsPerSecond: 50,
  streams: 0,
  streamSeconds: 1,
  webSockets: 0,
})
const brokenAtMs = chosen.every(({ isPlain }) => isPlain) ? 0 : await tellStory(plane, load)
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
  for (const scheme of ['dark', 'light'] as const) await shoot(browser, { plane, brokenAtMs }, scheme)
} finally {
  await load.abandon()
  await browser.close()
  await plane.destroy()
}
