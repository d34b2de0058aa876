import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { TestPlane } from '@skykeep/testing/plane'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const example = path.resolve(import.meta.dirname, '../../../examples/hello/service.yaml')

test.describe('launching on a whole plane', () => {
  let plane: TestPlane
  test.beforeAll(async () => {
    test.setTimeout(180_000)
    plane = await TestPlane.create({ build })
    plane.up()
    await plane.untilActive(150_000)
  })
  test.afterAll(async () => await plane.destroy())

  const signIn = async (page: Page): Promise<void> => {
    const { stdout } = await plane.cli('login')
    await page.goto(stdout.trim())
    await page.getByRole('button', { name: /sign in/i }).click()
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  }

  test('a template comes up and is followed to READY; then an update shows its diff and is followed too', async ({
    page,
  }) => {
    test.setTimeout(240_000)
    await signIn(page)
    await page.goto(new URL('/launch', page.url()).href)
    await page.getByLabel('Template').selectOption('hello')
    await page.getByRole('button', { name: 'Bring up hello' }).click()
    const launch = page.getByRole('region', { name: 'Launch of hello' })
    await expect(launch.getByText('hello is up')).toBeVisible({ timeout: 120_000 })
    await expect(launch.getByText('Ready', { exact: true }).first()).toBeVisible()
    await expect(launch.getByRole('log')).toBeVisible()
    const status = await plane.status('hello')
    expect(status).toMatchObject({ status: 'READY' })
    expect(await (await fetch(status?.endpoint ?? '')).text()).toMatch(/^Hello from replica/)

    const editor = page.getByRole('textbox', { name: 'Service YAML' })
    await editor.focus()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.insertText(readFileSync(example, 'utf8').replace(': Hello', ': Servus'))
    const update = page.getByRole('region', { name: 'An update of hello' })
    await expect(update.getByRole('row', { name: /GREETING/ })).toContainText('Servus', { timeout: 30_000 })
    await expect(update).toContainText('2 replicas would be replaced')
    await page.getByRole('button', { name: 'Update hello' }).click()
    await expect
      .poll(async () => await (await fetch(status?.endpoint ?? '')).text(), { timeout: 150_000 })
      .toMatch(/^Servus from replica/)
  })
})
