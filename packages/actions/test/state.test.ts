import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startDrill } from '@skykeep/actions/drills/start-drill'
import { startDrillInput } from '@skykeep/actions/drills/schemas'
import { listLatestDrills } from '@skykeep/actions/drills/list-latest-drills'
import { upService } from '@skykeep/actions/services/up-service'
import type { StoredBackup } from '@skykeep/actions/state-keeper'
import { startBackup, verifyBackup } from '@skykeep/actions/state/begin-work'
import { getFindings } from '@skykeep/actions/state/get-findings'
import { getMasterKey } from '@skykeep/actions/state/get-master-key'
import { getSizes } from '@skykeep/actions/state/get-sizes'
import { listBackups } from '@skykeep/actions/state/list-backups'
import { listLimits } from '@skykeep/actions/state/list-limits'
import type { EventPayload, EventType } from '@skykeep/core/events'
import { appendEvent } from '@skykeep/db/events'
import { finishDrill, insertDrill } from '@skykeep/db/drills'
import { setKeyCheck } from '@skykeep/db/installation'
import { findService } from '@skykeep/db/services'
import { keyCheckValue, keyMissing, parseKeyRing } from '@skykeep/secrets/key-ring'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { serviceYaml } from './service-yaml.ts'

const backup: StoredBackup = {
  name: 'skykeep-ins_1-20261128T031500-000Z.tar.zst',
  bytes: 4711,
  modifiedAtMs: 1_000,
  createdAtMs: 900,
  program: '0.1.0',
  hasLogs: true,
  keyVersion: 1,
}

