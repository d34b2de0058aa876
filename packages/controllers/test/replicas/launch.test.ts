import { isChargeable, isWithoutCapacity } from '@skykeep/controllers/replicas/outcomes'
import { getInstallation } from '@skykeep/db/installation'
import { doubleStarts, livingNodes } from '@skykeep/provider-sim/sim-world'
import { forEachDatabase } from '@skykeep/testing/databases'
import { describe, expect, it } from 'vitest'
import { CloudWorld } from './cloud-world.ts'

const effects = ['createNode', 'startJob'] as const
const failure = { kind: 'transient', scope: 'infra', times: 1 } as const

forEachDatabase('a launch', (source) => {
  it('writes the cheapest offer that fits on the row before the infra is called, with the epoch on the node', async () => {
    const world = await CloudWorld.create(source, { resources: { cpus: { value: 4, atLeast: true } } })
    const seen: unknown[] = []
    world.killAt = async ({ method, when }) => {
      if (method === 'createNode' && when === 'before') seen.push(await world.replica(1))
      return false
    }
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    const [cheapest] = await world.cloud.listOffers({ cpus: 4, isSpot: false })
    const { id, region, zone, instanceType, priceUsdPerHour } = cheapest ?? {}
    expect(seen[0]).toMatchObject({
      status: 'PROVISIONING',
      offerId: id,
      region,
      zone,
      instanceType,
      priceUsdPerHour,
      isSpot: false,
      accelerator: '',
    })
    const { epoch } = await getInstallation(world.database)
    expect(livingNodes(world.cloud.world, world.clock.now())).toMatchObject([
      { offer: cheapest, tags: { epoch } },
    ])
  })

  it('takes any of the accelerators, the cheapest; in order, the first that the infra has', async () => {
    const kinds = [
      { name: 'TPU', count: 8 },
      { name: 'H100', count: 1 },
      { name: 'L4', count: 4 },
    ]
    const any = await CloudWorld.create(source, { resources: { accelerators: kinds } })
    await any.addReplica()
    await any.untilStatus(1, 'READY')
    expect(await any.replica(1)).toMatchObject({ instanceType: 'sim-l4-x4', accelerator: 'L4:4' })
    const resources = { accelerators: kinds, isAcceleratorOrdered: true }
    const ordered = await CloudWorld.create(source, { resources })
    await ordered.addReplica()
    await ordered.untilStatus(1, 'READY')
    expect(await ordered.replica(1)).toMatchObject({ accelerator: 'H100:1' })
  })

  it('keeps to the wish of its row: the offer, or the kind and the zone', async () => {
    const world = await CloudWorld.create(source, { resources: { useSpot: true } })
    const wish = { offerId: '', region: 'sim-west', zone: 'sim-west-a', instanceType: '', accelerator: '' }
    await world.addReplica(1, { ...wish, isSpot: true, priceUsdPerHour: 0 })
    await world.addReplica()
    await world.untilStatus(2, 'READY')
    expect(await world.replica(1)).toMatchObject({ zone: 'sim-west-a', isSpot: true })
    expect(await world.replica(2)).toMatchObject({ isSpot: false })
  })

  it.each([{ isReplyLost: false }, { isReplyLost: true }])(
    'a call that failed is made again with the same offer and token (%o)',
    async ({ isReplyLost }) => {
      const world = await CloudWorld.create(source)
      for (const method of ['listOffers', ...effects, 'runner'] as const) {
        world.cloud.failNext({ method, ...failure, isReplyLost })
      }
      await world.addReplica()
      await world.untilStatus(1, 'READY')
      expect(world.cloud.world.starts.map(({ kind, token }) => `${kind} ${token}`)).toEqual([
        'node rep_1.1.1',
        'job rep_1.1.1',
      ])
    },
  )

  it('a job of the task learns of its accelerators and its place', async () => {
    const world = await CloudWorld.create(source, { resources: { accelerators: [{ name: 'L4', count: 4 }] } })
    const given: unknown[] = []
    const { runtime } = world.cloud
    const startJob = runtime.startJob.bind(runtime)
    runtime.startJob = (runner, request) => {
      given.push(request.runEnv['SKYPILOT_NUM_GPUS_PER_NODE'])
      return startJob(runner, request)
    }
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    expect(given).toEqual(['4'])
  })

  describe('that the infra has no room for', () => {
    it('ends without a charge and leaves nothing behind; the next one goes elsewhere', async () => {
      const world = await CloudWorld.create(source)
      const [first, second] = await world.cloud.listOffers({ isSpot: false })
      world.cloud.setStock(first?.id ?? '', 0)
      const starved = await world.addReplica()
      await world.untilStatus(starved.replicaId, 'TERMINATED')
      const ended = await world.replica(1)
      expect(ended).toMatchObject({ outcome: 'FAILED_PROVISION', offerId: first?.id })
      expect([isChargeable(ended), isWithoutCapacity(ended), ended.statusReason]).toEqual([
        false,
        true,
        expect.stringContaining('out of stock'),
      ])
      expect(world.cloud.world.starts).toEqual([])
      await world.addReplica()
      await world.untilStatus(2, 'READY')
      expect(await world.replica(2)).toMatchObject({ offerId: second?.id })
    })

    it('goes round when every offer is exhausted, and finds what comes back', async () => {
      const world = await CloudWorld.create(source, { resources: { cpus: { value: 24, atLeast: true } } })
      const offers = await world.cloud.listOffers({ cpus: 24, isSpot: false })
      for (const { id } of offers) world.cloud.setStock(id, 0)
      for (const [index] of offers.entries()) {
        await world.addReplica()
        await world.untilStatus(index + 1, 'TERMINATED')
      }
      const tried = (await world.replicas()).map(({ offerId }) => offerId)
      expect(tried).toEqual(offers.map(({ id }) => id))
      world.cloud.setStock(offers[0]?.id ?? '', 1)
      const last = await world.addReplica()
      await world.untilStatus(last.replicaId, 'READY')
      expect(await world.replica(last.replicaId)).toMatchObject({ offerId: offers[0]?.id })
    })

    it('over its quota is the same; credentials that are refused are shown and tried again', async () => {
      const world = await CloudWorld.create(source)
      world.cloud.failNext({ method: 'createNode', kind: 'quota', scope: 'region', times: 1 })
      await world.addReplica()
      await world.untilStatus(1, 'TERMINATED')
      expect(isWithoutCapacity(await world.replica(1))).toBe(true)
      world.cloud.failNext({ method: 'createNode', kind: 'credentials', scope: 'infra', times: 2 })
      await world.addReplica()
      await world.until('the reason is shown', async () =>
        (await world.replica(2)).statusReason.includes('fails as it was told'),
      )
      await world.untilStatus(2, 'READY')
    })

    it('what nothing fits is refused, and that is the task’s fault', async () => {
      const world = await CloudWorld.create(source, { resources: { cpus: { value: 999, atLeast: true } } })
      await world.addReplica()
      await world.untilStatus(1, 'TERMINATED')
      const ended = await world.replica(1)
      expect([ended.outcome, isChargeable(ended)]).toEqual(['FAILED_PROVISION', true])
      expect(ended.statusReason).toContain('nothing with 999 CPUs')
    })

    it('a node that never runs is given up after a quarter of an hour', async () => {
      const zone = { region: 'r', zone: 'z', meanSpotLifeMs: null, stock: 9 }
      const world = await CloudWorld.create(source, {}, { zones: [{ ...zone, bootMs: [1e9, 1e9] }] })
      await world.addReplica()
      await world.until('the node is there', () => world.cloud.world.starts.length === 1)
      world.clock.pass(899_000)
      await world.pass(500)
      expect(await world.replica(1)).toMatchObject({ status: 'PROVISIONING' })
      world.clock.pass(1_000)
      await world.untilStatus(1, 'TERMINATED')
      expect(isWithoutCapacity(await world.replica(1))).toBe(true)
      expect(livingNodes(world.cloud.world, world.clock.now())).toEqual([])
    })
  })

  describe('skypilot 3.5 #10: a launch or a teardown that was under way is found again, never made twice', () => {
    it.each(effects.flatMap((method) => (['before', 'after'] as const).map((when) => ({ method, when }))))(
      'killed $when $method',
      async ({ method, when }) => {
        const world = await CloudWorld.create(source, {}, { consistencyWindowMs: 3_000 })
        let left = 3
        world.killAt = (call) => call.method === method && call.when === when && left-- > 0
        await world.addReplica()
        await world.untilStatus(1, 'READY')
        expect(world.lives).toBe(4)
        expect(doubleStarts(world.cloud.world)).toEqual([])
        expect(livingNodes(world.cloud.world, world.clock.now())).toHaveLength(1)
        expect(world.cloud.runtime.runningJobs()).toHaveLength(1)
      },
    )

    it('killed after the node was made and then not wanted: the node goes', async () => {
      const world = await CloudWorld.create(source, {}, { consistencyWindowMs: 5_000 })
      let left = 1
      world.killAt = (call) => call.method === 'createNode' && call.when === 'after' && left-- > 0
      const replica = await world.addReplica()
      await world.until('the node was made', () => world.cloud.world.starts.length === 1)
      expect((await world.replica(1)).nodeId).toBeNull()
      await world.unwant(replica)
      await world.untilStatus(1, 'TERMINATED')
      expect(livingNodes(world.cloud.world, world.clock.now())).toEqual([])
    })
  })

  it('skypilot 3.5 #1: no number is given out twice, whatever died in between', async () => {
    const world = await CloudWorld.create(source)
    const first = await world.addReplica()
    const second = await world.addReplica()
    await world.untilStatus(2, 'READY')
    await world.unwant(first)
    await world.unwant(second)
    await world.untilStatus(2, 'TERMINATED')
    await world.untilStatus(1, 'TERMINATED')
    world.kill()
    const third = await world.addReplica()
    await world.untilStatus(3, 'READY')
    expect(third.replicaId).toBe(3)
    expect(new Set(world.cloud.world.starts.map(({ uid }) => uid)).size).toBe(3)
  })

  it('steps over ports that strangers hold, and goes on to another place when a whole place is theirs', async () => {
    const asked: number[] = []
    const isPortFree = (port: number): boolean => {
      asked.push(port)
      return Math.floor(port / 500) !== Math.floor((asked[0] ?? port) / 500)
    }
    const world = await CloudWorld.create(source, {}, { sharedHost: '127.0.0.1', isPortFree })
    await world.addReplica()
    await world.untilStatus(1, 'READY')
    const [first = 0] = asked
    const beside = Array.from({ length: 10 }, (_, index) => first + index)
    const elsewhere = 20_000 + ((first + 9 + 500 - 20_000) % 10_000)
    expect(asked).toEqual([...beside, elsewhere])
    await world.addReplica()
    await world.untilStatus(2, 'READY')
    expect([(await world.replica(1)).port, (await world.replica(2)).port]).toEqual([elsewhere, elsewhere + 1])
  })

  it('skypilot 3.5 #13: a launch that is taken up again uses its own version, not the latest', async () => {
    const world = await CloudWorld.create(source, { run: 'ready=500 exit-after=999999 exit=1' })
    let left = 1
    world.killAt = (call) => call.method === 'createNode' && call.when === 'after' && left-- > 0
    await world.addReplica(1)
    await world.until('it died', () => world.lives === 1 && left === 0)
    await world.target(await world.addVersion({ run: 'ready=600 exit-after=111 exit=2' }))
    await world.untilStatus(1, 'READY')
    const [{ job } = { job: undefined }] = world.cloud.runtime.runningJobs()
    expect([job?.script.exit, job?.token]).toEqual([1, 'rep_1.1.1'])
  })
})
