import { setScheduleInput } from '@skykeep/actions/services/schemas'
import { reportDrill, finishDrill, listDrills } from '@skykeep/db/drills'
import { findRunningRollout } from '@skykeep/db/rollouts'
import { transition } from '@skykeep/db/transition'
import { expect, test, type Plane } from './plane/fixture.ts'
import { drillResult, startedDrill } from './plane/seed-life.ts'
import { serviceNamed } from './plane/seed.ts'

const address = (plane: Plane, tab: string): string => `${plane.origin}/services/model?tab=${tab}`

test('a decision opens to the terms that it was made of', async ({ signedIn: page, plane }) => {
  await page.goto(address(plane, 'scaling'))
  await expect(page.getByRole('region', { name: 'Target' })).toContainText('Requests a second')
  const decision = page.getByRole('group').filter({ hasText: '9.6 requests a second need 4 replicas' })
  await expect(decision.getByText('RATE_UP')).toBeHidden()
  await decision.locator('summary').click()
  await expect(decision.getByText('RATE_UP')).toBeVisible()
  await expect(decision.getByText('Wanted a replica, requests/s')).toBeVisible()
})

test('off-hours are filled in, checked while they are, set, and cleared', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(address(plane, 'scaling'))
  await page.getByRole('button', { name: 'Change' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Off-hours of model' })
  await dialog.getByRole('button', { name: 'Remove hours 2' }).click()
  for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri']) {
    await dialog.getByRole('button', { name: day, exact: true }).click()
  }
  await expect(dialog.getByText('Choose at least one day in each row.')).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled()
  await dialog.getByRole('button', { name: 'Sun', exact: true }).click()
  await dialog.getByLabel('Time zone').fill('Mars/Olympus')
  await dialog.getByLabel('Replicas meanwhile').fill('0')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('alert')).toContainText('There is no time zone "Mars/Olympus"')
  await dialog.getByLabel('Time zone').fill('Asia/Tokyo')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  const card = page.getByRole('region', { name: 'Schedule', exact: true })
  await expect(card).toContainText('Sun, 22:00 to 06:00 of the next day')
  await expect(card).toContainText('By a person, over the YAML')
  const { schedule } = await serviceNamed(plane.db, 'model')
  expect(setScheduleInput.parse({ name: 'model', schedule }).schedule).toMatchObject({
    timeZone: 'Asia/Tokyo',
    replicas: 0,
  })
  await card.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Clear' }).click()
  await expect(card).toContainText('In the YAML')
})

test('a rollout is held and released, and both are shown without a reload', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(address(plane, 'replicas'))
  const card = page.getByRole('region', { name: 'Rollout of version 3' })
  await expect(card.getByRole('progressbar', { name: '1 of 4 replicas of version 3 ready' })).toBeVisible()
  await expect(card.getByRole('table', { name: 'Gate' })).toContainText('0.8 %')
  await card.getByRole('button', { name: 'Hold' }).click()
  await expect(card).toContainText('Held where it is by a person.')
  const { uid } = await serviceNamed(plane.db, 'model')
  expect((await findRunningRollout(plane.db, uid))?.isPaused).toBe(true)
  await card.getByRole('button', { name: 'Release' }).click()
  await expect(card).toContainText('Step 1 of 2: 10 % of the requests go to the new version.')
})

test('versions show what each changed, and the way back to one asks first', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(address(plane, 'versions'))
  const versions = page.getByRole('table', { name: 'Versions' })
  await expect(versions.getByRole('row', { name: /^Version 3/ })).toContainText('Rolling out')
  await expect(versions.getByRole('row', { name: /^Version 2/ })).toContainText('same task as version 1')
  await versions.getByRole('button', { name: 'Version 2', exact: true }).click()
  await expect(page).toHaveURL(/version=2/)
  await expect(page.getByText('every replica is kept, and they apply at once')).toBeVisible()
  await versions.getByRole('button', { name: 'Version 3', exact: true }).click()
  await expect(page.getByText('The task itself is different: its replicas are replaced.')).toBeVisible()
  await expect(page.getByLabel('Changes of the YAML')).toContainText('Removed: -  MODEL: small')
  await page.getByRole('combobox', { name: 'Show' }).selectOption('yaml')
  await expect(page.getByText('MODEL: large')).toBeVisible()
  await page.getByRole('button', { name: 'Roll back to 1' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Roll model back to version 1?' })
  await expect(dialog).toContainText('with its own files and secrets')
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await expect(page).toHaveURL(/operation=op_/)
  await expect(page.getByRole('region', { name: 'Rollout of version 1' })).toBeVisible()
  expect((await serviceNamed(plane.db, 'model')).desiredVersion).toBe(1)
})

test('Update leads to the launch page with the YAML of the version on its way, the cursor in it, and what it would change beside it', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(address(plane, 'replicas'))
  await page.getByRole('link', { name: 'Update' }).click()
  await expect(page).toHaveURL(`${plane.origin}/launch?service=model`)
  await expect(page.getByRole('heading', { level: 1, name: 'Update model' })).toBeVisible()
  const editor = page.getByRole('textbox', { name: 'Service YAML' })
  await expect(editor).toBeFocused()
  await expect(editor).toContainText('name: model')
  const { desiredVersion } = await serviceNamed(plane.db, 'model')
  await expect(page.getByRole('region', { name: 'An update of model' })).toContainText(
    `from version ${desiredVersion}`,
  )
})

