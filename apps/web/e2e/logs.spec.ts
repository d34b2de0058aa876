import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LogWriter } from '@skykeep/logs/log-writer'
import { expect, test } from './plane/fixture.ts'

test('a log is followed while it is written, held, downloaded, searched in all that is stored, and never shows terminal codes', async ({
  signedIn: page,
  plane,
}) => {
  const folder = join(plane.layout.localNodeDir('node-20001'), '.skykeep/jobs/job-20001/log')
  const writer = await LogWriter.open(folder)
  await writer.append('\u001b[32mINFO\u001b[0m listening on 20001\nGET /health 200\n')
  await page.goto(`${plane.origin}/services/hello?tab=logs&replica=1`)
  const log = page.getByRole('log', { name: 'Log' })
  await expect(log).toContainText('INFO listening on 20001')
  await writer.append('POST /v1/chat/completions 502\n')
  await expect(log).toContainText('502')

  await page.getByRole('tabpanel').getByRole('button', { name: 'Pause' }).click()
  await writer.append('written while held\n')
  await expect(log).not.toContainText('written while held')
  await page.getByRole('button', { name: 'Follow' }).click()
  await expect(log).toContainText('written while held')
  await expect(log.getByText('GET /health 200')).toHaveCount(1)

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('hello-1.log')
  expect(readFileSync(await download.path(), 'utf8')).toContain(
    'POST /v1/chat/completions 502\nwritten while held\n',
  )

  // Far more than the page keeps of a log, and the line that is looked for at its beginning.
  for (let at = 0; at < 40; at += 1) await writer.append(`${'filler '.repeat(5_000)}\n`)
  await page.getByRole('searchbox', { name: 'Search the stored lines' }).fill('CHAT')
  await expect(page).toHaveURL(/find=CHAT/)
  const found = page.getByRole('list', { name: 'Lines found' })
  await expect(found.getByRole('listitem')).toHaveCount(1)
  await expect(found.locator('mark')).toHaveText('chat')
  await expect(page.getByText('1 line found in all that is stored.')).toBeVisible()
  await page.reload()
  await expect(found.locator('mark')).toHaveText('chat')
  await page.getByRole('combobox', { name: /^Replica/ }).selectOption('all')
  await expect(page).toHaveURL(/replica=all/)
  await page.getByRole('searchbox', { name: 'Search the stored lines' }).fill('info listening')
  await expect(found.getByRole('listitem')).toHaveText(/replica 1.*INFO listening on 20001/)
  await page.getByRole('searchbox', { name: 'Search the stored lines' }).fill('nowhere at all')
  await expect(page.getByText('No stored line is like that.')).toBeVisible()
  await writer.close()
})
