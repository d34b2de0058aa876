import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { TestPlane } from '@skykeep/testing/plane'
import { findingsOf } from './plane/findings.ts'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const example = path.resolve(import.meta.dirname, '../../../examples/hello/service.yaml')
const pictures = process.env['SKYKEEP_PICTURES']

const looks = [
  { scheme: 'light', width: 1440, height: 900 },
  { scheme: 'dark', width: 1440, height: 900 },
  { scheme: 'light', width: 820, height: 1100 },
  { scheme: 'dark', width: 390, height: 844 },
] as const

test.describe('requests that were really sent', () => {
  let plane: TestPlane
  let sent = 0
  test.beforeAll(async () => {
    test.setTimeout(180_000)
    plane = await TestPlane.create({ build })
    plane.up()
    await plane.untilActive()
    const served = await plane.cli('serve', 'up', example)
    expect(served.code, served.stderr).toBe(0)
  })
  test.afterAll(async () => await plane.destroy())

  const endpoint = async (): Promise<string> => {
    const url = (await plane.status('hello'))?.endpoint
    if (url === undefined) throw new Error('hello has no endpoint')
    return url
  }
  const send = async (count: number): Promise<void> => {
    const url = await endpoint()
    for (let at = 0; at < count; at += 1) expect((await fetch(`${url}/`)).status).toBe(200)
    sent += count
  }
  const signIn = async (page: Page): Promise<void> => {
    const { stdout } = await plane.cli('login')
    await page.goto(stdout.trim())
    await page.getByRole('button', { name: /sign in/i }).click()
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  }
  const open = (page: Page, where: string): Promise<unknown> => page.goto(new URL(where, page.url()).href)

  test('the charts count each of them, live, by replica and by version, and say so in words', async ({
    page,
  }) => {
    test.setTimeout(120_000)
    await signIn(page)
    await open(page, '/services/hello?tab=traffic')
    const total = page.getByRole('status').filter({ hasText: 'request' })
    // Bringing it up has asked it once.
    await expect(total).toHaveText('1 request, 0 errors', { timeout: 30_000 })
    sent = 1
    await send(40)
    await expect(total).toHaveText(`${sent} requests, 0 errors`, { timeout: 30_000 })
    await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'))
    await send(25)
    await expect(total).toHaveText(`${sent} requests, 0 errors`, { timeout: 30_000 })
    await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes')

    await page.getByLabel('Lines').selectOption('replica')
    await expect(page).toHaveURL(/by=replica/)
    const requests = page.getByRole('region', { name: 'Requests' })
    await expect(requests.getByText(/^Replica 1 /)).toBeVisible()
    await expect(requests.getByText(/^Replica 2 /)).toBeVisible()
    await expect(total).toHaveText(`${sent} requests, 0 errors`)
    await page.getByLabel('Time range').selectOption('1h')
    await page.getByLabel('Lines').selectOption('version')
    await expect(page).toHaveURL(/range=1h/)
    await expect(requests.getByText(/^Version 1 /)).toBeVisible()
    await expect(total).toHaveText(`${sent} requests, 0 errors`)
    await page.reload()
    await expect(total).toHaveText(`${sent} requests, 0 errors`)
    await expect(page.getByRole('region', { name: 'Marked in the charts' })).toContainText('Created')

    const moment = requests.getByRole('slider')
    await moment.focus()
    await page.keyboard.press('Home')
    await expect(moment).toHaveAttribute('aria-valuetext', /Version 1 —$/)
    await requests.getByText('As a table').click()
    const table = requests.getByRole('table', { name: 'Requests' })
    await expect(table.getByRole('row')).toHaveCount(241)
    // Before the plane was there nothing was counted: that is no 0.
    await expect(table.getByRole('row').last()).toContainText('—')
  })

  test('the list of services and the overview have what was sent, sorted on the server', async ({ page }) => {
    test.setTimeout(120_000)
    await signIn(page)
    await send(30)
    await open(page, '/services?sort=requests')
    const row = page.getByRole('row').filter({ hasText: 'hello' })
    await expect(row).toContainText(/[1-9.]\d*\/s/, { timeout: 30_000 })
    await expect(row).toContainText(/\d ms/)
    await open(page, '/')
    await expect(page.getByRole('region', { name: 'Requests' })).toContainText(/\/s/)
  })

  test('a request is tried: what it answers, who answered, and what is refused', async ({ page }) => {
    test.setTimeout(120_000)
    await signIn(page)
    await open(page, '/services/hello?tab=try')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    await page.getByRole('textbox', { name: 'Path' }).fill('/some/path')
    await page.getByRole('textbox', { name: 'Headers, a line each' }).fill('X-Mine: yes')
    await page.getByRole('button', { name: 'Send' }).click()
    const answer = page.getByRole('region', { name: 'Answer' })
    await expect(answer.getByRole('status').first()).toHaveText(
      /^200 OK · replica [12], version 1 · \d+ ms · \d+ B$/,
    )
    await expect(answer.getByLabel('Body', { exact: true })).toContainText('Hello')
    await answer.getByText(/^Headers \(\d+\)/).click()
    await expect(answer.getByLabel('Headers', { exact: true })).not.toContainText(/x-skykeep-replica/i)
    // The browser itself never asks the service.
    expect(new Set(asked)).toEqual(new Set([new URL(page.url()).origin]))

    await page.getByRole('textbox', { name: 'Headers, a line each' }).fill('Cookie: skykeep_session=x')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(answer.getByRole('alert')).toContainText('is sent to no service')
    await page.getByRole('textbox', { name: 'Headers, a line each' }).fill('no header')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.getByText('write it as Name: value')).toBeVisible()
  })

  for (const look of looks) {
    test(`axe finds nothing serious in ${look.scheme} at ${look.width} px, and nothing is too wide`, async ({
      page,
    }) => {
      test.setTimeout(300_000)
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setViewportSize(look)
      await signIn(page)
      await send(10)
      for (const where of [
        '/',
        '/services',
        '/services/hello?tab=traffic',
        '/services/hello?tab=traffic&by=replica',
        '/services/hello?tab=logs',
        '/services/hello?tab=try',
      ]) {
        await open(page, where)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
        expect(await findingsOf(page)).toEqual([])
        if (pictures === undefined) continue
        const name = `${where.replaceAll(/\W+/g, '-')}${look.scheme}-${look.width}.png`
        await page.screenshot({ path: path.join(pictures, name), fullPage: true })
      }
    })
  }
})
