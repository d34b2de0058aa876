import { readFile } from 'node:fs/promises'
import { listOperations, setOperationPhase } from '@skykeep/db/operations'
import { findingsOf } from './plane/findings.ts'
import { expect, test, type Plane } from './plane/fixture.ts'
import { seedOperations, seedScaleUp, seedServices } from './plane/seed-many.ts'

const many = 10_000
const say = (line: string): void => void process.stdout.write(`${line}\n`)
/** One plane a worker: it is filled once, whatever test comes first. */
let filled: Promise<void> | null = null
const fill = (plane: Plane): Promise<void> => (filled ??= fillPlane(plane))

async function fillPlane({ db }: Plane): Promise<void> {
  const startedAtMs = performance.now()
  await seedServices(db, 100)
  await seedOperations(db, 'hello', many)
  await seedScaleUp(db, 'hello')
  say(`seeded ${many} operations in ${Math.round(performance.now() - startedAtMs)} ms`)
}

test.beforeEach(async ({ plane }) => {
  test.setTimeout(240_000)
  await fill(plane)
})

test('10,000 operations: filtered on the server and in the URL, paged there and back', async ({
  signedIn: page,
  plane,
}) => {
  const startedAtMs = performance.now()
  await page.goto(`${plane.origin}/operations`)
  const table = page.getByRole('table', { name: 'Operations' })
  await expect(table).toBeVisible()
  say(`operations: first page after ${Math.round(performance.now() - startedAtMs)} ms`)
  await expect(page.getByText(/^1–50 of 10\D?0/)).toBeVisible()
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(page.getByText(/^51–100 of/)).toBeVisible()
  await page.getByRole('combobox', { name: 'Verb' }).selectOption('serve.rollback')
  await expect(page).toHaveURL(/verb=serve\.rollback/)
  await expect(page.getByText(/^1–50 of 1\D?25\d/)).toBeVisible()
  await page.getByRole('combobox', { name: 'Status' }).selectOption('FAILED')
  await page.getByRole('textbox', { name: 'Asked by' }).fill('nobody')
  await expect(page.getByText('No operation to show')).toBeVisible()
  await page.reload()
  await expect(page.getByText('No operation to show')).toBeVisible()
  await page.goto(`${plane.origin}/operations?service=hello&from=1&until=2`)
  await expect(page.getByText('No operation to show')).toBeVisible()
})

