import type { Locator, Page } from '@playwright/test'
import { findingsOf, widths } from './plane/findings.ts'
import { expect, test } from './plane/fixture.ts'
import { secretValue } from './plane/seed.ts'

function editorOf(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Service YAML' })
}

function problemsOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Problems' })
}

/** Types into the editor as a person does who clears it first. */
async function write(page: Page, text: string): Promise<void> {
  await editorOf(page).focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

const valid = 'name: fresh\nrun: node server.js\nservice:\n  readiness_probe: /\n  replicas: 2\n'

test.beforeEach(async ({ signedIn: page, plane }) => {
  await page.goto(`${plane.origin}/launch`)
  await expect(editorOf(page)).toBeVisible()
})

test('a YAML with an error shows it at its line, with the way out; going to it puts the cursor there', async ({
  signedIn: page,
}) => {
  await write(page, valid.replace('replicas', 'replcias'))
  const found = problemsOf(page).getByRole('button')
  await expect(found).toHaveCount(1)
  await expect(found).toContainText('Line 5, column 3')
  await expect(found).toContainText('Did you mean `replicas`?')
  await expect(page.locator('.cm-line').nth(4).locator('.cm-lintRange-error')).toHaveText('replcias')
  await expect(page.getByRole('button', { name: /^Bring up/ })).toBeDisabled()
  await found.click()
  await page.keyboard.press('ControlOrMeta+ArrowRight')
  await page.keyboard.press('ControlOrMeta+Backspace')
  await page.keyboard.insertText('replicas')
  await expect(problemsOf(page)).toContainText('No problem found.')
  await expect(page.getByRole('button', { name: 'Bring up fresh' })).toBeEnabled()
})

test('completion by keyboard: a key of its section, then its values; help for the key by keyboard', async ({
  signedIn: page,
}) => {
  await write(page, 'name: fresh\nrun: x\nservice:\n  upd')
  const options = page.getByRole('listbox').getByRole('option')
  await page.keyboard.press('Control+Space')
  await expect(options).toHaveCount(1)
  await expect(options.first()).toContainText('update')
  await expect(page.getByText('How a later version takes over.').first()).toBeVisible()
  await page.keyboard.press('Enter')
  await page.keyboard.insertText('mo')
  await page.keyboard.press('Control+Space')
  await expect(options.first()).toContainText('mode')
  await page.keyboard.press('Enter')
  await expect(options).toHaveText([/^rolling/, /^blue_green/, /^canary/])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(editorOf(page)).toContainText('mode: canary')
  await page.keyboard.press('ControlOrMeta+i')
  const help = page.getByRole('status', { name: 'Help for mode' })
  await expect(help).toContainText('Unless said: rolling.')
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()
  await page.keyboard.press('Tab')
  await expect(editorOf(page)).not.toBeFocused()
})

test('hovering a key explains it; a key that is not supported says what it waits for', async ({
  signedIn: page,
}) => {
  await write(page, `${valid}num_nodes: 2\n`)
  await page.getByText('num_nodes', { exact: true }).first().hover()
  await expect(page.locator('.cm-tooltip-hover')).toContainText('clusters of several nodes')
  await page.locator('.cm-line').nth(4).click()
  await expect(page.getByRole('region', { name: 'About this key' })).toContainText('How many replicas run')
})

test('a new name shows what is launched where; a living one shows the diff and what is replaced', async ({
  signedIn: page,
  plane,
}) => {
  await write(page, valid)
  const plan = page.getByRole('region', { name: 'A new service: fresh' })
  await expect(plan).toContainText('2 replicas, always')
  await expect(plan).toContainText('This machine (local)')
  await page.goto(`${plane.origin}/launch?service=hello`)
  await expect(editorOf(page)).toContainText('name: hello')
  const update = page.getByRole('region', { name: 'An update of hello' })
  await expect(update).toContainText('from version 1')
  // Its secret was given beside the YAML: an update without it would take it away, and says so.
  await expect(update.getByRole('row', { name: /secrets\.API_KEY/ })).toContainText('Replaced')
  await write(page, valid.replace('fresh', 'hello').replace('server.js', 'other.js'))
  await expect(update.getByRole('row', { name: /run/ })).toContainText('node other.js')
  await expect(update).toContainText('2 replicas would be replaced, replica by replica.')
  await expect(page.getByRole('button', { name: 'Update hello' })).toBeEnabled()
})

test('a value that the YAML leaves open is asked for; the draft keeps the text and no secret', async ({
  signedIn: page,
}) => {
  await write(page, `${valid}secrets:\n  TOKEN:\n`)
  const field = page.getByLabel('TOKEN (secret)')
  await expect(field).toHaveAttribute('type', 'password')
  await field.fill(secretValue)
  await expect(page.getByRole('button', { name: 'Bring up fresh' })).toBeEnabled()
  await write(page, `${valid}secrets:\n  TOKEN: ${secretValue}\n`)
  await expect(problemsOf(page)).toContainText('No problem found.')
  await page.reload()
  await expect(editorOf(page)).toContainText('name: fresh')
  await expect(editorOf(page)).toContainText('TOKEN:')
  const stored = await page.evaluate(() => JSON.stringify(Object.entries(localStorage)))
  expect(stored).toContain('fresh')
  expect(stored).not.toContain(secretValue)
})

test('a template fills the editor, and undoing brings the text back', async ({ signedIn: page }) => {
  await write(page, valid)
  await page.getByLabel('Template').selectOption('autoscaled')
  await expect(editorOf(page)).toContainText('target_in_flight_per_replica: 3')
  await expect(page.getByRole('region', { name: 'Working folder' })).toContainText('Autoscaled (template)')
  await editorOf(page).focus()
  await page.keyboard.press('ControlOrMeta+z')
  await expect(editorOf(page)).toContainText('name: fresh')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`in ${scheme} at three widths: nothing too wide, no serious axe finding`, async ({
    signedIn: page,
    consoleErrors,
  }) => {
    test.setTimeout(300_000)
    await page.emulateMedia({ colorScheme: scheme })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      await write(page, valid.replace('replicas', 'replcias'))
      await expect(problemsOf(page)).toContainText('1 error')
      expect(await findingsOf(page)).toEqual([])
      await page.getByLabel('Template').selectOption('hello')
      await expect(page.getByRole('button', { name: 'Update hello' })).toBeEnabled()
      await page.keyboard.press('ControlOrMeta+End')
      await page.keyboard.press('Control+Space')
      await expect(page.getByRole('listbox')).toBeVisible()
      expect(await findingsOf(page)).toEqual([])
    }
    expect(consoleErrors).toEqual([])
  })
}

test('a draft says that it is one, and gives way to what runs', async ({ signedIn: page, plane }) => {
  test.setTimeout(120_000)
  await page.goto(`${plane.origin}/launch?service=hello`)
  await expect(editorOf(page)).toContainText('name: hello')
  await write(page, valid.replace('fresh', 'hello'))
  await expect(problemsOf(page)).toContainText('No problem found.')
  await page.reload()
  await expect(page.getByText('not the YAML that hello runs')).toBeVisible()
  await page.getByRole('button', { name: 'Take the running YAML' }).click()
  await expect(editorOf(page)).toContainText('GREETING: hello')
})
