import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from './plane/fixture.ts'

const folder = process.env['SKYKEEP_SCREENSHOTS']

test(`pictures of the pages${folder === undefined ? ' (skipped: SKYKEEP_SCREENSHOTS names no folder)' : ''}`, async ({
  signedIn: page,
  plane,
}) => {
  test.skip(folder === undefined)
  mkdirSync(folder ?? '', { recursive: true })
  const pages = {
    overview: '/',
    services: '/services',
    service: '/services/hello',
    logs: '/services/hello?tab=logs',
    events: '/services/hello?tab=events',
    operations: '/operations',
    system: '/system',
  }
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(`${plane.origin}${address}`)
      await expect(page.getByText('Live', { exact: true })).toBeVisible()
      await page.screenshot({ path: path.join(folder ?? '', `${name}-${scheme}.png`) })
    }
  }
})
