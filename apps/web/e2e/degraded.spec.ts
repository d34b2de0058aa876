import { openDatabase } from '@skykeep/db/connect'
import { serveControl } from '@skykeep/persistent-path/control'
import { systemClock } from '@skykeep/testing/system-clock'
import { until } from '@skykeep/testing/until'
import { expect, test } from './plane/fixture.ts'

test('storage that fails is shown without a reload, and so is its recovery', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/services`)
  const banner = page.getByRole('region', { name: 'State of the control plane' })
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  let status = 'degraded'
  const supervisor = await serveControl(plane.layout.supervisorSocket, {
    'GET /status': () => ({ storage: { status, detail: 'heartbeat: the disk is full' } }),
  })
  await expect(banner).toContainText('nothing can be changed now')
  await expect(banner).toContainText('the disk is full')
  await expect(page.getByRole('link', { name: 'hello' })).toBeVisible()
  status = 'ok'
  await expect(banner).not.toContainText('the disk is full')
  await supervisor.close()
})

test('a locked database keeps the dashboard from neither starting nor saying so', async ({
  signedIn: page,
  plane,
}) => {
  await plane.kill()
  // By the driver of the other connections: a second SQLite in one process would drop their locks (sqlite.org/howtocorrupt.html, 2.2.1).
  const locker = await openDatabase({
    url: `file:${plane.layout.stateDb}`,
    clock: systemClock,
    transactionMs: 60_000,
  })
  const lock = Promise.withResolvers<void>()
  const isLocked = Promise.withResolvers<void>()
  const locking = locker.transaction(async () => {
    isLocked.resolve()
    await lock.promise
  })
  await isLocked.promise
  const started = plane.start()
  await until('liveness while the database is locked', async () => {
    const response = await fetch(`${plane.origin}/healthz`).catch(() => undefined)
    return response?.status === 200
  })
  expect((await fetch(`${plane.origin}/role`)).status).toBe(503)
  await page.goto(`${plane.origin}/services`)
  await expect(page.getByText('The database does not answer yet.').first()).toBeVisible({ timeout: 30_000 })
  lock.resolve()
  await locking
  await locker.close()
  await started
  await expect(page.getByRole('link', { name: 'hello' })).toBeVisible({ timeout: 30_000 })
})
