import { afterAll, beforeAll, expect, it } from 'vitest'
import { getService } from '@skykeep/actions/services/get-service'
import { upService } from '@skykeep/actions/services/up-service'
import type { Ejection } from '@skykeep/core/routes'
import { listEvents } from '@skykeep/db/events'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { readyReplicas } from './replicas-of.ts'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('a replica that gateway processes have taken out', (source) => {
  let world: ActionWorld
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  it('is shown with why, since when and by how many, and stays READY: nothing is written for it', async () => {
    const { serviceUid } = await upService(world.as('user'), { yaml: serviceYaml({ name: 'hello' }) })
    const service = { uid: serviceUid, name: 'hello' }
    const [refusing = '', fine] = await readyReplicas(world, service, { version: 1, count: 2 })
    const viewer = world.as('viewer')
    const seen = async (...said: readonly (readonly Ejection[])[]) => {
      const gateways = said.map((ejected, slot) => ({
        slot,
        pid: 2,
        epoch: `e${slot}`,
        appliedVersion: 3,
        boundPorts: [],
        blockedPorts: [],
        inFlight: {},
        ejected,
        siblings: [],
      }))
      const plane = { ...viewer.plane, recentGateways: async () => gateways }
      const { replicas } = await getService({ ...viewer, plane }, { name: 'hello' })
      return replicas.map(({ uid, status, takenOut }) => ({ uid, status, takenOut }))
    }
    const before = await listEvents(world.services.db, {})
    const reason = 'connect: ECONNREFUSED'
    const ejection = { replicaUid: refusing, reason, sinceMs: 7 }
    const rest = { uid: fine, status: 'READY', takenOut: null }
    expect(await seen([ejection], [{ ...ejection, sinceMs: 9 }], [])).toEqual([
      { uid: refusing, status: 'READY', takenOut: { reason, sinceMs: 7, gateways: 2, ofGateways: 3 } },
      rest,
    ])
    expect(await seen([], [])).toEqual([{ uid: refusing, status: 'READY', takenOut: null }, rest])
    expect(await listEvents(world.services.db, {})).toEqual(before)
  })
})
