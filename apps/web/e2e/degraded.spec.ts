import type { GatewayDrain } from '@skykeep/core/gateway-drain'
import { openDatabase } from '@skykeep/db/connect'
import { serveControl } from '@skykeep/persistent-path/control'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { removeProcessRecord, writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
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

test('a gateway that drains says what it carries and how long it may take, and is no trouble', async ({
  signedIn: page,
  plane,
}) => {
  const { layout } = plane
  const socket = layout.socket('gateway-0')
  let drain: GatewayDrain | null = { endsInMs: 3_540_000, connections: 2 }
  const gateway = await serveControl(socket, { 'GET /health': () => ({ drain }) })
  const self = selfIdentity()
  const record = { ...self, name: 'gateway-0', socket, startedAtMs: Date.now(), build: '/builds/older' }
  writeProcessRecord(layout, record)
  await page.goto(`${plane.origin}/system`)
  const row = page.getByRole('table', { name: 'Processes' }).getByRole('row', { name: /^gateway-0/ })
  await expect(row).toContainText('Draining')
  await expect(row).toContainText('carries 2 connections; ends within 59 min')
  const banner = page.getByRole('region', { name: 'State of the control plane' })
  await expect(banner).not.toContainText('Not all parts are running')
  drain = null
  await expect(row).toContainText('Running')
  await gateway.close()
  await expect(banner).toContainText('gateway-0 (not answering)')
  removeProcessRecord(layout, 'gateway-0', self)
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
