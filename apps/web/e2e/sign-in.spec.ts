import { sessionOf } from './plane/ask.ts'
import { expect, test } from './plane/fixture.ts'

test('a page without a session leads to signing in, and the API refuses', async ({ page, plane }) => {
  for (const path of ['/', '/services', '/services/hello', '/operations', '/system']) {
    await page.goto(`${plane.origin}${path}`)
    await expect(page).toHaveURL(`${plane.origin}/sign-in`)
  }
  await expect(page.getByText('npx skykeep login')).toBeVisible()
  const answer = await page.request.get(`${plane.origin}/api/trpc/services.list`)
  expect(answer.status()).toBe(401)
})

test('a session that the server does not know leads to signing in', async ({ page, plane }) => {
  const cookie = { name: 'skykeep_session', value: 'x'.repeat(43), url: plane.origin }
  await page.context().addCookies([cookie])
  await page.goto(`${plane.origin}/services`, { waitUntil: 'commit' })
  await expect(page).toHaveURL(`${plane.origin}/sign-in?reason=no-proof`)
  await page.evaluate(() => localStorage.setItem('skykeep-origin-proof', 'x'.repeat(43)))
  await page.goto(`${plane.origin}/services`, { waitUntil: 'commit' })
  await expect(page).toHaveURL(`${plane.origin}/sign-in?reason=ended`)
  await expect(page.getByText('Your session has ended.')).toBeVisible()
})

test('a browser whose storage was cleared is told so, and signs in again', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/sign-in`)
  await page.evaluate(() => localStorage.clear())
  await page.goto(`${plane.origin}/services`, { waitUntil: 'commit' })
  await expect(page).toHaveURL(`${plane.origin}/sign-in?reason=no-proof`)
  await expect(page.getByText('can no longer prove that it signed in')).toBeVisible()
  await expect(page.getByText('npx skykeep login')).toBeVisible()
  await page.goto(await plane.signInLink())
  await page.getByRole('button', { name: 'Sign in to Skykeep' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
})

test('a browser that stores nothing is told before its link is spent', async ({ browser, plane }) => {
  const link = await plane.signInLink()
  const page = await (await browser.newContext()).newPage()
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError')
      },
      configurable: true,
    })
  })
  await page.goto(link)
  await page.getByRole('button', { name: 'Sign in to Skykeep' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'blocks site data' })).toBeVisible()
  await page.context().close()
  const other = await (await browser.newContext()).newPage()
  await other.goto(link)
  await other.getByRole('button', { name: 'Sign in to Skykeep' }).click()
  await expect(other.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await other.context().close()
})

test('a sign-in link works once, and opening it spends nothing', async ({ browser, page, plane }) => {
  const link = await plane.signInLink()
  await page.goto(link)
  await page.reload()
  await page.getByRole('button', { name: 'Sign in to Skykeep' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  const cookie = (await page.context().cookies()).find((each) => each.name === 'skykeep_session')
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })

  const other = await (await browser.newContext()).newPage()
  await other.goto(link)
  await other.getByRole('button', { name: 'Sign in to Skykeep' }).click()
  await expect(other.getByRole('alert').filter({ hasText: 'used already' })).toBeVisible()
  await expect(other.getByText('npx skykeep login')).toBeVisible()
  await other.context().close()
})

test('signing out ends the session at once, in every tab', async ({ signedIn: page, plane }) => {
  const cookies = await page.context().cookies()
  const { proof } = await sessionOf(page)
  const other = await page.context().newPage()
  await other.goto(`${plane.origin}/services`)
  await other.reload()
  await expect(other.getByRole('link', { name: 'hello' })).toBeVisible()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(`${plane.origin}/sign-in`)
  await expect(other).toHaveURL(/\/sign-in/)
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
  await page.context().addCookies(cookies)
  const headers = { 'x-skykeep-proof': proof }
  expect((await page.request.get(`${plane.origin}/api/trpc/services.list`, { headers })).status()).toBe(401)
})
