import { isChargeable } from '@skykeep/controllers/replicas/outcomes'
import type { Replica } from '@skykeep/core/nouns'
import { livingNodes } from '@skykeep/provider-sim/sim-world'
import { forEachDatabase } from '@skykeep/testing/databases'
import { describe, expect, it } from 'vitest'
import { CloudWorld, type WorldOptions } from './cloud-world.ts'

const spot = { offerId: '', region: '', zone: '', instanceType: '', accelerator: '', priceUsdPerHour: 0 }

forEachDatabase('a node that is taken back', (source) => {
  async function serving(options: WorldOptions = {}, run?: string): Promise<CloudWorld> {
    const fields = { resources: { useSpot: true }, ...(run === undefined ? {} : { run }) }
    const world = await CloudWorld.create(source, fields, options)
    await world.addReplica(1, { ...spot, isSpot: true })
    await world.addReplica(1, { ...spot, isSpot: true })
    await world.untilStatus(1, run === undefined ? 'READY' : 'STARTING')
    await world.untilStatus(2, run === undefined ? 'READY' : 'STARTING')
    return world
  }
  const routed = (world: CloudWorld) =>
    (world.gateway.table?.services ?? []).flatMap(({ replicas }) =>
      replicas.filter(({ isDraining }) => !isDraining).map(({ replicaId }) => replicaId),
    )
  const living = (world: CloudWorld) => livingNodes(world.cloud.world, world.clock.now())
  const nodeOf = ({ nodeId }: Replica) => nodeId ?? ''

  it('leaves traffic at once, whatever is in flight, and nothing of it is left', async () => {
    const world = await serving()
    await world.until('both are routed', () => routed(world).length === 2)
    const lost = await world.replica(1)
    world.gateway.held.set(lost.uid, 7)
    await world.cloud.preemptNode(nodeOf(lost))
    const sinceMs = world.clock.monotonicMs()
    await world.untilStatus(1, 'TERMINATED')
    expect(routed(world)).toEqual([2])
    // One probe interval until it is seen, not a drain of 120 s.
    expect(world.clock.monotonicMs() - sinceMs).toBeLessThan(12_000)
    const ended = await world.replica(1)
    expect(ended).toMatchObject({ outcome: 'PREEMPTED', zone: lost.zone, isSpot: true })
    expect(isChargeable(ended)).toBe(false)
    expect(living(world).map(({ tags }) => tags.uid)).toEqual([(await world.replica(2)).uid])
  })

  it('ends a replica that was only starting, or booting', async () => {
    const world = await serving({}, 'ready=600000')
    await world.cloud.preemptNode(nodeOf(await world.replica(1)))
    await world.addReplica(1, { ...spot, isSpot: true })
    await world.until('the third boots', async () => (await world.replica(3)).nodeId !== null)
    await world.cloud.preemptNode(nodeOf(await world.replica(3)))
    await world.untilStatus(1, 'TERMINATED')
    await world.untilStatus(3, 'TERMINATED')
    expect((await world.replicas()).map(({ outcome }) => outcome)).toEqual(['PREEMPTED', null, 'PREEMPTED'])
  })

  it('drains from the notice on, and is gone when the node is', async () => {
    const world = await serving()
    await world.until('both are routed', () => routed(world).length === 2)
    const noticed = await world.replica(1)
    world.gateway.held.set(noticed.uid, 1)
    world.cloud.giveNotice(nodeOf(noticed), 60_000)
    await world.untilStatus(1, 'DRAINING')
    await world.until('it is out of the routes', () => !routed(world).includes(1))
    expect(await world.replica(1)).toMatchObject({ outcome: 'PREEMPTED', isWanted: true })
    await world.skip(40_000)
    expect((await world.replica(1)).status).toBe('DRAINING')
    await world.untilStatus(1, 'TERMINATED', 60_000)
    expect((await world.replica(1)).outcome).toBe('PREEMPTED')
  })

  it('is gone as soon as nothing is in flight, where notice was given', async () => {
    const world = await serving()
    world.cloud.giveNotice(nodeOf(await world.replica(1)), 3_600_000)
    await world.untilStatus(1, 'TERMINATED', 60_000)
    expect(living(world)).toHaveLength(1)
  })

  it.each([
    { isSpot: true, outcome: 'PREEMPTED' },
    { isSpot: false, outcome: 'LOST' },
  ])('that the infra does not know any more at all: $outcome', async ({ isSpot, outcome }) => {
    const world = await CloudWorld.create(source, {}, { consistencyWindowMs: 20_000 })
    await world.addReplica(1, { ...spot, isSpot })
    await world.untilStatus(1, 'READY')
    await world.pass(20_000)
    await world.cloud.deleteNode(nodeOf(await world.replica(1)))
    await world.pass(15_000)
    expect(['READY', 'NOT_READY']).toContain((await world.replica(1)).status)
    await world.untilStatus(1, 'TERMINATED')
    expect(await world.replica(1)).toMatchObject({ outcome })
    expect(isChargeable(await world.replica(1))).toBe(false)
  })

  it('that is shown late is not taken for a task that ended', async () => {
    const world = await serving({ consistencyWindowMs: 20_000 })
    await world.cloud.preemptNode(nodeOf(await world.replica(1)))
    await world.untilStatus(1, 'TERMINATED')
    expect((await world.replica(1)).outcome).toBe('PREEMPTED')
  })

  describe('skypilot 3.5 #11: taken back while its teardown was under way, the row ends and nothing is left', () => {
    it.each(['describeNode', 'listNodes', 'deleteNode'] as const)('killed in %s', async (method) => {
      const world = await serving({ consistencyWindowMs: 4_000 })
      await world.cloud.preemptNode(nodeOf(await world.replica(1)))
      let left = 4
      world.killAt = async (call) => {
        const isEnding = (await world.replica(1)).status === 'SHUTTING_DOWN'
        return isEnding && call.method === method && left-- > 0
      }
      await world.untilStatus(1, 'TERMINATED')
      expect(world.lives).toBeGreaterThan(1)
      expect((await world.replica(1)).outcome).toBe('PREEMPTED')
      expect(living(world)).toHaveLength(1)
    })

    it('a replica that shuts down for another reason keeps it', async () => {
      const world = await serving()
      const leaving = await world.replica(1)
      let isTaken = false
      world.killAt = async ({ method, when }) => {
        if (method !== 'stopJob' || when !== 'before' || isTaken) return false
        isTaken = true
        await world.cloud.preemptNode(nodeOf(leaving))
        return true
      }
      await world.unwant(leaving)
      await world.untilStatus(1, 'TERMINATED')
      expect(isTaken).toBe(true)
      expect((await world.replica(1)).outcome).toBe('REMOVED')
      expect(living(world)).toHaveLength(1)
    })
  })
})
