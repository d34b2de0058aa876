import { join } from 'node:path'
import { LogWriter } from '@skykeep/logs/log-writer'
import { expect, test } from './plane/fixture.ts'

test('a log is followed while it is written, held, searched, and never shows terminal codes', async ({
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
  await page.getByRole('searchbox', { name: 'Only lines with' }).fill('chat')
  await expect(log.getByText('GET /health 200')).toBeHidden()
  await expect(log.locator('mark')).toHaveText('chat')
  await page.getByRole('searchbox', { name: 'Only lines with' }).fill('')
  await expect(log).not.toContainText('written while held')
  await page.getByRole('button', { name: 'Follow' }).click()
  await expect(log).toContainText('written while held')
  await expect(log.getByText('GET /health 200')).toHaveCount(1)
  await writer.close()
})
