import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { TestPlane } from '@skykeep/testing/plane'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const example = path.resolve(import.meta.dirname, '../../../examples/hello/service.yaml')

test.describe('the dashboard of a whole plane', () => {
  let plane: TestPlane
  test.beforeAll(async () => {
    test.setTimeout(120_000)
    plane = await TestPlane.create({ build })
    plane.up()
    await plane.untilActive()
    const served = await plane.cli('serve', 'up', example)
    expect(served.code, served.stderr).toBe(0)
  })
  test.afterAll(async () => await plane.destroy())

  const pidOfReplica = async (id: number): Promise<number> => {
    const replica = (await plane.status('hello'))?.replicas.find((each) => each.id === id)
    if (replica?.pid === undefined || replica.pid === null) throw new Error(`replica ${id} has no process`)
    return replica.pid
  }
  const signIn = async (page: Page): Promise<void> => {
    const { stdout } = await plane.cli('login')
    await page.goto(stdout.trim())
    await page.getByRole('button', { name: /sign in/i }).click()
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  }

  test('dstack 11 #14: shows a killed replica and its successor, and a dead worker and its report, without a reload', async ({
    page,
  }) => {
    test.setTimeout(120_000)
    await signIn(page)
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Services' }).click()
    await page.waitForURL('**/services')
    await page.getByRole('main').getByRole('link', { name: 'hello', exact: true }).first().click()
    await page.waitForURL('**/services/hello')
    await expect(page.getByText('2 of 2 replicas ready')).toBeVisible()
    await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'))

    process.kill(-(await pidOfReplica(1)), 'SIGKILL')
    const ended = page.getByRole('table', { name: /ended/i })
    await expect(ended.getByText('Failed')).toBeVisible()
    await expect(page.getByText('2 of 2 replicas ready')).toBeVisible()

    process.kill(await plane.pidOf('worker'), 'SIGKILL')
    await page.getByRole('tab', { name: 'Recovery' }).click()
    await expect(page.getByText('2 replicas adopted').first()).toBeVisible({ timeout: 30_000 })
    await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes')
  })

  test('a drill of the worker, then of the very server that started it, is followed to its end without a reload', async ({
    page,
  }) => {
    test.setTimeout(180_000)
    await signIn(page)
    await page.goto(new URL('/services/hello?tab=recovery', page.url()).href)
    await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'))
    for (const [target, title] of [
      ['worker', 'Worker'],
      ['web', 'Dashboard (web)'],
    ] as const) {
      const before = await plane.pidOf(target)
      await page.getByRole('button', { name: 'Run recovery drill' }).click()
      const dialog = page.getByRole('alertdialog', { name: 'Run a recovery drill on hello?' })
      await dialog.getByLabel('What is killed').selectOption(target)
      await dialog.getByRole('button', { name: 'Run the drill' }).click()
      const panel = page.getByRole('region', { name: `Drill: ${title}` })
      await expect(panel).toContainText(/Round 1 of 1/)
      await expect(panel).toContainText(/Nothing was lost: \d+ requests/, { timeout: 90_000 })
      await expect(panel.getByRole('table', { name: 'Rounds' })).toContainText(`pid ${before}`)
      expect(await plane.pidOf(target)).not.toBe(before)
    }
    await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes')
    expect((await plane.cli('drill', 'hello', '--list')).stdout).toContain('web ×1')
  })
})
