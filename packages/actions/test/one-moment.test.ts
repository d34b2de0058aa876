import { afterAll, beforeAll, expect, it } from 'vitest'
import { getService } from '@skykeep/actions/services/get-service'
import { upService } from '@skykeep/actions/services/up-service'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { readyReplicas } from './replicas-of.ts'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('a service whose replicas change while it is read', (source) => {
  let world: ActionWorld
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  it('says as many are ready as it shows to be ready', async () => {
    const { serviceUid } = await upService(world.as('user'), { yaml: serviceYaml({ name: 'hello' }) })
    const service = { uid: serviceUid, name: 'hello' }
    await readyReplicas(world, service, { version: 1, count: 1 })
    const viewer = world.as('viewer')
    const recentGateways = async () => {
      await readyReplicas(world, service, { version: 1, count: 1 })
      return []
    }
    const shown = await getService(
      { ...viewer, plane: { ...viewer.plane, recentGateways } },
      { name: 'hello' },
    )
    expect(shown.replicas.filter(({ status }) => status === 'READY')).toHaveLength(1)
    expect(shown.readyReplicas).toBe(1)
  })
})
