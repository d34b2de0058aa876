import type { Page } from '@playwright/test'
import { listEvents } from '@skykeep/db/events'
import { listReplicas } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import { expect, test } from './plane/fixture.ts'
import { serviceNamed } from './plane/seed.ts'

const tabCount = 10
const rounds = 5

/** Remembers in the page when a text first stands in it. */
async function watchFor(page: Page, text: string): Promise<void> {
  await page.evaluate((wanted) => {
    const look = (): void => {
      if (!document.body.innerText.includes(wanted)) return
      observer.disconnect()
      document.body.setAttribute('data-seen-at', String(Date.now()))
    }
    document.body.removeAttribute('data-seen-at')
    const observer = new MutationObserver(look)
    observer.observe(document.body, { subtree: true, childList: true, characterData: true })
    look()
  }, text)
}

test('ten tabs of one browser show a change soon after its event, over one stream', async ({
  signedIn: page,
  plane,
}) => {
  test.setTimeout(180_000)
  const context = page.context()
  let streams = 0
  context.on('request', (request) => {
    if (request.url().includes('watch.events')) streams += 1
  })
  const tabs = [page]
  while (tabs.length < tabCount) tabs.push(await context.newPage())
  await Promise.all(tabs.map((tab) => tab.goto(`${plane.origin}/services/hello`)))
  for (const tab of tabs) await expect(tab.getByText('Live', { exact: true })).toBeVisible()
  const streamsAtStart = streams
  const service = await serviceNamed(plane.db, 'hello')
  const [replica] = (await listReplicas(plane.db, { serviceUid: service.uid, statuses: ['READY'] })).items
  if (replica === undefined) throw new Error('no ready replica')
  const delays: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const message = `It is slow, round ${round}.`
    await Promise.all(tabs.map((tab) => watchFor(tab, message)))
    const change = { kind: 'replica', uid: replica.uid } as const
    await plane.db.transaction((tx) =>
      transition(tx, { ...change, to: 'NOT_READY', reason: 'PROBE_FAILED', message }),
    )
    const events = await listEvents(plane.db, { limit: 20 })
    const event = events.find((each) => JSON.stringify(each).includes(message))
    if (event === undefined) throw new Error('the change wrote no event')
    for (const tab of tabs) {
      await expect(tab.locator('body')).toHaveAttribute('data-seen-at', /\d+/, { timeout: 30_000 })
      const seenAt = await tab.locator('body').getAttribute('data-seen-at')
      delays.push(Number(seenAt) - event.atMs)
    }
    await plane.db.transaction((tx) => transition(tx, { ...change, to: 'READY', reason: 'PROBED' }))
    for (const tab of tabs) await expect(tab.getByText(message)).toBeHidden({ timeout: 30_000 })
  }
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN
  process.stdout.write(
    `${tabCount} tabs, ${rounds} changes: from the event to the page ${at(0)} ms at least, ${at(0.5)} ms median, ${at(0.95)} ms p95, ${at(1)} ms at most; within 500 ms: ${sorted.filter((ms) => ms <= 500).length} of ${sorted.length}\n`,
  )
  expect(sorted).toHaveLength(tabCount * rounds)
  expect(streams).toBe(streamsAtStart)

  // The tab that read the stream goes: another one takes over, and none is left behind.
  await page.close()
  const rest = tabs.slice(1)
  const message = 'It is slow after the first tab went.'
  await plane.db.transaction((tx) =>
    transition(tx, { kind: 'replica', uid: replica.uid, to: 'NOT_READY', reason: 'PROBE_FAILED', message }),
  )
  for (const tab of rest) await expect(tab.getByText(message)).toBeVisible({ timeout: 30_000 })
  await plane.db.transaction((tx) =>
    transition(tx, { kind: 'replica', uid: replica.uid, to: 'READY', reason: 'PROBED' }),
  )
})
