import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test as plainTest, type Page } from '@playwright/test'
import { retentionFields } from '@skykeep/core/retention'
import { appendEvent } from '@skykeep/db/events'
import { TestPlane } from '@skykeep/testing/plane'
import { planeDatabases } from '@skykeep/testing/plane-databases'
import { findingsOf } from './plane/findings.ts'
import { expect, test } from './plane/fixture.ts'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const pictures = process.env['SKYKEEP_PICTURES']
const slow = { timeout: 60_000 }

const looks = [
  { scheme: 'light', width: 1440, height: 900 },
  { scheme: 'dark', width: 1440, height: 900 },
  { scheme: 'light', width: 390, height: 844 },
  { scheme: 'dark', width: 390, height: 844 },
] as const

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

async function photograph(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true })
}

test('a server that stands alone says what it cannot examine and what to do; the rest of the page is there', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/system`)
  const health = card(page, 'Health of the state')
  await expect(health.getByRole('alert')).toContainText('The state could not be examined from here.')
  await expect(health.getByRole('alert')).toContainText('skykeep state doctor')
  const backups = card(page, 'Backups')
  await expect(backups).toContainText('No backup yet')
  await backups.getByRole('button', { name: 'Make a backup' }).click()
  await expect(page.getByText('It could not be started on this machine.').first()).toBeVisible()
  await expect(card(page, 'Master key')).toContainText('In the file')
  await expect(card(page, 'How much is kept')).toContainText(`${retentionFields.length} usual limits`)
  // Other tests of the same plane may have drilled it again.
  await expect(card(page, 'Last recovery drills').getByRole('row', { name: /^model/ })).toContainText(/\d ms/)
  await card(page, 'Last recovery drills').getByRole('link', { name: 'model' }).click()
  await expect(page).toHaveURL(/services\/model\?tab=recovery&drill=drl_/)
})

test('a file that is no backup, a check that failed, and those who may only look', async ({
  signedIn: page,
  plane,
}) => {
  writeFileSync(path.join(plane.layout.backupsDir, 'skykeep-broken.tar.zst'), 'nothing of ours')
  await plane.db.transaction((tx) =>
    appendEvent(tx, {
      kind: 'system',
      uid: 'ins_e2e0000000000000000',
      type: 'state.failed',
      reason: 'INVALID_INPUT',
      message: 'The check of a backup failed: this is no backup of Skykeep.',
      payload: { work: 'verify' },
    }),
  )
  await page.goto(`${plane.origin}/system`)
  const backups = card(page, 'Backups')
  await expect(backups.getByRole('row', { name: /skykeep-broken/ })).toContainText('Not readable')
  await expect(backups.getByRole('alert')).toContainText('this is no backup of Skykeep')
  await plane.db.transaction((tx) => tx.client.user.updateMany({ data: { role: 'USER' } }))
  await page.reload()
  await expect(backups.getByRole('table', { name: 'Backups' })).toBeVisible()
  for (const name of ['Make a backup', 'Verify skykeep-broken.tar.zst'])
    await expect(page.getByRole('button', { name })).toHaveCount(0)
  await plane.db.transaction((tx) => tx.client.user.updateMany({ data: { role: 'ADMIN' } }))
})

for (const database of planeDatabases) {
  plainTest.describe(`the state of a whole plane ${database.title}`, () => {
    plainTest.skip(!database.isThere)
    let plane: TestPlane
    plainTest.beforeAll(async () => {
      plainTest.setTimeout(240_000)
      const config = 'retention:\n  events: 5000\nbackup:\n  keep: 2\n'
      plane = await TestPlane.create({ build, config, ...database.create() })
      plane.up()
      await plane.untilActive(200_000)
    })
    plainTest.afterAll(async () => await plane.destroy())

    const openSystem = async (page: Page): Promise<void> => {
      const { stdout } = await plane.cli('login')
      await page.goto(stdout.trim())
      await page.getByRole('button', { name: /sign in/i }).click()
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
      await page.goto(new URL('/system', page.url()).href)
    }

    plainTest(
      'is examined; a backup is made and proven from the page, and both ends show without a reload',
      async ({ page }) => {
        plainTest.setTimeout(300_000)
        await openSystem(page)
        await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'))
        const health = card(page, 'Health of the state')
        await expect(health.getByText(/\d+ checks (that )?passed/).first()).toBeVisible(slow)
        await expect(health.getByText(/^examined/)).toBeVisible()

        const backups = card(page, 'Backups')
        await expect(backups).toContainText('the newest 2 stay')
        await backups.getByRole('button', { name: 'Make a backup' }).click()
        await expect(page.getByText('The backup begins').first()).toBeVisible(slow)
        const row = backups.getByRole('row', { name: /skykeep-ins_/ })
        await expect(row).toContainText('Not verified', slow)
        await expect(row).toContainText('key v1 proves it')
        await expect(backups.getByRole('button', { name: 'Make a backup' })).toBeEnabled(slow)
        await row.getByRole('button', { name: /^Verify skykeep-ins_/ }).click()
        await expect(page.getByText('The check begins').first()).toBeVisible(slow)
        await expect(row.getByText('Verified', { exact: true })).toBeVisible(slow)
        await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes')

        const key = card(page, 'Master key')
        await expect(key).toContainText('keys/master.key')
        await expect(key).toContainText('v1')
        await expect(card(page, 'How much is kept').getByRole('row', { name: /^events of/ })).toContainText(
          /5.000/,
        )
        const parts = card(page, 'What takes space').getByRole('listitem')
        const ofSqlite = database.kind === 'sqlite' ? [/^database/, /^write-ahead log/] : []
        for (const part of [...ofSqlite, /^backups/])
          await expect(parts.filter({ hasText: part })).toContainText(/\d (KiB|MiB)/)
        const events = await plane.cli('events', '--limit', '200')
        expect(events.stdout).toContain('was restored and is identical')
        const listed = await plane.cli('state', 'backups')
        expect(listed.stdout).toContain(database.kind)
      },
    )

    for (const look of looks) {
      plainTest(
        `in ${look.scheme} at ${look.width} px: no serious axe finding, nothing too wide`,
        async ({ page }) => {
          plainTest.setTimeout(300_000)
          await page.emulateMedia({ colorScheme: look.scheme })
          await page.setViewportSize(look)
          await openSystem(page)
          await expect(card(page, 'Health of the state').getByText(/^examined/)).toBeVisible(slow)
          await expect(page.getByLabel('Loading')).toHaveCount(0, slow)
          await photograph(page, `system-${look.scheme}-${look.width}`)
          for (const summary of await page.locator('details > summary').all()) await summary.click()
          expect(await findingsOf(page)).toEqual([])
          await photograph(page, `system-open-${look.scheme}-${look.width}`)
        },
      )
    }
  })
}
