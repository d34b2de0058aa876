import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeIncoming, writeMoved } from '@skykeep/persistent-path/path-state'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { examine } from '@skykeep/state/doctor'
import { judgeBackups, judgeInstallation, judgeKeys } from '@skykeep/state/judge-history'
import { describe, expect, it } from 'vitest'
import { migrationsDir, systemClock } from './fixtures/state-path.ts'

const day = 86_400_000
const installation = {
  uid: 'ins_1',
  epoch: 1,
  fence: 1,
  keyCheck: null,
  createdAtMs: 0,
  restoredAtMs: null,
  restoredFrom: '',
}

describe('what the doctor says of backups, keys and places', () => {
  it.each([
    [undefined, 0, 'ok', 'none yet'],
    [undefined, 2 * day, 'warn', 'none in backups/'],
    [2 * day, 3 * day, 'ok', 'the newest is of 1970-01-03'],
    [2 * day, 12 * day, 'warn', 'the newest is 10 days old'],
  ])('newest backup %s at %s: %s', (newest, now, status, detail) => {
    const check = judgeBackups(newest, 0, now)
    expect(check.status).toBe(status)
    expect(check.detail).toContain(detail)
  })

  it('an old key that secrets still need is a rotation to bring to its end', () => {
    const current = { version: 2, isCurrent: true, secrets: 3, backups: [] }
    expect(judgeKeys([current, { version: 1, isCurrent: false, secrets: 1, backups: [] }])).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('rotate-key'),
    })
    expect(judgeKeys([current, { version: 1, isCurrent: false, secrets: 0, backups: ['a', 'b'] }])).toEqual({
      name: 'key versions',
      status: 'ok',
      detail: 'v2 (current, 3 secrets), v1 (0 secrets, 2 backups)',
    })
  })

  it('a restored state says so; a path with the database of another one fails', () => {
    const own = { installationId: 'ins_1', epoch: 1 }
    expect(judgeInstallation(installation, own)).toMatchObject({ status: 'ok', detail: 'ins_1, epoch 1' })
    const restored = { ...installation, epoch: 2, restoredAtMs: day, restoredFrom: 'a.tar.zst' }
    expect(judgeInstallation(restored, { ...own, epoch: 2 }).detail).toContain('restored 1970-01-02')
    expect(judgeInstallation(restored, own).status).toBe('fail')
    expect(judgeInstallation(installation, { ...own, installationId: 'ins_2' }).status).toBe('fail')
  })

  it('a path whose state went elsewhere, or is not whole, says where it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skj-'))
    const { layout } = preparePath(join(folder, 'p'), false)
    const look = async () =>
      (
        await examine({
          layout,
          usesSqlite: true,
          uid: process.getuid?.() ?? 0,
          shouldFix: false,
          url: `file:${layout.stateDb}`,
          migrationsDir,
          keys: { file: layout.masterKey },
          clock: systemClock,
        } as Parameters<typeof examine>[0])
      ).find(({ name }) => name === 'place')
    expect(await look()).toBeUndefined()
    writeIncoming(layout, { kind: 'restore', from: '/b.tar.zst' })
    expect(await look()).toMatchObject({ status: 'fail', detail: expect.stringContaining('/b.tar.zst') })
    writeMoved(layout, { to: '/elsewhere', atMs: 1 })
    expect(await look()).toMatchObject({ status: 'fail', detail: expect.stringContaining('/elsewhere') })
    rmSync(folder, { recursive: true })
  })
})
