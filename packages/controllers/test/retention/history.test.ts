import { afterEach, expect, it } from 'vitest'
import { insertScalingDecision, listScalingDecisions } from '@skykeep/db/autoscaling'
import { insertDrill, finishDrill, listDrills } from '@skykeep/db/drills'
import { appendEvent, countEvents, eventBounds, listEvents } from '@skykeep/db/events'
import { raiseFence } from '@skykeep/db/fence'
import { findIdempotencyRecord, insertIdempotencyRecord } from '@skykeep/db/idempotency-keys'
import { claimDue } from '@skykeep/db/leases'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { listOperations } from '@skykeep/db/operations'
import { insertRecoveryReport, listRecoveryReports } from '@skykeep/db/recovery-reports'
import { recordCounts, readCounts } from '@skykeep/db/request-counts'
import { insertRollout, listRollouts } from '@skykeep/db/rollouts'
import { transition } from '@skykeep/db/transition'
import { insertUnfinished, listUnfinished } from '@skykeep/db/unfinished-requests'
import type { SecondCounts, UnfinishedRequest } from '@skykeep/core/routes'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { readCoverage, sumTraffic } from '@skykeep/db/traffic-reads'
import { noteCoverage } from '@skykeep/db/traffic-rollups'
import { insertUser } from '@skykeep/db/users'
import { forEachDatabase } from '@skykeep/testing/databases'
import { dayMs, hourMs, RetentionWorld, rowsOf } from './retention-world.ts'

let world: RetentionWorld | undefined
afterEach(() => world?.destroy())

