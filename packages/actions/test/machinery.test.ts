import { afterAll, beforeAll, expect, it } from 'vitest'
import { upService } from '@skykeep/actions/services/up-service'
import { bringRowBack } from '@skykeep/actions/system/bring-row-back'
import { getMachinery } from '@skykeep/actions/system/get-machinery'
import { listEvents } from '@skykeep/db/events'
import { listSetAside } from '@skykeep/db/reconciliations'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('the machinery', (source) => {
  let world: ActionWorld
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  it('counts what waits, and takes a row that was set aside back, once, for those who may', async () => {
    const { db } = world.services
    const user = world.as('user')
    const { serviceUid } = await upService(user, { yaml: serviceYaml() })
    const service = async () =>
      (await getMachinery(world.as('viewer'))).queues.find(({ kind }) => kind === 'service')
    expect(await service()).toMatchObject({ due: 1, held: 0, later: 0, setAside: 0 })
    await db.transaction((tx) =>
      tx.client.reconciliation.updateMany({
        where: { uid: serviceUid },
        data: { setAsideReason: 'killed its worker', nextReconcileAtMs: null },
      }),
    )
    expect(await service()).toMatchObject({ due: 0, setAside: 1 })
    const refused = { code: 'FORBIDDEN' }
    await expect(bringRowBack(world.as('viewer'), { uid: serviceUid })).rejects.toMatchObject(refused)
    await bringRowBack(user, { uid: serviceUid })
    expect(await listSetAside(db)).toEqual([])
    expect(await service()).toMatchObject({ due: 1, setAside: 0 })
    const [told] = await listEvents(db, { uid: serviceUid, types: ['row.set-aside'] })
    expect(told).toMatchObject({ reason: 'BROUGHT_BACK', actor: user.actor.userUid })
    await expect(bringRowBack(user, { uid: serviceUid })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
  it('names each replica that a gateway has taken out of its choice, and why', async () => {
    const ejected = [
      { replicaUid: 'rep_1', reason: '5 answers in a row were 5xx, the last one 500', sinceMs: 7 },
    ]
    const status = { slot: 1, pid: 2, epoch: 'e', appliedVersion: 3, inFlight: {}, ejected }
    const gateway = { ...status, boundPorts: [], blockedPorts: [], siblings: [] }
    const viewer = world.as('viewer')
    const plane = { ...viewer.plane, gateways: async () => [gateway] }
    expect((await getMachinery({ ...viewer, plane })).gateways).toMatchObject([
      { slot: 1, ejected: 1, ejections: ejected },
    ])
  })
})
