import { listEvents } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'
import { markRestored } from '@skykeep/db/restored'
import { tokenOf } from '@skykeep/provider-contract/provider'
import { livingNodes } from '@skykeep/provider-sim/sim-world'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { CloudWorld } from './cloud-world.ts'

forEachDatabase('the sweep', (source) => {
  /** A node that a create made after its replica had ended, as a worker does that was stopped in the call. */
  async function addStray(world: CloudWorld, uid: string, attempt: number): Promise<string> {
    const installation = await getInstallation(world.database)
    const claim = { uid, generation: 1, attempt }
    const tags = { ...claim, installationId: installation.uid, epoch: installation.epoch }
    const [offer] = await world.cloud.listOffers({})
    if (offer === undefined) throw new Error('the cloud offers nothing')
    const { nodeId } = await world.cloud.createNode({ token: tokenOf(claim), tags, offer, resources: {} })
    return nodeId
  }
  const living = (world: CloudWorld) =>
    livingNodes(world.cloud.world, world.clock.now()).map(({ nodeId }) => nodeId)

  async function ended(world: CloudWorld): Promise<string> {
    const replica = await world.addReplica()
    await world.untilStatus(replica.replicaId, 'READY')
    await world.unwant(replica)
    await world.untilStatus(replica.replicaId, 'TERMINATED')
    return replica.uid
  }

  it('deletes what outlived its replica, and lets live what has no row or a living one', async () => {
    const world = await CloudWorld.create(source)
    const uid = await ended(world)
    await world.addReplica()
    await world.untilStatus(2, 'READY')
    await addStray(world, uid, 2)
    const unknown = await addStray(world, 'rep_unknown', 1)
    expect(await world.sweep()).toEqual([`sim/${unknown}`])
    expect(living(world)).toEqual([(await world.replica(2)).nodeId, unknown])
  })

  it('invariant 3: after a restore it only reports what ended before, with the epoch that made it', async () => {
    const world = await CloudWorld.create(source)
    const before = await ended(world)
    const old = await addStray(world, before, 2)
    world.clock.pass(1_000)
    const { epoch } = await world.database.transaction((tx) => markRestored(tx, 'backup.tar.zst'))
    await world.renewFence()
    world.clock.pass(1_000)
    expect(await world.sweep()).toEqual([`sim/${old}`])
    const [event] = await listEvents(world.database, { types: ['orphan.found'] })
    expect(event).toMatchObject({ reason: 'NOT_OURS', payload: { nodeId: old, epoch: epoch - 1 } })
    const after = await ended(world)
    const fresh = await addStray(world, after, 2)
    expect(living(world)).toEqual([old, fresh])
    expect(await world.sweep()).toEqual([`sim/${old}`])
    expect(living(world)).toEqual([old])
  })

  it('an infra that does not answer says nothing about its nodes', async () => {
    const world = await CloudWorld.create(source)
    await addStray(world, await ended(world), 2)
    world.cloud.failNext({ method: 'listNodes', kind: 'transient', scope: 'infra', times: 1 })
    expect(await world.sweep()).toEqual([])
    expect(living(world)).toHaveLength(1)
    await world.sweep()
    expect(living(world)).toEqual([])
  })
})
