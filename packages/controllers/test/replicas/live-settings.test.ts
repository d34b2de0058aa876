import { servingOf } from '@skykeep/controllers/replicas/live-settings'
import { listAddresses } from '@skykeep/db/address-reservations'
import { forEachDatabase } from '@skykeep/testing/databases'
import { describe, expect, it } from 'vitest'
import { specOf } from '../builders.ts'
import { CloudWorld } from './cloud-world.ts'

const probe = specOf().service.readinessProbe
const sharedHost = '127.0.0.1'
const ports = [7_001, 7_002]
const listening = 'ready=500 ports=7001,7002'

describe('settings of a replica', () => {
  const version = (path: string, taskVersion: number) => ({
    spec: specOf({ readinessProbe: { ...probe, path } }),
    taskVersion,
  })
  it.each([
    ['the same task: the target version’s', version('/own', 1), version('/target', 1), '/target'],
    ['another task: its own', version('/own', 1), version('/target', 2), '/own'],
    ['back to an older version of the same task', version('/own', 1), version('/older', 1), '/older'],
  ])('%s', (_name, own, target, path) => {
    expect(servingOf(own, target).readinessProbe.path).toBe(path)
  })
})

forEachDatabase('settings that change while replicas run', (source) => {
  it('are probed with at once where the task is the same', async () => {
    const world = await CloudWorld.create(source, { run: 'ready=500 path=/v1' }, {})
    await world.target(1)
    await world.addReplica()
    await world.pass(5_000)
    expect((await world.replica(1)).status).toBe('STARTING')
    const settings = { readinessProbe: { ...probe, path: '/v1', intervalSeconds: 2 } }
    await world.target(
      await world.addVersion({ run: 'ready=500 path=/v1', service: settings, taskVersion: 1 }),
    )
    await world.untilStatus(1, 'READY')
    expect(world.cloud.world.starts).toHaveLength(2)
    const strict = {
      readinessProbe: { ...probe, path: '/nowhere', intervalSeconds: 2, failureThresholdSeconds: 4 },
    }
    await world.target(await world.addVersion({ service: strict, taskVersion: 1 }))
    await world.untilStatus(1, 'DRAINING', 30_000)
    expect(await world.replica(1)).toMatchObject({ outcome: 'FAILED_PROBING', version: 1 })
  })

  it('of a new task leave replicas of the old one as they are', async () => {
    const world = await CloudWorld.create(source)
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    const other = { readinessProbe: { ...probe, path: '/nowhere', intervalSeconds: 1 } }
    await world.target(await world.addVersion({ run: 'path=/elsewhere', service: other }))
    await world.pass(60_000)
    expect((await world.replica(1)).status).toBe('READY')
  })

  it('a longer initial delay saves a replica that is starting', async () => {
    const short = { readinessProbe: { ...probe, initialDelaySeconds: 5 } }
    const world = await CloudWorld.create(source, { run: 'ready=15000', service: short })
    await world.addReplica()
    await world.untilStatus(1, 'STARTING')
    const long = { readinessProbe: { ...probe, initialDelaySeconds: 60 } }
    await world.target(await world.addVersion({ service: long, taskVersion: 1 }))
    await world.untilStatus(1, 'READY')
    expect((await world.replica(1)).startingMs).toBeGreaterThan(5_000)
  })

  it('another port is served once the replica answers there; requests follow; every port stays its own', async () => {
    const fields = { run: listening, resources: { ports }, service: { replicaPort: 7_001 } }
    const world = await CloudWorld.create(source, fields, { sharedHost })
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    const routed = () => world.gateway.table?.services[0]?.replicas.map(({ port }) => port)
    await world.until('it is routed', () => routed()?.[0] === 7_001)
    expect((await listAddresses(world.database)).map(({ port }) => port)).toEqual(ports)
    await world.target(await world.addVersion({ ...fields, service: { replicaPort: 7_002 }, taskVersion: 1 }))
    await world.until('requests go to the other port', () => routed()?.[0] === 7_002)
    expect(await world.replica(1)).toMatchObject({ port: 7_002, status: 'READY' })
    expect(world.cloud.world.starts).toHaveLength(2)
    expect((await listAddresses(world.database)).map(({ releasedAtTable }) => releasedAtTable)).toEqual([
      null,
      null,
    ])
    await world.unwant(await world.replica(1))
    await world.untilStatus(1, 'TERMINATED')
    await world.until('both are free', async () => (await listAddresses(world.database)).length === 0)
  })

  it('a port where nobody answers is not served', async () => {
    const fields = { run: 'ready=500', resources: { ports }, service: { replicaPort: 7_001 } }
    const world = await CloudWorld.create(source, fields, { sharedHost })
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    await world.target(await world.addVersion({ ...fields, service: { replicaPort: 7_002 }, taskVersion: 1 }))
    await world.untilStatus(1, 'NOT_READY')
    expect(await world.replica(1)).toMatchObject({ port: 7_001 })
  })

  it('invariant 9: a port of a task that another replica still has reserved is not given to a second one', async () => {
    const fields = { run: listening, resources: { ports }, service: { replicaPort: 7_001 } }
    const world = await CloudWorld.create(source, fields, { sharedHost })
    const first = await world.addReplica()
    await world.untilStatus(1, 'READY')
    await world.addReplica()
    await world.pass(30_000)
    expect(await world.replica(2)).toMatchObject({ status: 'PENDING' })
    expect((await world.replica(2)).statusReason).toContain('7001')
    await world.unwant(first)
    await world.untilStatus(2, 'READY')
  })
})
