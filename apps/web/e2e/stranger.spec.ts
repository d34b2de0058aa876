import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { openDatabase } from '@skykeep/db/connect'
import { insertScalingDecision } from '@skykeep/db/autoscaling'
import { getInstallation } from '@skykeep/db/installation'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { randomIds } from '@skykeep/secrets/random-ids'
import { TestPlane } from '@skykeep/testing/plane'
import { planeDatabases } from '@skykeep/testing/plane-databases'
import { systemClock } from '@skykeep/testing/system-clock'
import { lastNight } from '../src/features/timeline/quick-views.ts'
import { serviceNamed } from './plane/seed.ts'
import { Stranger } from './plane/stranger.ts'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const example = path.resolve(import.meta.dirname, '../../../examples/hello/service.yaml')
const clicksMost = 3
/** A replica's first start on a loaded machine. */
const slow = { timeout: 120_000 }

const busy = `name: busy
run: |
  exec node -e '
  const http = require("http")
  http.createServer((request, response) => {
    if (request.url === "/") return response.end("ok")
    response.write("begun")
    const timer = setInterval(() => response.write("."), 500)
    response.on("close", () => clearInterval(timer))
  }).listen(process.env.PORT)'
service:
  readiness_probe: /
  replica_policy:
    min_replicas: 1
    max_replicas: 2
    target_in_flight_per_replica: 2
`

