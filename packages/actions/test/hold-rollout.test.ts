import { afterAll, beforeAll, expect, it } from 'vitest'
import { getHistory } from '@skykeep/actions/services/get-history'
import { getService } from '@skykeep/actions/services/get-service'
import { holdRollout } from '@skykeep/actions/services/hold-rollout'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import { listEvents } from '@skykeep/db/events'
import { findRunningRollout } from '@skykeep/db/rollouts'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('holding a rollout', (source) => {
  let world: ActionWorld
  let serviceUid = ''
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    serviceUid = (await upService(world.as('user'), { yaml: serviceYaml() })).serviceUid
  })
  afterAll(() => world.close())

  const hold = (isHeld: boolean) => holdRollout(world.as('user'), { name: 'hello', isHeld })
  const conflict = expect.objectContaining({ code: 'CONFLICT' }) as Error

  it('holds and releases the one that is under way, each told once; without one, and on the way back, it is refused', async () => {
    const { db } = world.services
    await expect(hold(true)).rejects.toEqual(conflict)
    await updateService(world.as('user'), { name: 'hello', yaml: serviceYaml({ run: 'node two.js' }) })
    const rollout = await findRunningRollout(db, serviceUid)
    for (const isHeld of [true, true, false]) {
      expect(await hold(isHeld)).toMatchObject({ uid: rollout?.uid, isPaused: isHeld, toVersion: 2 })
    }
    const { name } = world.as('user').actor
    expect(await hold(false)).toMatchObject({ createdBy: name })
    expect((await getHistory(world.as('user'), { name: 'hello' })).rollouts).toMatchObject([
      { uid: rollout?.uid, createdBy: name },
    ])
    expect((await getService(world.as('user'), { name: 'hello' })).rollouts).toMatchObject([
      { uid: rollout?.uid, createdBy: name },
    ])
    const events = await listEvents(db, { uid: rollout?.uid ?? '', limit: 50 })
    const told = events.filter(({ type }) => type === 'rollout.progress')
    expect(told.map(({ reason, cause, actor }) => [reason, cause, actor]).toReversed()).toEqual(
      ['HELD', 'RELEASED'].map((reason) => [reason, rollout?.operationUid, world.as('user').actor.userUid]),
    )
    await db.transaction((tx) =>
      transition(tx, { kind: 'rollout', uid: rollout?.uid ?? '', to: 'ROLLING_BACK', reason: 'TEST' }),
    )
    await expect(hold(true)).rejects.toEqual(conflict)
  })

  it('of a service whose name is nearly right is refused with the name that is meant', async () => {
    await expect(holdRollout(world.as('user'), { name: 'helo', isHeld: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringMatching(/^Did you mean hello\? /),
    })
  })
})
