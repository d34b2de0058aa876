import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ActionContext } from '@skykeep/actions/context'
import { cancelOperation } from '@skykeep/actions/operations/cancel-operation'
import { getOperation as viewOperation } from '@skykeep/actions/operations/get-operation'
import { downService } from '@skykeep/actions/services/down-service'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { resumeService } from '@skykeep/actions/services/resume-service'
import { setSchedule } from '@skykeep/actions/services/set-schedule'
import { terminateReplica } from '@skykeep/actions/services/terminate-replica'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import { listEvents } from '@skykeep/db/events'
import { getOperation } from '@skykeep/db/operations'
import { findRunningRollout } from '@skykeep/db/rollouts'
import * as rows from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { readyReplicas } from './replicas-of.ts'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('cancelling an operation', (source) => {
  let world: ActionWorld
  let user: ActionContext
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    user = world.as('user')
  })
  afterAll(() => world.close())

  const conflict = (pattern: RegExp): Error =>
    expect.objectContaining({
      code: 'CONFLICT',
      userMessage: expect.stringMatching(pattern) as string,
    }) as Error
  const up = async (name: string) => {
    const { serviceUid, operationUid } = await upService(user, { yaml: serviceYaml({ name }) })
    return { serviceUid, uid: operationUid ?? '' }
  }
  const served = async (name: string) => {
    const { serviceUid, uid } = await up(name)
    await world.services.db.transaction((tx) =>
      rows.updateService(tx, serviceUid, { latestEverReadyVersion: 1, stableVersion: 1 }),
    )
    return { serviceUid, uid }
  }
  const cancel = (uid: string, as = user) => cancelOperation(as, { uid })
  const service = (uid: string) => rows.getService(world.services.db, uid)

  it('an up that never was ready is taken down: intent, wish and events in one transaction, and once only', async () => {
    const { serviceUid, uid } = await up('fresh')
    await expect(cancel(uid, world.as('viewer'))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await cancel(uid)).toMatchObject({ operationUid: uid, name: 'fresh' })
    const asked = await service(serviceUid)
    expect(asked.deletionRequestedAtMs).not.toBeNull()
    expect(await cancel(uid, world.as('admin'))).toMatchObject({ operationUid: uid })
    expect(await service(serviceUid)).toEqual(asked)
    expect(await viewOperation(user, { uid })).toMatchObject({
      status: 'PENDING',
      cancelRequestedBy: user.actor.name,
    })
    const events = await listEvents(world.services.db, { serviceName: 'fresh' })
    const told = events.filter(
      ({ reason }) => reason === 'CANCEL_REQUESTED' || reason === 'DELETION_REQUESTED',
    )
    expect(told.map(({ cause, actor }) => [cause, actor])).toEqual(
      Array.from({ length: 2 }, () => [uid, user.actor.userUid]),
    )
  })

  it('an up of a service that serves is left alone', async () => {
    const { serviceUid, uid } = await served('serving')
    await expect(cancel(uid)).rejects.toEqual(conflict(/serves already/))
    expect((await service(serviceUid)).deletionRequestedAtMs).toBeNull()
    expect((await getOperation(world.services.db, uid)).cancelRequestedAtMs).toBeNull()
  })

  it('an update goes back to the version that served, a held one too; one on its way back is left to it', async () => {
    const { serviceUid } = await served('rolled')
    const yaml = serviceYaml({ name: 'rolled', run: 'node two.js' })
    const { operationUid } = await updateService(user, { name: 'rolled', yaml })
    expect((await service(serviceUid)).desiredVersion).toBe(2)
    await cancel(operationUid ?? '')
    expect(await service(serviceUid)).toMatchObject({ desiredVersion: 1, isPaused: false })
    const rollout = await findRunningRollout(world.services.db, serviceUid)
    expect(rollout).toMatchObject({ isCancelled: true, status: 'PROGRESSING', fromVersion: 1 })
    // Asked for again: the cancelled one is not what runs.
    const again = await updateService(user, { name: 'rolled', yaml })
    expect(again.operationUid).not.toBeNull()
    const next = await findRunningRollout(world.services.db, serviceUid)
    await world.services.db.transaction((tx) =>
      transition(tx, { kind: 'rollout', uid: next?.uid ?? '', to: 'ROLLING_BACK', reason: 'TEST' }),
    )
    await expect(cancel(again.operationUid ?? '')).rejects.toEqual(conflict(/on its way back already/))
  })

  it('a resume is paused again', async () => {
    const { serviceUid } = await served('paused')
    await pauseService(user, { name: 'paused' })
    const { operationUid } = await resumeService(user, { name: 'paused' })
    await cancel(operationUid)
    expect((await service(serviceUid)).isPaused).toBe(true)
  })

  it('what cannot be undone is refused with the reason; what has ended and what there is not, too', async () => {
    const { serviceUid, uid } = await served('firm')
    await readyReplicas(world, { uid: serviceUid, name: 'firm' }, { version: 1, count: 1 })
    const pause = await pauseService(user, { name: 'firm' })
    await expect(cancel(pause.operationUid)).rejects.toEqual(conflict(/A pause cannot be cancelled/))
    await resumeService(user, { name: 'firm' })
    const schedule = await setSchedule(user, { name: 'firm', schedule: null })
    await expect(cancel(schedule.operationUid)).rejects.toEqual(conflict(/nothing to cancel/))
    const end = await terminateReplica(user, { name: 'firm', replicaId: 1 })
    await expect(cancel(end.operationUid)).rejects.toEqual(conflict(/end of a replica cannot/))
    const down = await downService(user, { name: 'firm' })
    await expect(cancel(down.operationUid)).rejects.toEqual(conflict(/teardown cannot be cancelled/))
    await world.services.db.transaction((tx) =>
      transition(tx, { kind: 'operation', uid, to: 'FAILED', reason: 'TEST' }),
    )
    await expect(cancel(uid)).rejects.toEqual(conflict(/has ended \(FAILED\)/))
    await expect(cancel('op_none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