forEachDatabase('retention of rows', (source) => {
  it('events stay within their number, and a cursor below is told to list again', async () => {
    world = await RetentionWorld.create(source)
    const { database } = world
    for (let round = 0; round < 11; round += 1) {
      await world.write(async (tx) => {
        for (let made = 0; made < 100; made += 1)
          await appendEvent(tx, { kind: 'system', uid: `${round}-${made}`, type: 'plane.started' })
      })
    }
    const retention = world.retention({ events: 150 })
    await world.pass(retention)
    expect(await countEvents(database)).toBe(150)
    expect(await eventBounds(database)).toEqual({ lastSeq: 1_100, floorSeq: 950 })
    await expect(listEvents(database, { afterSeq: 900 })).rejects.toMatchObject({ code: 'CURSOR_TOO_OLD' })
    expect(await listEvents(database, { afterSeq: 950, limit: 1000 })).toHaveLength(150)
    expect(await listEvents(database, { types: ['history.pruned'] }), 'nobody looks for them').toEqual([])
  })

  it('old events go, up to the first that is young', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const append = (uid: string): Promise<number> =>
      world?.write((tx) => appendEvent(tx, { kind: 'system', uid, type: 'plane.started' })) ??
      Promise.reject()
    await append('old')
    clock.pass(50 * dayMs)
    await append('middle')
    // Written while the clock stood wrong.
    clock.jump(-80 * dayMs)
    await append('wrong')
    clock.jump(80 * dayMs)
    await append('young')
    clock.pass(45 * dayMs)
    await world.pass(world.retention({ eventDays: 90 }))
    expect((await listEvents(database)).map(({ uid }) => uid)).toEqual(['young', 'wrong', 'middle'])
  })

  it('invariant 5: a wall clock that jumps ahead makes nothing too old until it has run on for an hour', async () => {
    world = await RetentionWorld.create(source)
    const { clock, database } = world
    await world.write((tx) => appendEvent(tx, { kind: 'system', uid: 'a', type: 'plane.started' }))
    const began = world.fresh({ eventDays: 90 })
    clock.jump(3_650 * dayMs)
    for (let minute = 0; minute < 59; minute += 1) {
      await began.pass()
      clock.pass(60_000)
    }
    expect(await countEvents(database)).toBe(1)
    clock.jump(-3_650 * dayMs)
    for (let hour = 0; hour < 3; hour += 1) await world.pass(began)
    expect(await countEvents(database)).toBe(1)
    clock.pass(91 * dayMs)
    await world.pass(began)
    expect(await countEvents(database)).toBe(0)
  })

  it('decisions, reports, rollouts and drills: the newest of each service stay, and what is under way', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const [busy, calm] = [await world.service('busy'), await world.service('calm')]
    for (const [{ uid: serviceUid, name: serviceName }, count] of [
      [busy, 8],
      [calm, 2],
    ] as const) {
      for (let made = 0; made < count; made += 1) {
        clock.pass(1_000)
        const uid = `${serviceName}-${made}`
        await world.write(async (tx) => {
          const decision = {
            uid,
            serviceUid,
            fromReplicas: made,
            toReplicas: made + 1,
            reason: 'LOAD',
            message: '',
          }
          await insertScalingDecision(tx, { decision: { ...decision, terms: {} }, serviceName })
          const lists = {
            adoptedReplicas: [],
            resumedLaunches: [],
            resumedTeardowns: [],
            orphans: [],
            runningRequests: [],
            unfinishedRequests: [],
          }
          const report = {
            uid,
            serviceUid,
            trigger: 't',
            endpointPort: 1,
            targetReplicas: 1,
            targetVersion: 1,
          }
          await insertRecoveryReport(tx, { report: { ...report, ...lists }, serviceName, message: '' })
          const settings = { ...defaultUpdatePolicy, mode: 'rolling' as const }
          const rollout = { uid, serviceUid, serviceName, operationUid: '', fromVersion: 1, toVersion: 2 }
          await insertRollout(tx, { ...rollout, mode: 'rolling', settings, createdBy: 'usr_a' })
          // The oldest one is still under way.
          if (made > 0) await transition(tx, { kind: 'rollout', uid, to: 'SUCCEEDED', reason: 'DONE' })
          const drill = {
            uid,
            serviceUid,
            serviceName,
            target: 'worker' as const,
            repeats: 1,
            startedBy: 'usr_a',
          }
          await insertDrill(tx, { ...drill, expiresAtMs: clock.now() })
          if (made > 0) await finishDrill(tx, uid, { status: 'SUCCEEDED', statusReason: '', result: null })
        })
      }
    }
    await world.pass(world.retention({ decisions: 3, recoveryReports: 3, rollouts: 3, drills: 3 }))
    const uidsOf = (rows: readonly { readonly uid: string }[]): readonly string[] =>
      rows.map(({ uid }) => uid)
    const newest = ['busy-7', 'busy-6', 'busy-5']
    expect(uidsOf(await listScalingDecisions(database, busy.uid))).toEqual(newest)
    expect(uidsOf(await listRecoveryReports(database, busy.uid))).toEqual(newest)
    expect(uidsOf(await listRollouts(database, busy.uid))).toEqual([...newest, 'busy-0'])
    expect(uidsOf(await listDrills(database, busy.uid))).toEqual([...newest, 'busy-0'])
    expect(await listScalingDecisions(database, calm.uid)).toHaveLength(2)
    const [told] = await listEvents(database, { types: ['history.pruned'] })
    expect(told?.payload).toEqual({ recoveryReports: 5, rollouts: 4, drills: 4 })
  })

  it('operations that ended: the newest stay, as does what runs or is held by a controller', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const service = await world.service('hello')
    const running = await world.operation(service, false)
    const held = await world.operation(service)
    const observer = new LeaseObserver({ clock, leaseMs: 15_000 })
    const claim = { kind: 'operation', owner: 'me', limit: 5, isSuspect: false, observer } as const
    expect((await claimDue(database, claim)).map(({ uid }) => uid).toSorted()).toEqual([running, held])
    for (let made = 0; made < 10; made += 1) {
      clock.pass(1_000)
      await world.operation(service)
    }
    const rowsBefore = await rowsOf(database, 'reconciliation')
    await world.pass(world.retention({ operations: 4 }))
    const { items } = await listOperations(database)
    expect(items).toHaveLength(6)
    expect(items.slice(-2).map(({ uid }) => uid)).toEqual([held, running])
    expect(await rowsOf(database, 'reconciliation'), 'the engine’s part goes with it').toBe(rowsBefore - 6)
  })

  it('unfinished requests stay within their number and age, for each service', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const insert = (serviceUid: string, epoch: string, count: number): Promise<unknown> =>
      world?.write((tx) => {
        const rest = { serviceUid, serviceName: '', method: 'GET', path: '/', replicaUid: null, sinceMs: 1 }
        const requests = Array.from({ length: count }, (_, index) => {
          const request: UnfinishedRequest = { id: `${serviceUid}-${index}`, kind: 'request', ...rest }
          return request
        })
        return insertUnfinished(tx, epoch, requests)
      }) ?? Promise.reject()
    await insert('svc_b', 'e0', 5)
    clock.pass(20 * dayMs)
    await insert('svc_a', 'e1', 8)
    clock.pass(1_000)
    await insert('svc_a', 'e2', 8)
    await insert('svc_b', 'e3', 1)
    clock.pass(15 * dayMs)
    await world.pass(world.retention({ unfinishedRequests: 10, unfinishedRequestDays: 30 }))
    expect(await listUnfinished(database, { serviceUid: 'svc_a' })).toHaveLength(10)
    expect(await listUnfinished(database, { epoch: 'e2' }), 'the newest').toHaveLength(8)
    expect(await listUnfinished(database, { serviceUid: 'svc_b' }), 'one is young').toHaveLength(1)
  })

  it('requests for charts go, each step after its own time, and with them where they were whole', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const second = Math.floor(clock.now() / 1_000)
    const counts: SecondCounts[] = Array.from({ length: 600 }, (_, at) => ({
      seq: at + 1,
      serviceUid: 'svc_a',
      second: second + at,
      epoch: 'e1',
      version: 1,
      replicaId: 1,
      started: 0,
      ended: 1,
      failed: 0,
      byClass: [1, 0, 0, 0],
      sumMs: 1,
      inFlightPeak: 1,
    }))
    await world.write(async (tx) => {
      await recordCounts(tx, { epoch: 'e1', counts, lastSeq: 600 })
      await noteCoverage(tx, second, second + 599)
    })
    const sums = async (stepSeconds: number): Promise<number> => {
      const range = { stepSeconds, fromSecond: 0, toSecond: second + 1_000 }
      return (await sumTraffic(database, range)).get('svc_a')?.ended ?? 0
    }
    const retention = world.retention()
    clock.pass(hourMs)
    await retention.pass()
    expect([await sums(5), await sums(60)]).toEqual([600, 600])
    clock.pass(2 * hourMs)
    await retention.pass()
    expect([await sums(5), await sums(60)]).toEqual([0, 600])
    expect(await readCoverage(database, 0)).toHaveLength(1)
    for (let hour = 0; hour < 25; hour += 1) {
      clock.pass(hourMs)
      await retention.pass()
    }
    expect([await sums(60), await readCoverage(database, 0)]).toEqual([0, []])
  })

  it('answers kept for an Idempotency-Key go after their hours, in batches, and no younger one', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const keep = (from: number, count: number): Promise<unknown> =>
      world?.write(async (tx) => {
        await insertUser(tx, { uid: `usr_${from}`, name: `person-${from}`, role: 'user' })
        for (let made = 0; made < count; made += 1) {
          const record = { keyHash: `${made}`, procedure: 'services.pause', requestHash: 'x', answer: null }
          await insertIdempotencyRecord(tx, { ...record, userUid: `usr_${from}` }, dayMs)
        }
      }) ?? Promise.reject()
    await keep(1, 600)
    clock.pass(5 * hourMs)
    await keep(2, 3)
    clock.pass(hourMs + 1)
    await world.pass(world.retention({ idempotencyKeyHours: 6 }))
    expect(await rowsOf(database, 'idempotencyKey')).toBe(3)
    expect(await findIdempotencyRecord(database, { userUid: 'usr_2', keyHash: '0' }, dayMs)).not.toBeNull()
    clock.pass(5 * hourMs)
    await world.pass(world.retention({ idempotencyKeyHours: 6 }))
    expect(await rowsOf(database, 'idempotencyKey')).toBe(0)
    expect(await listEvents(database, { types: ['history.pruned'] }), 'nobody looks for them').toEqual([])
  })

  it('counts that the ring left behind go after an hour, also of services that are gone', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const nowSecond = Math.floor(clock.now() / 1_000)
    const count = (seq: number, serviceUid: string, second: number): SecondCounts => ({
      seq,
      serviceUid,
      second,
      epoch: 'e1',
      started: 1,
      ended: 1,
      failed: 0,
      byClass: [1, 0, 0, 0],
      sumMs: 1,
      inFlightPeak: 1,
    })
    const counts = Array.from({ length: 700 }, (_, index) =>
      count(index + 1, 'svc_a', nowSecond - 700 + index),
    )
    await world.write((tx) => recordCounts(tx, { epoch: 'e1', counts, lastSeq: 700 }))
    const retention = world.retention()
    clock.pass(hourMs)
    const youngSecond = Math.floor(clock.now() / 1_000)
    const young = [count(701, 'svc_a', youngSecond), count(702, 'svc_b', youngSecond)]
    await world.write((tx) => recordCounts(tx, { epoch: 'e1', counts: young, lastSeq: 702 }))
    await retention.pass()
    expect(await rowsOf(database, 'requestCount')).toBe(2)
    const range = { fromSecond: 0, toSecond: youngSecond }
    expect(await readCounts(database, { serviceUid: 'svc_a', ...range })).toHaveLength(1)
  })

  it('a plane that was replaced removes nothing', async () => {
    world = await RetentionWorld.create(source)
    const { database, layout, clock } = world
    const service = await world.service('hello')
    for (let made = 0; made < 6; made += 1) await world.operation(service)
    const upload = `${layout.uploadsDir}/usr.upl_a.tar`
    world.file(upload, clock.now())
    const retention = world.retention({ operations: 2 })
    await raiseFence(database)
    clock.pass(60 * dayMs)
    await expect(retention.pass()).rejects.toMatchObject({ code: 'FENCED' })
    expect((await listOperations(database)).total).toBe(6)
    expect(world.names(layout.uploadsDir)).toEqual(['usr.upl_a.tar'])
  })

  it('what went is told at most once an hour, all together', async () => {
    world = await RetentionWorld.create(source)
    const { database, clock } = world
    const service = await world.service('hello')
    const retention = world.retention({ operations: 1 })
    const told = async (): Promise<readonly unknown[]> =>
      (await listEvents(database, { types: ['history.pruned'] })).map(({ payload }) => payload)
    for (let round = 0; round < 3; round += 1) {
      for (let made = 0; made < 2; made += 1) {
        clock.pass(1_000)
        await world.operation(service)
      }
      clock.pass(10 * 60_000)
      await retention.pass()
    }
    expect(await told()).toEqual([{ operations: 1 }])
    clock.pass(hourMs)
    await retention.pass()
    expect(await told()).toEqual([{ operations: 4 }, { operations: 1 }])
    clock.pass(hourMs)
    await retention.pass()
    expect(await told()).toHaveLength(2)
  })

  it('while storage is degraded no row goes', async () => {
    world = await RetentionWorld.create(source)
    const service = await world.service('hello')
    for (let made = 0; made < 6; made += 1) await world.operation(service)
    const retention = world.retention({ operations: 2 })
    world.health.state = { state: 'degraded', reason: 'full', sinceMs: 0 }
    await world.pass(retention)
    expect((await listOperations(world.database)).total).toBe(6)
    world.health.state = { state: 'ok', reason: '', sinceMs: null }
    await world.pass(retention)
    expect((await listOperations(world.database)).total).toBe(2)
  })
})
