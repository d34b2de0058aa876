import { drainBoundMs, failedDrainBoundMs } from '@skykeep/controllers/replicas/decide'
import type { Replica } from '@skykeep/core/nouns'
import { replicaOutcomes, type ReplicaOutcome, type ReplicaStatus } from '@skykeep/core/statuses'
import { updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import { livingNodes } from '@skykeep/provider-sim/sim-world'
import { forEachDatabase } from '@skykeep/testing/databases'
import { describe, expect, it } from 'vitest'
import { CloudWorld, type TaskFields, type WorldOptions } from './cloud-world.ts'

const transient = { kind: 'transient', scope: 'infra' } as const

forEachDatabase('the end of a replica', (source) => {
  async function serving(options: WorldOptions = {}, fields: TaskFields = {}): Promise<CloudWorld> {
    const world = await CloudWorld.create(source, fields, options)
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    return world
  }
  const living = (world: CloudWorld) => livingNodes(world.cloud.world, world.clock.now())
  const elapsed = async (world: CloudWorld, wait: () => Promise<void>): Promise<number> => {
    const fromMs = world.clock.monotonicMs()
    await wait()
    return world.clock.monotonicMs() - fromMs
  }

  it('waits for what it has in flight, and no longer', async () => {
    const world = await serving()
    const replica = await world.replica(1)
    world.gateway.held.set(replica.uid, 1)
    await world.unwant(replica)
    await world.untilStatus(1, 'DRAINING')
    await world.skip(60_000)
    expect((await world.replica(1)).status).toBe('DRAINING')
    world.gateway.held.delete(replica.uid)
    expect(await elapsed(world, () => world.untilStatus(1, 'TERMINATED'))).toBeLessThan(5_000)
  })

  it('waits 120 s at most', async () => {
    const world = await serving()
    const replica = await world.replica(1)
    world.gateway.held.set(replica.uid, 1)
    await world.unwant(replica)
    await world.untilStatus(1, 'DRAINING')
    const drainedMs = await elapsed(world, async () => {
      await world.work()
      await world.skip(drainBoundMs - 1_000)
      expect((await world.replica(1)).status).toBe('DRAINING')
      await world.untilStatus(1, 'TERMINATED')
    })
    expect([drainedMs >= drainBoundMs, drainedMs < drainBoundMs + 10_000]).toEqual([true, true])
  })

  it('waits 10 s at most for one that answers no probe', async () => {
    const world = await serving()
    const replica = await world.replica(1)
    world.gateway.held.set(replica.uid, 1)
    world.cloud.runtime.answerWith(replica.jobId ?? '', 0)
    await world.untilStatus(1, 'DRAINING', 400_000)
    expect((await world.replica(1)).outcome).toBe('FAILED_PROBING')
    const drainedMs = await elapsed(world, () => world.untilStatus(1, 'TERMINATED'))
    expect([drainedMs >= failedDrainBoundMs, drainedMs < failedDrainBoundMs + 10_000]).toEqual([true, true])
  })

  it.each(['stopJob', 'deleteNode', 'listNodes'] as const)(
    'a lost reply of %s changes nothing of the end',
    async (method) => {
      const world = await serving({ consistencyWindowMs: 5_000 })
      world.cloud.failNext({ method, ...transient, times: 3, isReplyLost: true })
      await world.unwant(await world.replica(1))
      await world.untilStatus(1, 'TERMINATED')
      expect(living(world)).toEqual([])
      expect((await world.replica(1)).outcome).toBe('REMOVED')
    },
  )

  it('a node that is shown late is found before the row ends', async () => {
    const windowMs = 30_000
    const world = await CloudWorld.create(source, {}, { consistencyWindowMs: windowMs })
    world.cloud.failNext({ method: 'createNode', ...transient, times: 1, isReplyLost: true })
    const replica = await world.addReplica()
    await world.until('the node was made', () => living(world).length === 1)
    await world.unwant(replica)
    const ms = await elapsed(world, () => world.untilStatus(1, 'TERMINATED'))
    expect(ms).toBeGreaterThanOrEqual(windowMs)
    expect(living(world)).toEqual([])
  })

  it('a job that cannot be told to stop is ended with its node', async () => {
    const world = await serving()
    world.cloud.failNext({ method: 'stopJob', ...transient, times: 1_000 })
    await world.unwant(await world.replica(1))
    await world.untilStatus(1, 'TERMINATED')
    expect(living(world)).toEqual([])
  })

  it('nothing is remembered of one that ended', async () => {
    const world = await serving()
    await world.addReplica()
    await world.untilStatus(2, 'READY')
    expect(world.memory.size).toBe(2)
    for (const replica of await world.replicas()) await world.unwant(replica)
    await world.untilStatus(1, 'TERMINATED')
    await world.untilStatus(2, 'TERMINATED')
    const third = await world.addReplica()
    await world.unwant(third)
    await world.untilStatus(3, 'TERMINATED')
    expect(world.memory.size).toBe(0)
  })

  it('skypilot 3.5 #14: a teardown that fails is done again until it is done, also by the next worker', async () => {
    const world = await serving({}, { run: 'ready=100 exit-after=20000 exit=1' })
    world.cloud.failNext({ method: 'deleteNode', ...transient, times: 5 })
    await world.untilStatus(1, 'SHUTTING_DOWN')
    await world.pass(2_000)
    world.kill()
    await world.untilStatus(1, 'TERMINATED')
    expect(await world.replica(1)).toMatchObject({ outcome: 'FAILED', exitCode: 1 })
    expect(living(world)).toEqual([])
  })

  describe('skypilot 3.5 #12: whatever a row says, the next worker brings it on', () => {
    const onTheWayUp: readonly (readonly [ReplicaStatus, (world: CloudWorld) => Promise<void>])[] = [
      ['PENDING', async () => undefined],
      ['PROVISIONING', (world) => world.until('it is made', () => living(world).length === 1)],
      ['STARTING', (world) => world.untilStatus(1, 'STARTING')],
      ['READY', (world) => world.untilStatus(1, 'READY')],
      ['NOT_READY', muted],
    ]
    it.each(onTheWayUp)('%s, back to READY', async (status, bring) => {
      const world = await CloudWorld.create(source, { run: 'ready=4000' })
      await world.addReplica()
      await bring(world)
      expect((await world.replica(1)).status).toBe(status)
      world.kill()
      world.cloud.runtime.answerWith((await world.replica(1)).jobId ?? '', null)
      await world.untilStatus(1, 'READY')
      expect(world.cloud.world.starts).toHaveLength(2)
    })

    it('DRAINING, to its end', async () => {
      const world = await serving()
      const replica = await world.replica(1)
      world.gateway.held.set(replica.uid, 1)
      await world.unwant(replica)
      await world.untilStatus(1, 'DRAINING')
      world.kill()
      world.gateway.held.clear()
      await world.untilStatus(1, 'TERMINATED')
      expect(living(world)).toEqual([])
    })

    it('SHUTTING_DOWN, for whatever reason, to its end', async () => {
      const world = await CloudWorld.create(source)
      const outcomes = [null, ...replicaOutcomes]
      for (const _ of outcomes) await world.addReplica()
      await world.until('all are ready', async () =>
        (await world.replicas()).every(({ status }) => status === 'READY'),
      )
      for (const [index, outcome] of outcomes.entries()) {
        await shutDown(world, await world.replica(index + 1), outcome)
      }
      world.kill()
      await world.until('all are gone', async () =>
        (await world.replicas()).every(({ status }) => status === 'TERMINATED'),
      )
      expect((await world.replicas()).map(({ outcome }) => outcome)).toEqual(outcomes)
      expect(living(world)).toEqual([])
    })

    it('TERMINATED, and there it stays', async () => {
      const world = await serving()
      await world.unwant(await world.replica(1))
      await world.untilStatus(1, 'TERMINATED')
      world.kill()
      await world.pass(5_000)
      expect((await world.replica(1)).status).toBe('TERMINATED')
    })
  })

  it('dstack 11 #7: replicas that shut down when the worker died hold up no other one', async () => {
    const world = await serving()
    for (let number = 2; number <= 4; number += 1) await world.addReplica()
    for (let number = 2; number <= 4; number += 1) await world.untilStatus(number, 'READY')
    await shutDown(world, await world.replica(1), 'FAILED_PROBING')
    await shutDown(world, await world.replica(2), 'REMOVED')
    world.kill()
    await world.addReplica()
    await world.untilStatus(5, 'READY')
    await world.untilStatus(1, 'TERMINATED')
    await world.untilStatus(2, 'TERMINATED')
    expect((await world.replicas()).map(({ status }) => status)).toEqual([
      'TERMINATED',
      'TERMINATED',
      'READY',
      'READY',
      'READY',
    ])
    expect(living(world)).toHaveLength(3)
  })

  async function muted(world: CloudWorld): Promise<void> {
    await world.untilStatus(1, 'READY')
    world.cloud.runtime.answerWith((await world.replica(1)).jobId ?? '', 503)
    await world.untilStatus(1, 'NOT_READY')
  }

  /** As a worker left it that died right after it decided so. */
  async function shutDown(
    world: CloudWorld,
    { uid }: Replica,
    outcome: ReplicaOutcome | null,
  ): Promise<void> {
    await world.database.transaction(async (tx) => {
      await updateReplica(tx, uid, { outcome })
      await transition(tx, { kind: 'replica', uid, to: 'SHUTTING_DOWN', reason: 'TEST' })
    })
  }
})