forEachDatabase('the state', (source) => {
  let world: ActionWorld
  const clock = new FakeClock(Date.now())
  beforeAll(async () => {
    world = await createActionWorld(await source.create({ clock }), { clock })
  })
  afterAll(() => world.close())
  beforeEach(() => {
    Object.assign(world.plane, { backups: [], work: [], isWorkRefused: false, findings: [] })
    world.plane.begunWork.length = 0
    clock.pass(1000)
  })

  const tell = (type: EventType, payload: EventPayload, message = ''): Promise<number> =>
    world.services.db.transaction((tx) =>
      appendEvent(tx, { kind: 'system', uid: 'ins', type, payload, message }),
    )

  describe('backups', () => {
    it('are shown with what the last check found of this very file, and as unchecked once it was written again', async () => {
      const { name, bytes, modifiedAtMs } = backup
      const checked = { backup: name, bytes, modifiedAtMs, isIdentical: true }
      world.plane.backups = [backup]
      const shown = async () => (await listBackups(world.as('viewer'))).items[0]?.verification
      expect(await shown()).toBeNull()
      await tell('state.verified', { ...checked, isIdentical: false }, 'rows differ')
      expect(await shown()).toMatchObject({ isIdentical: false, message: 'rows differ' })
      await tell('state.verified', checked, 'identical')
      expect(await shown()).toEqual({ isIdentical: true, message: 'identical', atMs: clock.now() })
      world.plane.backups = [{ ...backup, modifiedAtMs: 2_000 }]
      expect(await shown()).toBeNull()
      expect(await listBackups(world.as('viewer'))).toMatchObject({
        folder: world.layout.backupsDir,
        kept: 7,
        items: [{ name, bytes, createdAtMs: 900 }],
      })
    })

    it('a failure is shown until the same work has come through', async () => {
      const failures = async () => (await listBackups(world.as('viewer'))).failures
      await tell('state.failed', { work: 'backup' }, 'A backup failed: the disk is full.')
      expect(await failures()).toEqual([
        { kind: 'backup', atMs: clock.now(), message: 'A backup failed: the disk is full.' },
      ])
      await tell('state.failed', { work: 'verify' }, 'The check of a backup failed.')
      await tell('state.backed-up', {})
      expect(await failures()).toMatchObject([{ kind: 'verify' }])
    })

    it('are begun by admins alone, one at a time, with the name of who asked', async () => {
      const admin = world.as('admin')
      const askedBy = admin.actor.userUid
      for (const role of ['user', 'viewer'] as const) {
        const refused = { code: 'FORBIDDEN' }
        await expect(startBackup(world.as(role))).rejects.toMatchObject(refused)
        await expect(verifyBackup(world.as(role), backup)).rejects.toMatchObject(refused)
      }
      await expect(verifyBackup(admin, { name: '../keys/master.key' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      world.plane.backups = [backup]
      await startBackup(admin)
      await verifyBackup(admin, { name: backup.name })
      expect(world.plane.begunWork).toEqual([
        { kind: 'backup', askedBy },
        { kind: 'verify', askedBy, backup: backup.name },
      ])
      world.plane.work = [{ kind: 'backup', pid: 7 }]
      await expect(startBackup(admin)).rejects.toMatchObject({ code: 'CONFLICT' })
      await verifyBackup(admin, { name: backup.name })
      world.plane.isWorkRefused = true
      world.plane.work = []
      await expect(startBackup(admin)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        hint: expect.stringContaining('skykeep state backup'),
      })
    })
  })

  it('findings, sizes and limits are for everybody who may look', async () => {
    const viewer = world.as('viewer')
    const finding = { name: 'fsync', status: 'warn', detail: 'slow', fix: 'Use a faster disk.' } as const
    world.plane.findings = [finding]
    expect((await getFindings(viewer)).findings).toEqual([finding])
    world.plane.findings = null
    await expect(getFindings(viewer)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const { databaseBytes, walBytes, parts } = await getSizes(viewer)
    expect(databaseBytes).toBeGreaterThan(10_000)
    expect(walBytes).toBe(source.kind === 'sqlite' ? 4096 : null)
    expect(parts).toMatchObject([{ name: 'logs', bytes: 8192 }])
    const limits = listLimits(viewer)
    expect(limits.find(({ key }) => key === 'retention.events')).toMatchObject({
      value: 5000,
      usual: 200_000,
    })
    expect(limits.every(({ meaning }) => meaning.length > 5)).toBe(true)
  })

  describe('the master key', () => {
    const shown = (keyRing = world.services.keyRing) => getMasterKey({ ...world.as('viewer'), keyRing })
    const lost = (): never => {
      throw keyMissing('keys/master.key cannot be read (ENOENT)')
    }

    it('that nothing needed yet is no problem, there or not', async () => {
      expect(await shown()).toMatchObject({ source: 'file', status: 'unused', version: 1 })
      expect(await shown(lost)).toMatchObject({ status: 'unused', problem: null, version: null })
    })

    it('is the right one, another one, or lost; when it was rotated is in the log; the key is never shown', async () => {
      const { db, keyRing } = world.services
      await db.transaction((tx) => setKeyCheck(tx, keyCheckValue(keyRing().current)))
      expect(await shown()).toMatchObject({ status: 'ok', problem: null, rotatedAtMs: null })
      const rotatedAtMs = clock.now()
      await tell('key.rotated', { version: 1 })
      expect(await shown()).toMatchObject({ rotatedAtMs, olderVersions: [] })
      const other = parseKeyRing(Buffer.alloc(32, 7).toString('base64'), 'the test')
      expect(await shown(() => other)).toMatchObject({ status: 'lost', version: null })
      const gone = await shown(lost)
      expect(gone).toMatchObject({ status: 'lost', hint: expect.stringContaining('original key') })
      expect(gone.problem).toContain('cannot be read')
      expect(JSON.stringify(await shown())).not.toContain(keyRing().current.bytes.toString('base64'))
    })
  })

  it('the last drill of each living service is listed, newest first, and those without one are counted', async () => {
    const { db } = world.services
    const admin = world.as('admin')
    for (const name of ['one', 'two', 'never']) await upService(admin, { yaml: serviceYaml({ name }) })
    expect(await listLatestDrills(world.as('viewer'))).toEqual({ drills: [], undrilledServices: 3 })
    await expect(
      startDrill(admin, startDrillInput.parse({ name: 'one', target: 'worker' })),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
    for (const [uid, name] of [
      ['drl_1', 'one'],
      ['drl_2', 'two'],
      ['drl_3', 'one'],
    ] as const) {
      clock.pass(1000)
      const service = await findService(db, 'default', name)
      await db.transaction(async (tx) => {
        await insertDrill(tx, {
          uid,
          serviceUid: service?.uid ?? '',
          serviceName: name,
          target: 'worker',
          repeats: 1,
          startedBy: admin.actor.userUid,
          expiresAtMs: clock.now() + 1000,
        })
        await finishDrill(tx, uid, { status: 'SUCCEEDED', statusReason: 'kept', result: null })
      })
    }
    const { drills, undrilledServices } = await listLatestDrills(world.as('viewer'))
    expect(drills.map(({ uid, serviceName }) => [uid, serviceName])).toEqual([
      ['drl_3', 'one'],
      ['drl_2', 'two'],
    ])
    expect(undrilledServices).toBe(1)
  })
})