test('one replica is ended by the number that the person sees', async ({ signedIn: page, plane }) => {
  await page.goto(address(plane, 'replicas'))
  await page.getByRole('button', { name: 'Terminate replica 2' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Terminate replica 2 of model?' })
  await dialog.getByRole('button', { name: 'Terminate' }).click()
  await expect(page).toHaveURL(/operation=op_/)
  await expect(page.getByRole('region', { name: /^Operation: .*model$/ })).toBeVisible()
})

test('pausing asks first; a paused service says what it is and is resumed', async ({
  signedIn: page,
  plane,
}) => {
  await page.goto(address(plane, 'scaling'))
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('alertdialog', { name: 'Pause model?' }).getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByText('It is paused: no replica is wanted until somebody resumes it.')).toBeVisible()
  const { uid, isPaused } = await serviceNamed(plane.db, 'model')
  expect(isPaused).toBe(true)
  await plane.db.transaction((tx) =>
    transition(tx, { kind: 'service', uid, to: 'PAUSED', reason: 'PAUSED', message: 'paused by a person' }),
  )
  await expect(page.getByRole('region', { name: 'Status' })).toContainText('until somebody resumes it')
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible()
  expect((await serviceNamed(plane.db, 'model')).isPaused).toBe(false)
  await plane.db.transaction((tx) => transition(tx, { kind: 'service', uid, to: 'READY', reason: 'READY' }))
})

test('a drill says plainly what it does, shows why it cannot be started, and is followed live', async ({
  signedIn: page,
  plane,
}) => {
  await plane.look()
  await page.goto(address(plane, 'recovery'))
  await page.getByRole('button', { name: 'Run recovery drill' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Run a recovery drill on model?' })
  await dialog.getByLabel('What is killed').selectOption('all')
  await expect(dialog).toContainText('no service of this installation answers')
  await dialog.getByLabel('How often').fill('21')
  await expect(dialog.getByRole('button', { name: 'Run the drill' })).toBeDisabled()
  await dialog.getByLabel('How often').fill('2')
  // This server stands alone: there is no command line beside it that could run the drill.
  await dialog.getByRole('button', { name: 'Run the drill' }).click()
  await expect(dialog.getByRole('alert')).toContainText('could not be started on this machine')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Its process could not be started.')).toBeVisible()

  const { db } = plane
  const service = await serviceNamed(db, 'model')
  const uid = await db.transaction((tx) => startedDrill(tx, service, 'gateway'))
  const panel = page.getByRole('region', { name: 'Drill: One gateway process' })
  await expect(panel).toContainText('Its process is being started.')
  await expect(page.getByRole('button', { name: 'Run recovery drill' })).toBeDisabled()
  const expiresAtMs = Date.now() + 60_000
  await db.transaction((tx) =>
    reportDrill(tx, uid, { phase: 'round 1 of 1: load', result: null, expiresAtMs }),
  )
  await expect(panel).toContainText('Round 1 of 1: load.')
  const end = {
    status: 'SUCCEEDED',
    statusReason: 'nothing was lost',
    result: drillResult('gateway', 204),
  } as const
  await db.transaction((tx) => finishDrill(tx, uid, end))
  await expect(panel).toContainText('Kept')
  await expect(panel.getByRole('table', { name: 'Rounds' })).toContainText('204 ms')
  const drills = page.getByRole('table', { name: 'Drills' })
  await expect(drills.getByRole('row').filter({ hasText: '512 ms' })).toContainText('−248 ms')
  await drills.getByRole('button', { name: 'Newest replica' }).click()
  await expect(page.getByRole('region', { name: 'Drill: Newest replica' })).toContainText('3 × HTTP 502')
  expect((await listDrills(db, service.uid)).length).toBe(5)
})

test('somebody who may only look finds nothing to press', async ({ signedIn: page, plane }) => {
  const setRole = (role: 'ADMIN' | 'VIEWER'): Promise<unknown> =>
    plane.db.transaction((tx) => tx.client.user.updateMany({ data: { role } }))
  await setRole('VIEWER')
  await page.goto(address(plane, 'recovery'))
  await expect(page.getByRole('heading', { name: 'Recovery drills' })).toBeVisible()
  for (const name of ['Run recovery drill', 'Pause', 'Terminate', 'Hold']) {
    await expect(page.getByRole('button', { name, exact: true })).toHaveCount(0)
  }
  await expect(page.getByRole('link', { name: 'Update' })).toHaveCount(0)
  await setRole('ADMIN')
})
