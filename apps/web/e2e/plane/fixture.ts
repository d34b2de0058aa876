import { readFileSync } from 'node:fs'
import { test as base, expect, type Page } from '@playwright/test'
import { lookAtServices } from './look.ts'
import { serve, up } from './seed.ts'
import { seedLife } from './seed-life.ts'
import { startWebProcess, type WebProcess } from './web-process.ts'

export interface Plane extends WebProcess {
  /** The bearer token of the command line. */
  readonly token: string
  /** Looks at every service, as a controller does that has nothing to do. */
  look(): Promise<void>
}

interface Fixtures {
  /** A page of somebody who signed in by a link. */
  readonly signedIn: Page
  /** Errors that the page wrote to its console, and exceptions. */
  readonly consoleErrors: string[]
}

/** One plane a worker, with a served service (hello), one that waits (token-streamer) and one with a history (model); and a page on it. */
export const test = base.extend<Fixtures, { readonly plane: Plane }>({
  plane: [
    async ({ browserName }, use) => {
      if (browserName !== 'chromium') throw new Error('these tests know Chromium only')
      const web = await startWebProcess()
      const token = readFileSync(web.layout.localToken, 'utf8').trim()
      await serve(web.db, 'hello', await up(web.origin, token, 'hello'))
      await up(web.origin, token, 'token-streamer', 1)
      await seedLife(web.db, web.origin, token)
      const look = (): Promise<void> => lookAtServices(web.db)
      await look()
      await use({ ...web, token, look })
      await web.destroy()
    },
    { scope: 'worker' },
  ],
  consoleErrors: async ({ page }, use) => {
    const errors: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    page.on('pageerror', (error) => errors.push(String(error)))
    await use(errors)
  },
  signedIn: async ({ page, plane }, use) => {
    await page.goto(await plane.signInLink())
    await page.getByRole('button', { name: 'Sign in to Skykeep' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    await use(page)
  },
})

export { expect }
