import { transition } from '@skykeep/db/transition'
import { listReplicas } from '@skykeep/db/replicas'
import { expect, test } from './plane/fixture.ts'
import { serviceNamed } from './plane/seed.ts'

test('a change of a row shows without a reload, in every tab, over one stream', async ({
  signedIn: page,
  plane,
}) => {
  const streams: string[] = []
  page.context().on('request', (request) => {
    if (request.url().includes('watch.events')) streams.push(request.url())
  })
  const other = await page.context().newPage()
  await page.goto(`${plane.origin}/services/hello`)
  await other.goto(`${plane.origin}/services/hello`)
  for (const tab of [page, other]) await expect(tab.getByText('Live', { exact: true })).toBeVisible()
  const service = await serviceNamed(plane.db, 'hello')
  const [replica] = (await listReplicas(plane.db, { serviceUid: service.uid, statuses: ['READY'] })).items
  if (replica === undefined) throw new Error('no ready replica')
  await plane.db.transaction((tx) =>
    transition(tx, {
      kind: 'replica',
      uid: replica.uid,
      to: 'NOT_READY',
      reason: 'PROBE_FAILED',
      message: 'GET /health answered 503.',
    }),
  )
  for (const tab of [page, other]) await expect(tab.getByText('GET /health answered 503.')).toBeVisible()
  await plane.db.transaction((tx) =>
    transition(tx, { kind: 'replica', uid: replica.uid, to: 'READY', reason: 'PROBED' }),
  )
  for (const tab of [page, other]) await expect(tab.getByText('GET /health answered 503.')).toBeHidden()
  expect(streams.length).toBeLessThanOrEqual(2)

  await page.close()
  await plane.db.transaction((tx) =>
    transition(tx, {
      kind: 'replica',
      uid: replica.uid,
      to: 'NOT_READY',
      reason: 'PROBE_FAILED',
      message: 'It is slow.',
    }),
  )
  await expect(other.getByText('It is slow.')).toBeVisible()
  await plane.db.transaction((tx) =>
    transition(tx, { kind: 'replica', uid: replica.uid, to: 'READY', reason: 'PROBED' }),
  )
})

test('the server dies and comes back: the page says so and goes on by itself', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/services`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await plane.kill()
  await expect(page.getByText('Reconnecting')).toBeVisible({ timeout: 20_000 })
  await expect(page.getByRole('link', { name: 'hello' })).toBeVisible()
  await plane.start()
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 30_000 })
})

test('taking a service down asks first, then shows its operation', async ({ signedIn: page, plane }) => {
  await page.goto(`${plane.origin}/services/token-streamer`)
  await page.getByRole('button', { name: 'Terminate' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Terminate token-streamer?' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toBeHidden()
  await page.getByRole('button', { name: 'Terminate' }).click()
  await dialog.getByRole('button', { name: 'Terminate' }).click()
  await expect(page).toHaveURL(/operation=op_/)
  await expect(page.getByRole('region', { name: /^Operation: .*down token-streamer$/ })).toBeVisible()
})
