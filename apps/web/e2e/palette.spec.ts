import type { Locator, Page } from '@playwright/test'
import { findingsOf, widths } from './plane/findings.ts'
import { expect, test } from './plane/fixture.ts'
import { serviceNamed } from './plane/seed.ts'

function boxOf(page: Page): Locator {
  return page.getByRole('combobox', { name: 'Search pages, services, actions and operations' })
}

test('the palette goes to pages and services by keyboard, and gives the focus to the page', async ({
  signedIn: page,
  plane,
}) => {
  await page.keyboard.press('Control+k')
  await expect(boxOf(page)).toBeFocused()
  await page.keyboard.type('syst')
  await expect(page.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${plane.origin}/system`)
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.locator('#content')).toBeFocused()
  await expect(page).toHaveTitle(/^System/)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('mod')
  await expect(page.getByRole('option', { name: 'Pause model' })).toBeVisible()
  // Enter on a bare name opens; it changes nothing.
  await expect(page.getByRole('option').first()).toContainText('model')
  await expect(page.getByRole('option').first()).not.toContainText('Pause')
  await expect(page.getByRole('option', { name: 'hello', exact: false })).toHaveCount(0)
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('what somebody types beside a name is an action; pausing can be undone where it was said', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/services`)
  await page.getByRole('button', { name: 'Go to… (command palette)' }).click()
  await page.keyboard.type('logs hello')
  await page.getByRole('option', { name: 'Open logs of hello' }).click()
  await expect(page).toHaveURL(`${plane.origin}/services/hello?tab=logs`)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('pause hello')
  await expect(page.getByRole('option', { name: 'Pause hello' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Pausing hello').first()).toBeVisible()
  expect((await serviceNamed(plane.db, 'hello')).isPaused).toBe(true)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Resume hello: asked for.').first()).toBeVisible()
  expect((await serviceNamed(plane.db, 'hello')).isPaused).toBe(false)
})

test('setting off-hours can be undone: the former ones are in force again', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(`${plane.origin}/services/model?tab=scaling`)
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('its former off-hours back: asked for.').first()).toBeVisible()
  expect((await serviceNamed(plane.db, 'model')).schedule).toBeNull()
})

test('? shows the shortcuts, and none of them acts while somebody types', async ({
  signedIn: page,
  plane,
}) => {
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(help).toContainText('Open the command palette')
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()
  await page.goto(`${plane.origin}/launch`)
  await page.getByRole('textbox', { name: 'Service YAML' }).focus()
  await page.keyboard.type('gs?/')
  await expect(page).toHaveURL(`${plane.origin}/launch`)
  await expect(page.getByRole('textbox', { name: 'Service YAML' })).toContainText('gs?/')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`palette and help in ${scheme} at three widths: nothing too wide, no serious axe finding`, async ({
    signedIn: page,
  }) => {
    test.setTimeout(300_000)
    await page.emulateMedia({ colorScheme: scheme })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      await page.keyboard.press('Control+k')
      await expect(page.getByRole('option', { name: /^hello/ })).toBeVisible()
      expect(await findingsOf(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
      expect(await findingsOf(page)).toEqual([])
      await page.keyboard.press('Escape')
    }
  })
}

test('on a phone the menu goes to a page and gives it the focus', async ({ signedIn: page, plane }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Open the menu' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Launch' }).click()
  await expect(page).toHaveURL(`${plane.origin}/launch`)
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.locator('#content')).toBeFocused()
})
