import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { finishDrill } from '@skykeep/actions/drills/finish-drill'
import { listDrills } from '@skykeep/actions/drills/list-drills'
import { planDrill } from '@skykeep/actions/drills/plan-drill'
import { reportDrill } from '@skykeep/actions/drills/report-drill'
import { runDrill } from '@skykeep/actions/drills/run-drill'
import { startDrillInput, type StartDrillInput } from '@skykeep/actions/drills/schemas'
import { startDrill } from '@skykeep/actions/drills/start-drill'
import { getService } from '@skykeep/actions/services/get-service'
import { upService } from '@skykeep/actions/services/up-service'
import type { DrillResult } from '@skykeep/core/nouns'
import { listEvents } from '@skykeep/db/events'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { claimDue, release } from '@skykeep/db/leases'
import { insertReplica, updateReplica } from '@skykeep/db/replicas'
import { findService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, randomIds, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { serviceYaml } from './service-yaml.ts'

const asked = (more: Partial<StartDrillInput> = {}): StartDrillInput => ({
  ...startDrillInput.parse({ name: 'hello', target: 'worker' }),
  ...more,
})

const result: DrillResult = {
  rounds: [
    {
      target: 'worker',
      killedPids: [41],
      requests: 300,
      failed: { reset: 1 },
      repeated: 2,
      longestGapMs: 24.5,
      slowestMs: 31,
      recoveredMs: null,
    },
  ],
  requests: 300,
  failed: { reset: 1 },
  repeated: 2,
  longestGapMs: 24.5,
  slowestMs: 31,
  adopted: ['hello-1'],
  resumed: [],
  orphans: [],
  unfinished: 1,
}

forEachDatabase('recovery drills', (source) => {
  let world: ActionWorld
  const clock = new FakeClock(Date.now())

  beforeAll(async () => {
    world = await createActionWorld(await source.create({ clock }), { clock })
    await upService(world.as('admin'), { yaml: serviceYaml() })
  })
  afterAll(() => world.close())
  // A drill that another test left running is lost by then.
  beforeEach(() => clock.pass(3_600_000))

  const ready = async (pid: number | null): Promise<void> => {
    const { db } = world.services
    const service = await findService(db, 'default', 'hello')
    if (service === null) throw new Error('no service')
    const uid = randomIds.uid('rep')
    await db.transaction(async (tx) => {
      await insertReplica(tx, { uid, service, version: 1, infra: 'local' })
      for (const to of ['PROVISIONING', 'STARTING', 'READY'] as const) {
        await transition(tx, { kind: 'replica', uid, to, reason: 'TEST' })
      }
      if (pid !== null) await updateReplica(tx, uid, { pid, pidStartTime: 7, bootId: 'boot' })
      if (service.status !== 'READY') {
        await transition(tx, { kind: 'service', uid: service.uid, to: 'READY', reason: 'TEST' })
      }
    })
    await lookOnce()
  }
  /** As a controller does that has nothing to do until it is woken. */
  const lookOnce = async (): Promise<void> => {
    const { db } = world.services
    const observer = new LeaseObserver({ clock, leaseMs: 10_000 })
    const claim = {
      kind: 'service',
      owner: randomIds.uid('plane'),
      limit: 9,
      isSuspect: false,
      observer,
    } as const
    for (const lease of await claimDue(db, claim)) {
      await db.transaction((tx) => release(tx, lease, { requeueAfterMs: null, isFailed: false }))
    }
  }
  const code = (value: string): object => expect.objectContaining({ code: value })

  describe('before anything is ready', () => {
    it('a service that is not ready is refused, and no row is written', async () => {
      await expect(startDrill(world.as('admin'), asked())).rejects.toEqual(code('CONFLICT'))
      expect(await listDrills(world.as('viewer'), { name: 'hello' })).toEqual([])
      expect((await planDrill(world.as('admin'), { name: 'hello' })).newestReady).toBeNull()
    })
  })

  describe('with ready replicas', () => {
    beforeAll(async () => await ready(4001))

    it('the death of an only replica has to be confirmed', async () => {
      const replica = asked({ target: 'replica' })
      await expect(startDrill(world.as('admin'), replica)).rejects.toEqual(code('CONFLICT'))
      const drill = await startDrill(world.as('admin'), { ...replica, isConfirmed: true })
      expect(drill).toMatchObject({ status: 'RUNNING', target: 'replica', repeats: 1, finishedAtMs: null })
    })

    it('of two ready replicas the newest is the victim, named by pid, start time and boot', async () => {
      await ready(4002)
      const plan = await planDrill(world.as('admin'), { name: 'hello' })
      expect(plan).toMatchObject({
        path: '/',
        newestReady: { replicaId: 2, pid: 4002, startTime: 7, bootId: 'boot' },
      })
      await startDrill(world.as('admin'), asked({ target: 'replica' }))
    })

    it('one drill at a time; one that has said nothing for a minute is lost and in nobody’s way', async () => {
      const first = await startDrill(world.as('admin'), asked())
      await expect(startDrill(world.as('admin'), asked())).rejects.toEqual(code('CONFLICT'))
      clock.pass(50_000)
      await reportDrill(world.as('admin'), { uid: first.uid, phase: 'round 1 of 1', result: null })
      clock.pass(50_000)
      await expect(startDrill(world.as('admin'), asked())).rejects.toEqual(code('CONFLICT'))
      clock.pass(11_000)
      const second = await startDrill(world.as('admin'), asked())
      const shown = await listDrills(world.as('viewer'), { name: 'hello' })
      const { name } = world.as('admin').actor
      expect([second, ...shown].map(({ startedBy }) => startedBy)).toEqual([name, ...shown.map(() => name)])
      expect(shown.slice(0, 2).map(({ uid, status }) => [uid, status])).toEqual([
        [second.uid, 'RUNNING'],
        [first.uid, 'LOST'],
      ])
      expect((await getService(world.as('viewer'), { name: 'hello' })).drills[1]).toMatchObject({
        status: 'LOST',
        statusReason: 'round 1 of 1',
      })
    })

    it('progress and end are kept with their result and told once each; what comes after the end changes nothing', async () => {
      const { uid } = await startDrill(world.as('admin'), asked({ repeats: 2 }))
      const progress = { uid, phase: 'round 1 of 2: killed worker', result }
      await reportDrill(world.as('admin'), progress)
      await reportDrill(world.as('admin'), progress)
      const end = { uid, status: 'FAILED', reason: '1 request failed', result } as const
      const ended = await finishDrill(world.as('admin'), end)
      expect(ended).toMatchObject({ status: 'FAILED', statusReason: '1 request failed', result })
      await reportDrill(world.as('admin'), { uid, phase: 'too late', result: null })
      const again = await finishDrill(world.as('admin'), { ...end, status: 'SUCCEEDED', reason: 'no' })
      expect(again).toEqual(ended)
      clock.pass(3_600_000)
      expect((await listDrills(world.as('viewer'), { name: 'hello' }))[0]).toEqual(ended)
      const events = (await listEvents(world.services.db, { limit: 200 })).filter(
        ({ payload }) => payload['drillUid'] === uid,
      )
      expect(events.toReversed().map(({ type, reason, message }) => [type, reason, message])).toEqual([
        ['drill.started', 'STARTED', 'a recovery drill began: 2 times the death of the worker'],
        ['drill.progress', 'PROGRESS', 'round 1 of 2: killed worker'],
        ['drill.finished', 'FAILED', '1 request failed'],
      ])
    })

    it('run starts a process for the row that it wrote; without one the drill has failed', async () => {
      const drill = await runDrill(world.as('admin'), asked())
      expect(world.plane.launchedDrills).toEqual([drill.uid])
      await finishDrill(world.as('admin'), { uid: drill.uid, status: 'SUCCEEDED', reason: '', result })
      world.plane.isDrillRefused = true
      clock.pass(1000)
      await expect(runDrill(world.as('admin'), asked())).rejects.toEqual(code('UNAVAILABLE'))
      world.plane.isDrillRefused = false
      expect((await listDrills(world.as('admin'), { name: 'hello' }))[0]).toMatchObject({
        status: 'FAILED',
        statusReason: 'its process could not be started',
      })
    })
  })
})
