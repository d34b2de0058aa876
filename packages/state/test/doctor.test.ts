import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '@skykeep/db/connect'
import { ensureInstallation, setKeyCheck } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { resolvePersistentPath } from '@skykeep/persistent-path/resolve'
import { writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { createKeyFile, loadKeyRing } from '@skykeep/secrets/key-file'
import { keyCheckValue } from '@skykeep/secrets/key-ring'
import { type Check, worstOf } from '@skykeep/state/check'
import { examine } from '@skykeep/state/doctor'
import {
  judgeFsync,
  judgeHolder,
  judgeLocking,
  judgeModes,
  judgeReserve,
  judgeRuntimeFiles,
  judgeSchema,
  judgeSpace,
} from '@skykeep/state/judge'
import { redactUrl, whereIs } from '@skykeep/state/where'

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
const migrationsDir = join(import.meta.dirname, '..', '..', '..', 'prisma', 'migrations')
let folder = ''
let layout: Layout
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skd-'))
  layout = layoutOf(join(folder, 'p'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (shouldFix = false): Promise<readonly Check[]> =>
  examine({
    layout,
    usesSqlite: true,
    uid: process.getuid?.() ?? 0,
    shouldFix,
    url: `file:${layout.stateDb}`,
    migrationsDir,
    keys: { file: layout.masterKey },
    clock,
  })
const named = (checks: readonly Check[], name: string): Check | undefined =>
  checks.find((check) => check.name === name)
const makeDatabase = async (): Promise<void> => {
  const url = `file:${layout.stateDb}`
  await migrate({ url, migrationsDir, clock, programVersion: '0.1.0' })
  createKeyFile(layout.masterKey)
  const database = await openDatabase({ url, clock })
  await ensureInstallation(database, 'ins_1')
  const stored = keyCheckValue(loadKeyRing({ file: layout.masterKey }).current)
  await database.transaction((tx) => setKeyCheck(tx, stored))
  await database.close()
}

describe('state doctor', { timeout: 60_000 }, () => {
  it('says that a path does not exist yet, and makes nothing', async () => {
    expect(await run()).toMatchObject([{ name: 'path', status: 'warn', fix: 'npm start' }])
    expect(statSync(layout.root, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('finds nothing wrong with a fresh, used path', async () => {
    preparePath(layout.root, true)
    await makeDatabase()
    const checks = await run()
    expect(checks.map((check) => check.name)).toEqual([
      'path',
      'owner and modes',
      'file system',
      'free space',
      'disk reserve',
      'fsync',
      'locking',
      'one writer',
      'runtime files',
      'schema',
      'master key',
      'installation',
      'backups',
      'key versions',
    ])
    for (const name of [
      'owner and modes',
      'locking',
      'one writer',
      'runtime files',
      'schema',
      'master key',
    ]) {
      expect(named(checks, name)?.status, name).toBe('ok')
    }
    expect(checks.every((check) => check.status === 'ok' || check.fix !== undefined)).toBe(true)
  })

  it('finds open modes, and mends them only when asked', async () => {
    preparePath(layout.root, true)
    chmodSync(layout.keysDir, 0o750)
    expect(named(await run(), 'owner and modes')).toMatchObject({
      status: 'fail',
      fix: 'skykeep state doctor --fix',
    })
    expect(statSync(layout.keysDir).mode & 0o777).toBe(0o750)
    expect(named(await run(true), 'owner and modes')?.status).toBe('ok')
    expect(statSync(layout.keysDir).mode & 0o777).toBe(0o700)
  })

  it('names records without a process, and a lost master key', async () => {
    preparePath(layout.root, true)
    await makeDatabase()
    const dead = { ...selfIdentity(), startTime: 1 }
    writeProcessRecord(layout, { name: 'worker', startedAtMs: 0, build: 'b', ...dead })
    writeFileSync(layout.processFile('web'), 'junk', { mode: 0o600 })
    rmSync(layout.masterKey)
    const checks = await run()
    expect(named(checks, 'runtime files')).toMatchObject({
      status: 'warn',
      detail: 'no process belongs to: web, worker',
    })
    expect(named(checks, 'master key')?.status).toBe('fail')
    expect(named(checks, 'master key')?.detail).toContain(`${layout.masterKey} cannot be read`)
    expect(worstOf(checks)).toBe('fail')
  })
})

describe('judgements', () => {
  const mib = 1 << 20
  const finding = (problem: 'mode' | 'parent'): Parameters<typeof judgeModes>[0][number] => ({
    path: '/p',
    problem,
    detail: 'd',
    fix: 'f',
  })
  const holder = { pid: 7, hostname: 'h' }
  it.each<[string, Check, Check['status'], string]>([
    ['no findings', judgeModes([]), 'ok', '0700'],
    ['a mode', judgeModes([finding('mode')]), 'fail', 'd'],
    ['two findings', judgeModes([finding('mode'), finding('parent')]), 'fail', 'and 1 more'],
    [
      'plenty of space',
      judgeSpace({ freeBytes: 300 * mib, totalBytes: 900 * mib, freeFiles: undefined }),
      'ok',
      '300 MiB',
    ],
    [
      'little space',
      judgeSpace({ freeBytes: 100 * mib, totalBytes: 900 * mib, freeFiles: 5000 }),
      'warn',
      '100 MiB',
    ],
    ['no space', judgeSpace({ freeBytes: 1 * mib, totalBytes: 900 * mib, freeFiles: 5000 }), 'fail', '1 MiB'],
    [
      'few files left',
      judgeSpace({ freeBytes: 900 * mib, totalBytes: 900 * mib, freeFiles: 999 }),
      'warn',
      '999',
    ],
    [
      'no files left',
      judgeSpace({ freeBytes: 900 * mib, totalBytes: 900 * mib, freeFiles: 0 }),
      'fail',
      'only 0',
    ],
    ['a whole reserve', judgeReserve(64 * mib, 64 * mib), 'ok', '64 MiB are kept'],
    ['no reserve', judgeReserve(0, 64 * mib), 'ok', 'none now'],
    ['a part of the reserve', judgeReserve(16 * mib, 64 * mib), 'warn', '16 of 64 MiB'],
    ['a quick fsync', judgeFsync(1.234), 'ok', '1.2 ms'],
    ['a slow fsync', judgeFsync(51), 'warn', '51 ms'],
    ['a hanging fsync', judgeFsync(2001), 'fail', '2001 ms'],
    ['locks that hold', judgeLocking(true), 'ok', 'kept out'],
    ['locks that do not', judgeLocking(false), 'fail', 'two processes'],
    [
      'nobody',
      judgeHolder({ isHeld: false, holder, isHolderAlive: false, isAnswering: false }),
      'ok',
      'no control plane',
    ],
    [
      'a plane',
      judgeHolder({ isHeld: true, holder, isHolderAlive: true, isAnswering: true }),
      'ok',
      'pid 7 on h',
    ],
    [
      'a stuck plane',
      judgeHolder({ isHeld: true, holder, isHolderAlive: true, isAnswering: false }),
      'warn',
      'does not answer',
    ],
    [
      'a plane elsewhere',
      judgeHolder({ isHeld: true, holder, isHolderAlive: false, isAnswering: false }),
      'warn',
      'not to be seen',
    ],
    [
      'a stranger',
      judgeHolder({ isHeld: true, holder: undefined, isHolderAlive: false, isAnswering: false }),
      'warn',
      'did not sign',
    ],
    ['no records', judgeRuntimeFiles([]), 'ok', '0 processes'],
    ['a dead record', judgeRuntimeFiles([{ name: 'web', isReadable: true, isAlive: false }]), 'warn', 'web'],
    ['an empty database', judgeSchema({ applied: '', newest: 'b' }), 'warn', 'empty'],
    ['the newest schema', judgeSchema({ applied: 'b', newest: 'b' }), 'ok', 'at b'],
    ['an older schema', judgeSchema({ applied: 'a', newest: 'b' }), 'warn', 'brings b'],
    ['a newer schema', judgeSchema({ applied: 'c', newest: 'b' }), 'warn', 'newer than'],
    ['an unknown program', judgeSchema({ applied: 'c', newest: '' }), 'ok', 'at c'],
  ])('%s', (_what, check, status, detail) => {
    expect(check.status).toBe(status)
    expect(check.detail).toContain(detail)
    expect(check.status === 'ok' || check.fix !== undefined).toBe(true)
  })
})

describe('state where', () => {
  it('says which path, why, and who lives on it; never a password', () => {
    preparePath(layout.root, true)
    writeProcessRecord(layout, { name: 'web', port: 4711, startedAtMs: 0, build: 'b', ...selfIdentity() })
    const resolved = resolvePersistentPath({ SKYPILOT_PERSISTENT_PATH: layout.root }, folder)
    expect(whereIs(resolved, layout)).toMatchObject({
      persistentPath: layout.root,
      origin: 'SKYPILOT_PERSISTENT_PATH',
      isConfigFilePresent: false,
      isPathPresent: true,
      database: `file:${layout.stateDb}`,
      holder: null,
      processes: [{ name: 'web', pid: process.pid, port: 4711 }],
    })
  })

  it.each([
    ['postgres://me:pw@h:5432/db?password=x', 'postgres://h:5432/db'],
    ['postgresql://h/db', 'postgresql://h/db'],
    ['nonsense', '(not a URL)'],
    ['file:/p/state.db', 'file:/p/state.db'],
  ])('shows %s as %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown)
  })
})
