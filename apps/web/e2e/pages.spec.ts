import { AxeBuilder } from '@axe-core/playwright'
import { secretValue } from './plane/seed.ts'
import { expect, test } from './plane/fixture.ts'

const pages = [
  { path: '/', heading: 'Overview', shows: 'Changed lately' },
  { path: '/services', heading: 'Services', shows: 'token-streamer' },
  { path: '/services/hello', heading: 'hello', shows: 'Ended replicas' },
  { path: '/services/hello?tab=recovery', heading: 'hello', shows: 'Recovery reports' },
  { path: '/services/hello?tab=scaling', heading: 'hello', shows: 'Its YAML asks for this number' },
  { path: '/services/model', heading: 'model', shows: 'Rollout of version 3' },
  { path: '/services/model?tab=scaling', heading: 'model', shows: '9.6 requests a second' },
  { path: '/services/model?tab=versions&version=3', heading: 'model', shows: 'The task itself is different' },
  { path: '/services/model?tab=recovery', heading: 'model', shows: 'Against the last one' },
  { path: '/services/hello?tab=logs', heading: 'hello', shows: 'lines' },
  { path: '/services/hello?tab=events', heading: 'hello', shows: 'taken over' },
  { path: '/services/hello?tab=versions', heading: 'hello', shows: 'readiness_probe' },
  { path: '/services/nothing-here', heading: 'nothing-here', shows: 'Try again' },
  { path: '/operations', heading: 'Operations', shows: 'Succeeded' },
  { path: '/system', heading: 'System', shows: 'Persistent path' },
] as const

const looks = [
  { scheme: 'light', width: 1280, height: 860 },
  { scheme: 'dark', width: 1280, height: 860 },
  { scheme: 'dark', width: 390, height: 844 },
] as const

for (const look of looks) {
  test(`every page in ${look.scheme} at ${look.width} px: no console error, nothing too wide, no serious axe finding, no secret`, async ({
    signedIn: page,
    consoleErrors,
    plane,
  }) => {
    test.setTimeout(180_000)
    await page.emulateMedia({ colorScheme: look.scheme })
    await page.setViewportSize(look)
    for (const { path, heading, shows } of pages) {
      await test.step(path, async () => {
        await page.goto(`${plane.origin}${path}`)
        await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
        await expect(page.getByText(shows).filter({ visible: true }).first()).toBeVisible()
        const tooWide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(tooWide).toBe(0)
        const { violations } = await new AxeBuilder({ page }).analyze()
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual(
          [],
        )
        const html = await page.content()
        expect(html).not.toContain(secretValue)
        expect(html).not.toContain(plane.token)
      })
    }
    // The one page that shows a problem on purpose fetches something that is not there.
    expect(consoleErrors.filter((text) => !text.includes('404'))).toEqual([])
  })
}

test('the theme is kept and the first paint has it', async ({ signedIn: page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.getByRole('button', { name: /^Theme/ }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  const response = await page.reload()
  expect(await response?.text()).toContain('data-theme="dark"')
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(11, 13, 18)')
})

test('keyboard: skip link, places, and the search box', async ({ signedIn: page, plane }) => {
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await expect(page).toHaveURL(`${plane.origin}/services`)
  await expect(page.getByRole('table', { name: 'Services' })).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('token')
  await expect(page).toHaveURL(/search=token/)
  await expect(page.getByRole('row')).toHaveCount(2)
})
