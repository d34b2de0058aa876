import { AxeBuilder } from '@axe-core/playwright'
import type { Ejection } from '@skykeep/core/routes'
import { listReplicas } from '@skykeep/db/replicas'
import { serveControl } from '@skykeep/persistent-path/control'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { removeProcessRecord, writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { expect, test, type Plane } from './plane/fixture.ts'
import { serviceNamed } from './plane/seed.ts'

const looks = [
  { scheme: 'light', width: 1440, height: 900 },
  { scheme: 'dark', width: 390, height: 844 },
] as const

/** Gateway processes that say what the test has them say. */
async function gateways({ layout }: Plane, count: number) {
  const self = selfIdentity()
  const names = Array.from({ length: count }, (_, slot) => `gateway-${slot}`)
  const ejected: Ejection[][] = names.map(() => [])
  const faults: string[] = []
  const servers = await Promise.all(
    names.map(async (name, slot) => {
      const socket = layout.socket(name)
      const status = { slot, pid: self.pid, epoch: name, appliedVersion: 1, boundPorts: [], blockedPorts: [] }
      const server = await serveControl(socket, {
        'GET /health': () => ({ drain: null, faults: slot === 0 ? faults : [] }),
        'GET /status': () => ({ ...status, inFlight: {}, siblings: [], ejected: ejected[slot] }),
      })
      writeProcessRecord(layout, { ...self, name, socket, startedAtMs: Date.now(), build: '/builds/this' })
      return server
    }),
  )
  const end = async (): Promise<void> => {
    for (const name of names) removeProcessRecord(layout, name, self)
    await Promise.all(servers.map((server) => server.close()))
  }
  return { ejected, faults, end }
}

test('a replica that gateway processes take out says so on its service’s page, without a reload, and no longer once it is back', async ({
  signedIn: page,
  plane,
  consoleErrors,
}) => {
  const { uid: serviceUid } = await serviceNamed(plane.db, 'hello')
  const { items } = await listReplicas(plane.db, { serviceUid })
  const [replica] = items.toSorted((a, b) => a.replicaId - b.replicaId)
  const { ejected, end } = await gateways(plane, 2)
  await page.goto(`${plane.origin}/services/hello`)
  const row = page.getByRole('table', { name: 'Replicas' }).getByRole('row').nth(1)
  await expect(row).toContainText('Ready')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.getByText(/taken out/i)).toHaveCount(0)

  const ejection = {
    replicaUid: replica?.uid ?? '',
    reason: 'connect: ECONNREFUSED',
    sinceMs: Date.now() - 12_000,
  }
  ejected[1]?.push(ejection)
  await expect(row).toContainText(/Taken out by 1 of 2 gateway processes for 1\d s: connect: ECONNREFUSED/)
  ejected[0]?.push({ ...ejection, sinceMs: Date.now() })
  await expect(row).toContainText(/Taken out by the gateway for [12]\d s: connect: ECONNREFUSED/)
  // Its own status is what its probe says.
  await expect(row).toContainText('Ready')
  await expect(page.getByText(/taken out/i)).toHaveCount(1)

  for (const { scheme, ...size } of looks) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.setViewportSize(size)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    const tooWide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(tooWide).toBe(0)
  }

  for (const each of ejected) each.length = 0
  await expect(page.getByText(/taken out/i)).toHaveCount(0)
  await expect(row).toContainText('Ready')
  expect(consoleErrors).toEqual([])
  await end()
})

test('what a gateway process says is wrong with it stands beside the process, without a reload', async ({
  signedIn: page,
  plane,
}) => {
  const { faults, end } = await gateways(plane, 1)
  await page.goto(`${plane.origin}/system`)
  const row = page.getByRole('table', { name: 'Processes' }).getByRole('row', { name: /^gateway-0/ })
  await expect(row).toContainText('Running')
  const fault = 'the access log lacks lines (dropped: 3): the disk was slow, or failed for a while'
  faults.push(fault)
  await expect(row).toContainText(fault)
  faults.length = 0
  await expect(row).not.toContainText('access log')
  await end()
})