for (const database of planeDatabases) {
  test.describe
    .serial(`what a stranger does first, each in three clicks from the overview, ${database.title}`, () => {
    test.skip(!database.isThere)
    let plane: TestPlane
    let databaseUrl: string | undefined
    let page: Page
    const folder = mkdtempSync(path.join(tmpdir(), 'sk-stranger-'))

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(240_000)
      const given = database.create()
      databaseUrl = given.databaseUrl
      plane = await TestPlane.create({ build, ...given })
      plane.up()
      await plane.untilActive(200_000)
      page = await browser.newPage()
      const { stdout } = await plane.cli('login')
      await page.goto(stdout.trim())
      await page.getByRole('button', { name: /sign in/i }).click()
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
    })
    test.afterAll(async () => {
      await page.close()
      await plane.destroy()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Begins at the overview; says the path, and that it is short enough. */
    const does = async (task: string, way: (stranger: Stranger) => Promise<void>): Promise<void> => {
      test.setTimeout(300_000)
      await page.goto(new URL('/', page.url()).href)
      await expect(page.getByText('Changed lately')).toBeVisible()
      const stranger = new Stranger(page)
      await way(stranger)
      process.stdout.write(`${task}: ${stranger.told}\n`)
      expect(stranger.clicks, `${task}: ${stranger.told}`).toBeLessThanOrEqual(clicksMost)
      // Writing a whole YAML over another one takes Ctrl-A before it.
      expect(stranger.keys).toBeLessThanOrEqual(1)
    }
    const place = (name: string) =>
      page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: false })
    const service = (name: string) =>
      page.getByRole('table', { name: 'Services' }).getByRole('link', { name, exact: true })
    const answers = async (text: RegExp): Promise<void> => {
      const { endpoint = '' } = (await plane.status('hello')) ?? {}
      await expect.poll(async () => await (await fetch(endpoint)).text().catch(String), slow).toMatch(text)
    }

    test('serve a service', async () => {
      await does('serve a service', async (stranger) => {
        await stranger.click(place('Launch'), 'Launch')
        const offered = page.getByRole('list', { name: 'Examples to begin with' })
        await stranger.click(offered.getByRole('button', { name: /^Hello/ }), 'Hello')
        await stranger.click(page.getByRole('button', { name: 'Bring up hello' }), 'Bring up hello')
        const launch = page.getByRole('region', { name: 'Launch of hello' })
        await expect(launch.getByText('hello is up')).toBeVisible(slow)
        await expect(launch.getByText(/^http:\/\/127\.0\.0\.1:\d+$/).first()).toBeVisible()
      })
      await answers(/^Hello from replica/)
    })

    test('break it and see why', async () => {
      const pid = (await plane.status('hello'))?.replicas.find(({ status }) => status === 'READY')?.pid ?? 0
      process.kill(-pid, 'SIGKILL')
      await does('see why a replica died that was killed from outside', async (stranger) => {
        await stranger.click(service('hello'), 'hello')
        const ended = page.getByRole('table', { name: 'Ended replicas' })
        await expect(ended.getByText(/killed|exited with 137|is gone/).first()).toBeVisible(slow)
      })
      await expect(page.getByText('2 of 2 replicas ready')).toBeVisible(slow)
      await does('break it here and see why', async (stranger) => {
        await stranger.click(service('hello'), 'hello')
        const terminate = page.getByRole('button', { name: /^Terminate replica/ }).first()
        await stranger.click(terminate, 'Terminate replica')
        const dialog = page.getByRole('alertdialog')
        await stranger.click(dialog.getByRole('button', { name: 'Terminate' }), 'Terminate')
        await expect(page.getByRole('region', { name: /^Operation: .*hello$/ })).toBeVisible()
        const ended = page.getByRole('table', { name: 'Ended replicas' })
        await expect(ended.getByText(/by a person|terminated/i).first()).toBeVisible(slow)
      })
      const said = await plane.cli('serve', 'status', 'hello')
      expect(said.stdout).toMatch(/killed|exited with 137|is gone/)
      await expect(page.getByText('2 of 2 replicas ready')).toBeVisible(slow)
    })

    test('update it', async () => {
      await does('update it', async (stranger) => {
        await stranger.click(service('hello'), 'hello')
        await stranger.click(page.getByRole('link', { name: 'Update' }), 'Update')
        await expect(page.getByRole('textbox', { name: 'Service YAML' })).toBeFocused()
        await stranger.press('ControlOrMeta+a', 'Ctrl-A')
        await stranger.write(readFileSync(example, 'utf8').replace(': Hello', ': Servus'))
        const update = page.getByRole('region', { name: 'An update of hello' })
        await expect(update.getByRole('row', { name: /GREETING/ })).toContainText('Servus', slow)
        await stranger.click(page.getByRole('button', { name: 'Update hello' }), 'Update hello')
        await expect(page).toHaveURL(/operation=op_/)
      })
      await answers(/^Servus from replica/)
      await expect(page.getByText('hello is up')).toBeVisible(slow)
    })

    test('roll it back', async () => {
      await does('roll it back', async (stranger) => {
        await stranger.click(service('hello'), 'hello')
        await stranger.click(page.getByRole('button', { name: 'Roll back', exact: true }), 'Roll back')
        const dialog = page.getByRole('alertdialog', { name: 'Roll hello back to version 1?' })
        await stranger.click(dialog.getByRole('button', { name: 'Roll back' }), 'Roll back')
        await expect(page).toHaveURL(/operation=op_/)
      })
      await answers(/^Hello from replica/)
    })

    test('find the scale-up of last night and its reason', async () => {
      test.setTimeout(300_000)
      const file = path.join(folder, 'busy.yaml')
      writeFileSync(file, busy)
      const served = await plane.cli('serve', 'up', file)
      expect(served.code, served.stderr).toBe(0)
      // One that happens now, under load, and one of last night that nobody saw.
      const { endpoint = '' } = (await plane.status('busy')) ?? {}
      const ended = new AbortController()
      const opened = [1, 2, 3, 4].map(() => fetch(`${endpoint}/stream`, { signal: ended.signal }))
      try {
        await expect.poll(async () => (await plane.status('busy'))?.target, slow).toBe(2)
      } finally {
        ended.abort()
        await Promise.allSettled(opened)
      }
      const because = '14 in flight and 0 parked at 2 per replica'
      await scaledLastNight(databaseUrl ?? `file:${layoutOf(plane.root).stateDb}`, because)
      await does('find the scale-up of last night and its reason', async (stranger) => {
        await stranger.click(place('Timeline'), 'Timeline')
        await stranger.click(page.getByRole('button', { name: 'Scaling last night' }), 'Scaling last night')
        await stranger.click(page.getByRole('button', { name: because }), because)
        await expect(page.getByRole('region', { name: /^Why event #/ })).toContainText('LOAD_ABOVE_TARGET')
      })
      await does('find the scale-up of a minute ago and its terms', async (stranger) => {
        await stranger.click(service('busy'), 'busy')
        await stranger.click(page.getByRole('tab', { name: 'Scaling' }), 'Scaling')
        const decision = page
          .getByRole('group')
          .filter({ hasText: /[34] in flight and/ })
          .first()
        await stranger.click(decision.locator('summary'), 'the decision')
        await expect(decision.getByText('In flight', { exact: true })).toBeVisible()
      })
      const said = await plane.cli('events', '--service', 'busy', '--limit', '200')
      expect(said.stdout).toContain(because)
    })
  })
}

/** Writes a decision as the worker would have that decided in the middle of last night. */
async function scaledLastNight(url: string, because: string): Promise<void> {
  const nowMs = Date.now()
  const { fromMs, untilMs } = lastNight(nowMs)
  const atMs = Math.floor((fromMs + Math.min(untilMs, nowMs)) / 2)
  const db = await openDatabase({ url, clock: { ...systemClock, now: () => atMs } })
  try {
    const { uid: serviceUid, name: serviceName } = await serviceNamed(db, 'busy')
    const { fence } = await getInstallation(db)
    const decision = {
      uid: randomIds.uid('dec'),
      serviceUid,
      fromReplicas: 1,
      toReplicas: 2,
      reason: 'LOAD_ABOVE_TARGET',
      message: because,
      terms: { inFlight: 14, parked: 0, targetInFlightPerReplica: 2 },
    }
    await db.transaction((tx) => insertScalingDecision(tx, { decision, serviceName }), { fence })
  } finally {
    await db.close()
  }
}