test('an operation that is under way is cancelled from its page; one that cannot be says why', async ({
  signedIn: page,
  plane,
}) => {
  const { items } = await listOperations(plane.db, { verb: 'serve.up', targetName: 'token-streamer' })
  const [up] = items
  await page.goto(`${plane.origin}/operations/${up?.uid ?? ''}`)
  await page.getByRole('button', { name: 'Cancel the operation' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('it is taken down, and its name is free again')
  await page.getByRole('button', { name: 'Cancel it' }).click()
  await expect(page.getByText('Cancelled by')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Cancel the operation' })).toBeHidden()
  await page.goto(`${plane.origin}/operations?status=PENDING`)
  await expect(page.getByText('being cancelled')).toBeVisible()
})

test('three clicks from the overview to a scale-up and its reason, with what it caused', async ({
  signedIn: page,
}) => {
  await page.getByRole('link', { name: /^Timeline/ }).click()
  await page.getByRole('button', { name: 'Scaling', exact: true }).click()
  await page.getByRole('button', { name: '14 requests a second need 3 replicas of 5 each' }).click()
  const chain = page.getByRole('region', { name: /^Why event #/ })
  await expect(chain).toContainText('LOAD_ABOVE_TARGET')
  await expect(chain).toContainText('was caused by it')
  await page.reload()
  await expect(chain).toContainText('LOAD_ABOVE_TARGET')
})

test('the log is paged, filtered, paused and live', async ({ signedIn: page, plane }) => {
  const startedAtMs = performance.now()
  await page.goto(`${plane.origin}/timeline`)
  const rows = page.getByRole('table', { name: 'Events' }).getByRole('row')
  await expect(rows).toHaveCount(51)
  say(`timeline: first page after ${Math.round(performance.now() - startedAtMs)} ms`)
  await page.getByRole('button', { name: 'Older' }).click()
  await expect(page.getByText('Paused')).toBeVisible()
  await page.getByRole('button', { name: 'Back to live' }).click()
  await expect(page.getByText('Live: new events come at the top')).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const [operation] = (await listOperations(plane.db, { targetName: 'model' })).items
  const uid = operation?.uid ?? ''
  const tell = (phase: string): Promise<void> =>
    plane.db.transaction((tx) => setOperationPhase(tx, uid, phase))
  for (const round of [1, 2, 3]) {
    await tell(`a change of round ${round}`)
    const changedAtMs = performance.now()
    await expect(rows.nth(1)).toContainText(`a change of round ${round}`)
    say(`timeline: a change shows ${Math.round(performance.now() - changedAtMs)} ms after its commit`)
  }
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await tell('a change nobody sees yet')
  await expect(page.getByText(/Paused: newer events have come/)).toBeVisible()
  await expect(page.getByText('a change nobody sees yet')).toBeHidden()
  await page.getByRole('button', { name: 'Back to live' }).click()
  await expect(page.getByText('a change nobody sees yet')).toBeVisible()
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('problem')
  await expect(page).toHaveURL(/severity=problem/)
  await expect(rows.nth(1)).toContainText('FAILED')
})

test('several types in the URL are filtered together; one that is none is named, with what is near', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/timeline?type=service.scaled,service.desired`)
  const rows = page.getByRole('table', { name: 'Events' }).getByRole('row')
  await expect(page.getByRole('combobox', { name: 'Type' })).toHaveValue('service.desired,service.scaled')
  await expect(rows.filter({ hasText: 'LOAD_ABOVE_TARGET' })).not.toHaveCount(0)
  await expect(rows.filter({ hasText: 'new → ' })).toHaveCount(0)
  await page.goto(`${plane.origin}/timeline?type=scaled`)
  await expect(page.getByRole('search').getByRole('alert')).toHaveText(
    'type: there is no event type "scaled"; did you mean service.scaled? It is left out here.',
  )
})

test('the state at a moment; a moment that is not yet is refused with the reason', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/timeline?at=${Date.now()}`)
  const then = page.getByRole('table', { name: /^Services at/ })
  await expect(then).toContainText('many-099')
  await expect(then.getByRole('row', { name: /^hello/ })).toContainText('Ready')
  await page.goto(`${plane.origin}/timeline?at=1000`)
  await expect(page.getByText('There was no service then.')).toBeVisible()
  await page.goto(`${plane.origin}/timeline?at=${Date.now() + 3_600_000}`)
  await expect(page.getByText('That moment is not yet.')).toBeVisible()
})

test('export with the same filters, for those who are signed in', async ({ signedIn: page, plane }) => {
  await page.goto(`${plane.origin}/timeline?type=service.scaled&service=hello`)
  for (const [label, head] of [
    ['JSON lines', '{"seq":'],
    ['CSV', 'seq,at,kind'],
  ] as const) {
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: `Export as ${label}` }).click()
    const text = await readFile(await (await download).path(), 'utf8')
    expect(text.slice(0, head.length)).toBe(head)
    expect(text).toContain('LOAD_ABOVE_TARGET')
    expect(text).not.toContain('SEEDED')
  }
  const address = `${plane.origin}/api/exports/events?format=csv`
  expect((await fetch(address)).status).toBe(401)
  const headers = { authorization: `Bearer ${plane.token}` }
  expect((await fetch(`${address}&color=red`, { headers })).status).toBe(400)
  const whole = await (await fetch(address, { headers })).text()
  expect(whole.split('\r\n').length).toBeGreaterThan(2 * many)
})

const looks = [
  { scheme: 'light', width: 1440, height: 900 },
  { scheme: 'dark', width: 820, height: 1180 },
  { scheme: 'light', width: 390, height: 844 },
  { scheme: 'dark', width: 390, height: 844 },
] as const

for (const look of looks) {
  test(`operations, timeline and system in ${look.scheme} at ${look.width} px: nothing too wide, no serious axe finding`, async ({
    signedIn: page,
    plane,
  }) => {
    await page.emulateMedia({ colorScheme: look.scheme })
    await page.setViewportSize(look)
    const [scaled] = (await listOperations(plane.db, { targetName: 'hello', limit: 1 })).items
    for (const path of [
      '/operations',
      `/operations/${scaled?.uid ?? ''}`,
      '/timeline',
      `/timeline?type=service.scaled&at=${Date.now()}`,
      '/system',
    ]) {
      await test.step(path, async () => {
        await page.goto(`${plane.origin}${path}`)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.getByLabel('Loading')).toHaveCount(0)
        expect(await findingsOf(page)).toEqual([])
        const shots = process.env['SKYKEEP_E2E_SHOTS']
        if (shots !== undefined) {
          const name = path.replaceAll(/[^a-z]+/g, '-')
          await page.screenshot({ path: `${shots}/${look.width}-${look.scheme}${name}.png` })
        }
      })
    }
  })
}
