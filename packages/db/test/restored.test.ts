import { insertDrill, getDrill } from '@skykeep/db/drills'
import { insertEndpoint } from '@skykeep/db/endpoints'
import { appendEvent, countEvents, eventBounds, listEvents, pruneEvents } from '@skykeep/db/events'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { claimDue, renew } from '@skykeep/db/leases'
import { insertPlane, listPlanes } from '@skykeep/db/planes'
import { getReplica, insertReplica } from '@skykeep/db/replicas'
import { markRestored, skippedNumbers } from '@skykeep/db/restored'
import { loadRouteTable, saveRoutes } from '@skykeep/db/route-state'
import { getInstallation } from '@skykeep/db/installation'
import { forEachDatabase } from '@skykeep/testing/databases'
import { systemClock } from '@skykeep/testing/system-clock'
import { describe, expect, it } from 'vitest'
import { addService } from './builders.ts'

forEachDatabase('a restored database', (source) => {
  describe('invariant 3: a restore raises the epoch, and gives no number out again', () => {
    it('whatever the original gave out since the backup', async () => {
      const { database } = await source.create()
      const before = await database.transaction(async (tx) => {
        const service = await addService(tx, 'hello')
        await insertEndpoint(tx, { service, host: '127.0.0.1' })
        const replica = await insertReplica(tx, { uid: 'rep_1', service, version: 1, infra: 'local' })
        await insertDrill(tx, {
          uid: 'drl_1',
          serviceUid: service.uid,
          serviceName: 'hello',
          target: 'worker',
          repeats: 1,
          expiresAtMs: systemClock.now() + 60_000,
          startedBy: 'usr_1',
        })
        const host = { hostname: 'h', pid: 1, bootId: 'b' }
        await insertPlane(tx, { uid: 'pla_1', role: 'worker', ...host, program: '0.1.0', fence: 0 })
        const table = await saveRoutes(tx, [])
        return { replica, table, installation: await getInstallation(tx), events: await eventBounds(tx) }
      })
      const observer = new LeaseObserver({ clock: systemClock, leaseMs: 60_000 })
      const claim = { kind: 'replica', limit: 5, isSuspect: false, observer } as const
      const [held] = await claimDue(database, { ...claim, owner: 'original' })
      if (held === undefined) throw new Error('nothing was due')
      const restored = await database.transaction((tx) => markRestored(tx, 'a.tar.zst'))
      expect(restored).toMatchObject({
        uid: before.installation.uid,
        epoch: before.installation.epoch + 1,
        fence: before.installation.fence + skippedNumbers.fences,
        restoredFrom: 'a.tar.zst',
      })
      expect(restored.restoredAtMs).not.toBeNull()
      expect((await loadRouteTable(database))?.version).toBe(
        before.table.version + skippedNumbers.routeTables,
      )
      expect(await listPlanes(database)).toEqual([])
      expect(await claimDue(database, { ...claim, owner: 'restored' })).toHaveLength(1)
      expect(await database.transaction((tx) => renew(tx, [held]))).toHaveLength(1)
      expect(await getDrill(database, 'drl_1')).toMatchObject({ status: 'FAILED' })
      expect((await getReplica(database, 'rep_1')).status).toBe(before.replica.status)
      const [event] = await listEvents(database, { types: ['state.restored'] })
      expect(event?.seq).toBeGreaterThan(before.events.lastSeq + skippedNumbers.events)
      const next = await database.transaction((tx) =>
        insertReplica(tx, {
          uid: 'rep_2',
          service: { uid: 'svc_hello', name: 'hello' },
          version: 1,
          infra: 'local',
        }),
      )
      expect(next.replicaId).toBe(before.replica.replicaId + 1 + skippedNumbers.replicaIds)
    })

    it('the gap in the numbers of events costs no history', async () => {
      const { database } = await source.create()
      await database.transaction(async (tx) => {
        for (let i = 0; i < 20; i += 1)
          await appendEvent(tx, { kind: 'system', uid: `row-${i}`, type: 'plane.started' })
        await markRestored(tx, 'a.tar.zst')
      })
      const total = await countEvents(database)
      expect(total).toBe(21)
      await database.transaction((tx) => pruneEvents(tx, 30))
      expect(await countEvents(database)).toBe(21)
      expect(await database.transaction((tx) => pruneEvents(tx, 5))).toBe(16)
      expect((await listEvents(database, { limit: 50 })).map(({ uid }) => uid).slice(-1)).toEqual(['row-16'])
    })
  })
})
