import { afterEach, describe, expect, it } from 'vitest'
import { listAddresses } from '@skykeep/db/address-reservations'
import { getEndpoint } from '@skykeep/db/endpoints'
import { listOperations } from '@skykeep/db/operations'
import { until } from '@skykeep/testing/until'
import { isRunning, WorkerWorld } from './worker-world.ts'

let world: WorkerWorld

afterEach(async ({ task }) => {
  await world.destroy(task.result?.state === 'fail')
})

describe('a service on local', () => {
  it('comes up, is routed, is scaled, and goes down without leaving anything', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('hello', 2)
    const ready = await world.untilReady(service, 2)
    expect(ready.map(({ replicaId }) => replicaId)).toEqual([1, 2])
    await until('the operation succeeded', async () => {
      const { items } = await listOperations(world.database, { targetUid: service.uid })
      return items[0]?.status === 'SUCCEEDED'
    })
    expect((await world.service(service)).status).toBe('READY')
    expect((await getEndpoint(world.database, service.uid)).status).toBe('OPEN')
    expect(world.gateway.routedReplicas()).toEqual([1, 2])
    for (const { replicaId, port } of ready) {
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`hello ${replicaId}`)
    }

    await world.scale(service, 1)
    const [left] = await world.untilReady(service, 1)
    expect(left?.replicaId).toBe(1)

    await world.down(service)
    await until('the service is gone', async () => (await world.service(service)).status === 'TERMINATED')
    expect((await getEndpoint(world.database, service.uid)).status).toBe('RELEASED')
    await until('the operation succeeded', async () => {
      const { items } = await listOperations(world.database, { targetUid: service.uid })
      return items.every(({ status }) => status === 'SUCCEEDED')
    })
    await until('the ports are free', async () => (await listAddresses(world.database)).length === 0)
    expect(world.nodes()).toEqual([])
    expect(world.starts().filter(([, pid]) => isRunning(pid))).toEqual([])
    expect(world.starts()).toHaveLength(2)
  })
})
