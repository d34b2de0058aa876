import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActionContext } from '@skykeep/actions/context'
import { retryOperation } from '@skykeep/actions/operations/retry-operation'
import { compareVersions } from '@skykeep/actions/services/compare-versions'
import { downService } from '@skykeep/actions/services/down-service'
import { getHistory } from '@skykeep/actions/services/get-history'
import { getService } from '@skykeep/actions/services/get-service'
import { pauseService } from '@skykeep/actions/services/pause-service'
import { resumeService } from '@skykeep/actions/services/resume-service'
import { reviveService } from '@skykeep/actions/services/revive-service'
import { rollbackService } from '@skykeep/actions/services/rollback-service'
import { setSchedule } from '@skykeep/actions/services/set-schedule'
import { terminateReplica } from '@skykeep/actions/services/terminate-replica'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import type { ScheduleSpec } from '@skykeep/core/service-spec'
import type { RolloutStatus } from '@skykeep/core/statuses'
import { listEvents } from '@skykeep/db/events'
import { getOperation, listOperations } from '@skykeep/db/operations'
import { listSetAside } from '@skykeep/db/reconciliations'
import { findRunningRollout } from '@skykeep/db/rollouts'
import * as rows from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { readyReplicas } from './replicas-of.ts'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase("a service's life", (source) => {
  let world: ActionWorld
  let user: ActionContext

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    user = world.as('user')
  })
  afterAll(() => world.close())

  const up = async (name: string): Promise<string> =>
    (await upService(user, { yaml: serviceYaml({ name }) })).serviceUid
  const update = (name: string, run: string) =>
    updateService(user, { name, yaml: serviceYaml({ name, run }) })
  /** Ends the rollout that runs, as the controller does. */
  const finish = async (uid: string, way: readonly RolloutStatus[]): Promise<void> => {
    const rollout = await findRunningRollout(world.services.db, uid)
    if (rollout === null) throw new Error('no rollout runs')
    await world.services.db.transaction(async (tx) => {
      for (const to of way) await transition(tx, { kind: 'rollout', uid: rollout.uid, to, reason: 'TEST' })
      const isDone = way.at(-1) === 'SUCCEEDED'
      const version = isDone ? rollout.toVersion : rollout.fromVersion
      await rows.updateService(tx, uid, { targetVersion: version, stableVersion: version })
    })
  }
  const setAside = (...uids: readonly string[]): Promise<unknown> =>
    world.services.db.transaction((tx) =>
      tx.client.reconciliation.updateMany({
        where: { uid: { in: [...uids] } },
        data: { setAsideReason: 'killed its worker', nextReconcileAtMs: null },
      }),
    )

  describe('rollback', () => {
    it('goes to the newest earlier version that was once stable, with its own settings, and to a named one', async () => {
      const uid = await up('roll')
      await world.services.db.transaction((tx) => rows.updateService(tx, uid, { stableVersion: 1 }))
      await update('roll', 'two')
      await finish(uid, ['ROLLING_BACK', 'ROLLED_BACK'])
      await update('roll', 'three')
      await finish(uid, ['SUCCEEDED'])
      const back = await rollbackService(user, { name: 'roll' })
      expect(back).toMatchObject({ fromVersion: 3, toVersion: 1, keepsReplicas: false, mode: 'rolling' })
      expect(await findRunningRollout(world.services.db, uid)).toMatchObject({ fromVersion: 3, toVersion: 1 })
      expect(await getOperation(world.services.db, back.operationUid ?? '')).toMatchObject({
        verb: 'serve.rollback',
        details: { fromVersion: 3, toVersion: 1 },
      })
      expect(await rows.getService(world.services.db, uid)).toMatchObject({ desiredVersion: 1 })
      const named = await rollbackService(user, { name: 'roll', to: 2, policy: { mode: 'canary' } })
      expect(named).toMatchObject({ toVersion: 2, mode: 'canary' })
      expect((await getHistory(user, { name: 'roll' })).rollouts.map(({ status }) => status)).toEqual([
        'PROGRESSING',
        'SUPERSEDED',
        'SUCCEEDED',
        'ROLLED_BACK',
      ])
    })

    it('to what runs already changes nothing; after an automatic one it makes that the wish', async () => {
      const uid = await up('here')
      await world.services.db.transaction((tx) => rows.updateService(tx, uid, { stableVersion: 1 }))
      expect(await rollbackService(user, { name: 'here', to: 1 })).toMatchObject({
        operationUid: null,
        note: 'here is at version 1 already; nothing was changed.',
      })
      await update('here', 'two')
      await finish(uid, ['ROLLING_BACK', 'ROLLED_BACK'])
      expect(await rollbackService(user, { name: 'here' })).toMatchObject({
        toVersion: 1,
        keepsReplicas: true,
        operationUid: expect.any(String),
      })
    })

    it('is refused by name where there is nothing to go back to, and where its files are gone', async () => {
      const uid = await up('first')
      const refusal = (code: string, message: RegExp): unknown =>
        expect.objectContaining({ code, userMessage: expect.stringMatching(message) })
      await expect(rollbackService(user, { name: 'first' })).rejects.toEqual(
        refusal('CONFLICT', /no version before 1/),
      )
      await expect(rollbackService(user, { name: 'first', to: 9 })).rejects.toEqual(
        refusal('NOT_FOUND', /no version 9/),
      )
      await update('first', 'two')
      rmSync(world.layout.versionDir(uid, 1), { recursive: true })
      await expect(rollbackService(user, { name: 'first' })).rejects.toEqual(
        refusal('CONFLICT', /files of version 1 of first are not kept/),
      )
    })
  })

  it('history shows each version with who made it; two of them are compared by their meaning', async () => {
    await up('told')
    await update('told', 'node two.js')
    const history = await getHistory(world.as('viewer'), { name: 'told' })
    expect(history).toMatchObject({
      desiredVersion: 2,
      targetVersion: 1,
      versions: [
        { version: 2, taskVersion: 2, createdBy: 'the-user' },
        { version: 1, taskVersion: 1 },
      ],
      rollouts: [{ toVersion: 2, status: 'PROGRESSING' }],
    })
    const diff = await compareVersions(world.as('viewer'), { name: 'told', from: 1, to: 2 })
    expect(diff).toMatchObject({
      fromVersion: 1,
      toVersion: 2,
      keepsReplicas: false,
      changes: [{ path: 'run', before: '"node server.js"', after: '"node two.js"' }],
    })
    expect(diff.yaml).toContain('-run: node server.js\n+run: node two.js\n')
    await expect(compareVersions(user, { name: 'told', from: 1, to: 5 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('pause and resume change the wish once, however often they are asked for', async () => {
    const uid = await up('nap')
    const first = await pauseService(user, { name: 'nap' })
    expect(await pauseService(user, { name: 'nap' })).toEqual(first)
    expect(await rows.getService(world.services.db, uid)).toMatchObject({ isPaused: true, generation: 2 })
    expect(await getService(user, { name: 'nap' })).toMatchObject({ isPaused: true })
    const resumed = await resumeService(user, { name: 'nap' })
    expect(await rows.getService(world.services.db, uid)).toMatchObject({ isPaused: false, generation: 3 })
    const verbs = (await listOperations(world.services.db, { targetUid: uid })).items.map(({ verb }) => verb)
    expect(verbs.toSorted()).toEqual(['serve.pause', 'serve.resume', 'serve.up'])
    expect(await getOperation(world.services.db, resumed.operationUid)).toMatchObject({ status: 'PENDING' })
  })

  it('a schedule wins over the YAML, is shown with its next change, and is taken back', async () => {
    const uid = await up('hours')
    const schedule: ScheduleSpec = {
      timeZone: 'Europe/Berlin',
      offHours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '20:00', to: '07:00' }],
      replicas: 0,
      warmUpMinutes: 10,
    }
    await setSchedule(user, { name: 'hours', schedule })
    const { schedule: shown } = await getService(user, { name: 'hours' })
    expect(shown).toMatchObject({ spec: schedule, isOverride: true, nextChangeAtMs: expect.any(Number) })
    expect(shown?.nextChangeAtMs).toBeGreaterThan(Date.now())
    await setSchedule(user, { name: 'hours', schedule: { ...schedule, offHours: [] } })
    expect(await getService(user, { name: 'hours' })).toMatchObject({ schedule: null })
    await setSchedule(user, { name: 'hours', schedule: null })
    expect(await rows.getService(world.services.db, uid)).toMatchObject({ schedule: null })
    await expect(
      setSchedule(user, { name: 'hours', schedule: { ...schedule, timeZone: 'Europe/Berlyn' } }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('Europe/Berlin') })
    const messages = (await listEvents(world.services.db, { uid, limit: 10 })).map(({ message }) => message)
    expect(messages).toContain('the-user gave the off-hours back to the YAML of hours.')
  })

  it('one replica is asked to end by its number; one that ended or is none is refused', async () => {
    const uid = await up('one')
    const [first = ''] = await readyReplicas(world, { uid, name: 'one' }, { version: 1, count: 1 })
    const asked = await terminateReplica(user, { name: 'one', replicaId: 1 })
    expect(await getOperation(world.services.db, asked.operationUid)).toMatchObject({
      verb: 'serve.terminate-replica',
      details: { replicaId: 1, replicaUid: first },
    })
    await expect(terminateReplica(user, { name: 'one', replicaId: 7 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      userMessage: 'one has no replica 7.',
    })
    await world.services.db.transaction(async (tx) => {
      for (const to of ['SHUTTING_DOWN', 'TERMINATED'] as const)
        await transition(tx, { kind: 'replica', uid: first, to, reason: 'TEST' })
    })
    await expect(terminateReplica(user, { name: 'one', replicaId: 1 })).rejects.toMatchObject({
      code: 'CONFLICT',
      userMessage: 'Replica 1 of one has ended.',
    })
  })

  describe('what was set aside', () => {
    it('is brought back by serve up, with the YAML or the name, and said', async () => {
      const yaml = serviceYaml({ name: 'aside' })
      const { serviceUid: uid, operationUid } = await upService(user, { yaml })
      const [replica = ''] = await readyReplicas(world, { uid, name: 'aside' }, { version: 1, count: 1 })
      await setAside(uid, replica)
      expect(await getService(user, { name: 'aside' })).toMatchObject({ status: 'CONTROLLER_FAILED' })
      expect((await upService(user, { yaml })).note).toBe(
        'Of aside had been set aside and are tried again: the service, replica 1.',
      )
      expect(await listSetAside(world.services.db)).toEqual([])
      await setAside(operationUid ?? '')
      expect((await reviveService(user, { name: 'aside' })).note).toBe(
        'Of aside had been set aside and is tried again: the operation serve.up.',
      )
      expect((await reviveService(user, { name: 'aside' })).note).toBeNull()
      const events = await listEvents(world.services.db, { uid, limit: 10 })
      expect(events.map(({ reason }) => reason)).toContain('BROUGHT_BACK')
    })

    it('is brought back by ops retry; what was not set aside or has ended is refused', async () => {
      const { serviceUid, operationUid } = await upService(user, { yaml: serviceYaml({ name: 'ops' }) })
      const uid = operationUid ?? ''
      await expect(retryOperation(user, { uid })).rejects.toMatchObject({ code: 'CONFLICT' })
      await setAside(uid, serviceUid)
      expect(await retryOperation(user, { uid })).toEqual({ operationUid: uid, name: 'ops' })
      expect(await listSetAside(world.services.db)).toEqual([])
      await world.services.db.transaction((tx) =>
        transition(tx, { kind: 'operation', uid, to: 'SUCCEEDED', reason: 'TEST' }),
      )
      await expect(retryOperation(user, { uid })).rejects.toMatchObject({
        code: 'CONFLICT',
        userMessage: 'serve.up of ops has ended (SUCCEEDED): there is nothing to try again.',
      })
    })

    it('is tried again with each new wish, also that of its end', async () => {
      const uid = await up('wish')
      const wishes: readonly (() => Promise<unknown>)[] = [
        () => update('wish', 'two'),
        () => pauseService(user, { name: 'wish' }),
        () => downService(user, { name: 'wish' }),
        () => downService(user, { name: 'wish' }),
      ]
      for (const wish of wishes) {
        await setAside(uid)
        await wish()
        expect(await listSetAside(world.services.db)).toEqual([])
      }
    })
  })

  it('a viewer may look and change nothing; of a service that goes nothing is changed', async () => {
    await up('guarded')
    const name = { name: 'guarded' }
    const asks = (context: ActionContext): readonly (() => Promise<unknown>)[] => [
      () => rollbackService(context, name),
      () => pauseService(context, name),
      () => resumeService(context, name),
      () => setSchedule(context, { ...name, schedule: null }),
      () => terminateReplica(context, { ...name, replicaId: 1 }),
      () => reviveService(context, name),
    ]
    for (const ask of asks(world.as('viewer')))
      await expect(ask()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await downService(user, name)
    for (const ask of asks(user)) await expect(ask()).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})
