import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { getService, insertService } from '@skykeep/db/services'
import { insertReplica, listReplicas } from '@skykeep/db/replicas'
import { insertEndpoint } from '@skykeep/db/endpoints'
import { listEvents } from '@skykeep/db/events'
import { transition } from '@skykeep/db/transition'

forEachDatabase('rows', (source) => {
  it('smoke', async () => {
    const { database } = await source.create()
    await database.transaction(async (tx) => {
      await insertService(tx, {
        uid: 'svc_1',
        workspace: 'default',
        name: 'hello',
        createdBy: 'u',
        desiredVersion: 1,
        desiredReplicas: 2,
      })
      await insertReplica(tx, {
        uid: 'rep_1',
        service: { uid: 'svc_1', name: 'hello' },
        version: 1,
        infra: 'local',
      })
      const e = await insertEndpoint(tx, { service: { uid: 'svc_1', name: 'hello' }, host: '127.0.0.1' })
      expect(e.port).toBe(30001)
      await transition(tx, { kind: 'service', uid: 'svc_1', to: 'READY', reason: 'X' })
    })
    expect((await getService(database, 'svc_1')).status).toBe('READY')
    expect((await listReplicas(database)).total).toBe(1)
    console.log(await listEvents(database))
  })
})
