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
  await page.goto(`${plane.origin}/services`)
  await expect(page).toHaveURL(`${plane.origin}/sign-in`)
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

test('signing out ends the session at once', async ({ signedIn: page, plane }) => {
  const cookies = await page.context().cookies()
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(`${plane.origin}/sign-in`)
  await page.context().addCookies(cookies)
  expect((await page.request.get(`${plane.origin}/api/trpc/services.list`)).status()).toBe(401)
})
