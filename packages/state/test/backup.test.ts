import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
  writeSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { forEachDatabase, prepareDatabase } from '@skykeep/testing/databases'
import { appendEvent, countEvents, listEvents } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'
import { isSkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import type { Database } from '@skykeep/db/handles'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets } from '@skykeep/db/service-secrets'
import { readIncoming, readPathInstallation } from '@skykeep/persistent-path/path-state'
import { decryptSecret } from '@skykeep/secrets/cipher'
import type { KeyRing } from '@skykeep/secrets/key-ring'
import { backUp, type BackupResult } from '@skykeep/state/backup/back-up'
import { listBackups, pruneBackups } from '@skykeep/state/backup/backup-files'
import { restoreBackup, type RestoreStep } from '@skykeep/state/backup/restore-backup'
import { type Verdict, verifyBackup } from '@skykeep/state/backup/verify-backup'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  fillState,
  migrationsDir,
  newStatePath,
  programVersion,
  secretsOfHello,
  type StatePath,
  systemClock as clock,
} from './fixtures/state-path.ts'

let path: StatePath
beforeEach(() => void (path = newStatePath()))
afterEach(() => path.remove())

type Options = Partial<Parameters<typeof backUp>[0]>
const backUpOf = (url: string, options: Options = {}): Promise<BackupResult> =>
  backUp({
    layout: path.layout,
    databaseUrl: url,
    target: path.layout.backupsDir,
    hasLogs: true,
    keys: path.keys,
    configText: 'web:\n  port: 1\n',
    programVersion,
    clock,
    ...options,
  })
const verify = (file: string, source: { readonly keys: KeyRing | undefined } = path): Promise<Verdict> =>
  verifyBackup({ file, keys: source.keys, migrationsDir, programVersion, clock, tmpDir: path.layout.tmpDir })
const restore = (file: string, more: Partial<Parameters<typeof restoreBackup>[0]> = {}) =>
  restoreBackup({
    file,
    root: join(path.folder, 'new'),
    databaseUrl: undefined,
    keys: path.keys,
    shouldKeepKeys: true,
    migrationsDir,
    programVersion,
    clock,
    ...more,
  })

/** Every path under a folder with its kind, mode and content. */
function treeOf(root: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const stats = lstatSync(join(root, entry))
    const mode = (stats.mode & 0o777).toString(8)
    if (stats.isSymbolicLink()) found[entry] = `link ${readlinkSync(join(root, entry))}`
    else if (stats.isDirectory()) found[entry] = 'folder'
    else
      found[entry] = `${mode} ${createHash('sha256')
        .update(readFileSync(join(root, entry)))
        .digest('hex')}`
  }
  return found
}

forEachDatabase('a backup', (source) => {
  it('verifies as identical, and restores every row and file into a new place', async () => {
    const { url, database } = await source.create()
    await fillState(database, path)
    const { file, manifest } = await backUpOf(url)
    expect(await verify(file)).toMatchObject({
      isIdentical: true,
      authenticity: 'authentic',
      differences: [],
    })
    expect(manifest).toMatchObject({ database: source.kind, missingVersions: [], secretKeyVersions: [1] })
    const databaseUrl = source.kind === 'postgresql' ? await source.createEmpty() : undefined
    const restored = await restore(file, { databaseUrl })
    const { layout } = restored
    expect(treeOf(layout.versionsDir)).toEqual(treeOf(path.layout.versionsDir))
    expect(treeOf(layout.logsDir)).toEqual(treeOf(path.layout.logsDir))
    expect(readdirSync(layout.uploadsDir)).toEqual(['upl_1.tar'])
    const copy = await source.open(restored.databaseUrl)
    const [before, after] = [await getInstallation(database), await getInstallation(copy)]
    expect(after).toMatchObject({ uid: before.uid, epoch: before.epoch + 1, keyCheck: before.keyCheck })
    expect(readPathInstallation(layout)).toEqual({ installationId: before.uid, epoch: before.epoch + 1 })
    expect(await countEvents(copy)).toBe(302)
    for (const [name, sealed] of Object.entries(await getServiceSecrets(copy, 'svc_hello', 1))) {
      const text = decryptSecret(path.keys, sealed, serviceSecretPlace('svc_hello', 1, name))
      expect(secretsOfHello).toMatchObject({ [name]: text })
    }
    expect(readFileSync(layout.masterKey)).toEqual(readFileSync(path.layout.masterKey))
  })

  it('made while others write is of one moment, and identical', async () => {
    const { url, database } = await source.create()
    await fillState(database, path, 2000)
    const stopping = new AbortController()
    let slowestMs = 0
    const writer = (async () => {
      while (!stopping.signal.aborted) {
        const startedMs = performance.now()
        await database.transaction(async (tx) => {
          for (const uid of ['pair', 'pair'])
            await appendEvent(tx, { kind: 'system', uid, type: 'plane.started' })
        })
        slowestMs = Math.max(slowestMs, performance.now() - startedMs)
        // Others of this process get their turn.
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const { file } = await backUpOf(url)
    stopping.abort()
    await writer
    expect(await verify(file)).toMatchObject({ isIdentical: true })
    const databaseUrl = source.kind === 'postgresql' ? await source.createEmpty() : undefined
    const { databaseUrl: restoredUrl } = await restore(file, { databaseUrl })
    const copy = await source.open(restoredUrl)
    expect((await listEvents(copy, { uid: 'pair', limit: 1000 })).length % 2).toBe(0)
    expect(slowestMs).toBeGreaterThan(0)
  })

  it('of one kind of database restores into the other', async ({ skip }) => {
    if (process.env['SKYKEEP_TEST_POSTGRES_URL'] === undefined) return skip('no PostgreSQL server')
    const { url, database } = await source.create()
    await fillState(database, path)
    const { file } = await backUpOf(url)
    if (source.kind === 'sqlite') return
    const { databaseUrl } = await restore(file)
    expect(databaseUrl).toMatch(/^file:/)
    const copy = await openDatabase({ url: databaseUrl, clock })
    expect(await listEvents(copy, { uid: 'row-7' })).toEqual(await listEvents(database, { uid: 'row-7' }))
    await copy.close()
  })
})

describe('a backup', () => {
  let url = ''
  let database: Database
  beforeEach(async () => {
    const { prepareDatabase } = await import('@skykeep/testing/databases')
    url = `file:${path.layout.stateDb}`
    await prepareDatabase(url)
    database = await openDatabase({ url, clock })
    await fillState(database, path)
  })
  afterEach(async () => await database.close())

  it('holds no key, no token and no half of an upload, in the clear or otherwise', async () => {
    writeFileSync(path.layout.localToken, 'the-local-token', { mode: 0o600 })
    const { file } = await backUpOf(url)
    const names = execFileSync('tar', ['--zstd', '-tf', file], { encoding: 'utf8' })
    expect(names).not.toMatch(/^files\/keys|\.part/m)
    expect(names).toMatch(/^about\.json\n/)
    const text = execFileSync('tar', ['--zstd', '-xOf', file], { maxBuffer: 1 << 28 }).toString('latin1')
    for (const secret of [
      'the-local-token',
      path.keys.current.bytes.toString('base64'),
      secretsOfHello.TOKEN,
    ])
      expect(text.includes(secret)).toBe(false)
  })

  it('one changed byte anywhere is found and named', async () => {
    const { file } = await backUpOf(url)
    const size = statSync(file).size
    const whole = readFileSync(file)
    for (let i = 0; i < 12; i += 1) {
      const damaged = join(path.folder, `damaged-${i}.tar.zst`)
      const bytes = Buffer.from(whole)
      const at = Math.floor((size / 12) * i) + 3
      bytes[at] = (bytes[at] ?? 0) ^ 0x10
      writeFileSync(damaged, bytes)
      const verdict = await verify(damaged).catch((error: unknown) => ({
        isIdentical: false,
        differences: [String(error)],
      }))
      // Of repeated text a match may point to another place that says the same: then nothing was changed.
      const isSame = verdict.isIdentical && zstdDecompressSync(bytes).equals(zstdDecompressSync(whole))
      expect(verdict.isIdentical, `byte ${at}`).toBe(isSame)
      if (isSame) continue
      expect(verdict.differences[0]).toMatch(
        /rows, not|changed|damaged|missing|signed|no backup|cannot be restored|another|not in the manifest/,
      )
    }
  })

  it('a changed file, row or manifest is found by name, also when the archive itself is sound', async () => {
    const { file } = await backUpOf(url)
    const unpacked = join(path.folder, 'unpacked')
    const repack = (change: () => void): string => {
      rmSync(unpacked, { recursive: true, force: true })
      execFileSync('mkdir', [unpacked])
      execFileSync('tar', ['--zstd', '-xf', file, '-C', unpacked])
      change()
      // Where no locale says UTF-8, tar would write other names than these.
      const env = { ...process.env, LC_ALL: 'C.UTF-8' }
      const listed = execFileSync('tar', ['--zstd', '-tf', file], { encoding: 'utf8', env })
      const order = listed.trim().split('\n')
      const target = join(path.folder, 'repacked.tar.zst')
      const names = order.filter((name) => existsSync(join(unpacked, name)) || name.includes('link'))
      execFileSync(
        'tar',
        ['--zstd', '--format=pax', '--no-recursion', '-cf', target, '-C', unpacked, '-T', '-'],
        { input: names.join('\n') },
      )
      return target
    }
    const edit = (name: string, from: string, to: string) => (): void => {
      const place = join(unpacked, name)
      writeFileSync(place, readFileSync(place, 'utf8').replace(from, to))
    }
    expect(await verify(repack(() => undefined))).toMatchObject({ isIdentical: true })
    const yaml = await verify(repack(edit('files/versions/svc_hello/1/service.yaml', 'hello', 'jello')))
    expect(yaml.differences).toEqual(['the file versions/svc_hello/1/service.yaml was changed'])
    const row = await verify(repack(edit('database/services/000001.ndjson', 'usr_test', 'usr_evil')))
    expect(row.differences).toContain('rows of the table services were changed')
    const gone = await verify(repack(() => rmSync(join(unpacked, 'files/uploads/upl_1.tar'))))
    expect(gone.differences).toEqual(['the file uploads/upl_1.tar is missing'])
    const forged = await verify(repack(edit('manifest.json', '"program": "', '"program": "9')))
    expect(forged).toMatchObject({ isIdentical: false, authenticity: 'forged' })
    const target = repack(edit('files/versions/svc_hello/1/service.yaml', 'hello', 'jello'))
    await expect(restore(target)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(
      readIncoming({ ...path.layout, incomingFile: join(path.folder, 'new', 'incoming.json') }),
    ).toMatchObject({ kind: 'restore' })
  })

  it('cut short is not taken for a backup', async () => {
    const { file } = await backUpOf(url)
    const cut = join(path.folder, 'cut.tar.zst')
    writeFileSync(cut, readFileSync(file).subarray(0, -2000))
    await expect(verify(cut)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(verify(path.layout.masterKey)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(verify(join(path.folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('without the key only damage can be told, and it says so', async () => {
    const { file } = await backUpOf(url)
    expect(await verify(file, { keys: undefined })).toMatchObject({
      isIdentical: true,
      authenticity: 'no-key',
    })
    const { file: unsigned } = await backUpOf(url, { keys: undefined })
    expect(await verify(unsigned)).toMatchObject({ isIdentical: true, authenticity: 'unsigned' })
  })

  it('killed at any step leaves nothing that looks like one, and the next one cleans up', async () => {
    const { file } = await backUpOf(url)
    const steps = ['snapshot-taken', 'rows-written', 'files-written', 'archive-synced'] as const
    for (const step of steps) {
      const onStep = (done: string): void => {
        if (done === step) throw new Error('killed')
      }
      await expect(backUpOf(url, { onStep })).rejects.toThrow('killed')
      expect(readdirSync(path.layout.backupsDir)).toEqual([file.split('/').at(-1)])
    }
    writeFileSync(join(path.layout.backupsDir, '.backup.999999999.tmp'), 'half')
    writeFileSync(join(path.layout.tmpDir, 'backup.999999999.db'), 'half')
    await backUpOf(url)
    expect(readdirSync(path.layout.backupsDir).filter((name) => name.startsWith('.'))).toEqual([])
    expect(readdirSync(path.layout.tmpDir)).toEqual([])
  })

  it('the oldest of this installation go when more than so many are kept', async () => {
    const files: string[] = []
    for (let i = 0; i < 4; i += 1)
      files.push((await backUpOf(url, { clock: { ...clock, now: () => 1_000_000 * (i + 1) } })).file)
    const { uid } = await getInstallation(database)
    expect((await listBackups(path.layout.backupsDir)).map(({ file }) => file)).toEqual(files.toReversed())
    expect(await pruneBackups(path.layout.backupsDir, 'ins_other', 1)).toEqual([])
    expect(await pruneBackups(path.layout.backupsDir, uid, 2)).toEqual([files[1], files[0]])
    expect((await listBackups(path.layout.backupsDir)).map(({ file }) => file)).toEqual([files[3], files[2]])
  })

  it('names a version of a living service that has no folder', async () => {
    rmSync(path.layout.versionDir('svc_hello', 1), { recursive: true })
    const { manifest } = await backUpOf(url)
    expect(manifest.missingVersions).toEqual(['versions/svc_hello/1'])
  })

  it('is restored into a new place only; one that was interrupted is begun anew', async () => {
    const { file } = await backUpOf(url)
    await expect(restore(file, { root: path.layout.root })).rejects.toMatchObject({ code: 'CONFLICT' })
    const steps: readonly RestoreStep[] = ['marked', 'extracted', 'compared', 'renumbered', 'placed']
    for (const step of steps) {
      const onStep = (done: string): void => {
        if (done === step) throw new Error('killed')
      }
      await expect(restore(file, { onStep })).rejects.toThrow('killed')
      const { layout } = newLayout(join(path.folder, 'new'))
      expect(readIncoming(layout), step).toMatchObject({ kind: 'restore', from: file })
    }
    const { installation } = await restore(file)
    expect(installation.epoch).toBe(2)
    await expect(restore(file)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('writes a file while it is cut short: filled up, and still a backup', async () => {
    const log = join(path.layout.processLogsDir, 'web.log')
    writeFileSync(log, Buffer.alloc(9_000_000, 'x'))
    const handle = openSync(log, 'a')
    const { file } = await backUpOf(url, {
      onStep: (step) => {
        if (step === 'rows-written') writeSync(handle, 'more')
      },
    })
    closeSync(handle)
    expect(await verify(file)).toMatchObject({ isIdentical: true })
  })
})

function newLayout(root: string): { readonly layout: StatePath['layout'] } {
  return { layout: { ...path.layout, root, incomingFile: join(root, 'incoming.json') } }
}

forEachDatabase('a restore that is interrupted, into a database of its own', (source) => {
  it('is begun anew in the same database, in which nobody else ever deletes anything', async () => {
    await prepareDatabase(`file:${path.layout.stateDb}`)
    const old = await openDatabase({ url: `file:${path.layout.stateDb}`, clock })
    await fillState(old, path, 3)
    await old.close()
    const { file } = await backUpOf(`file:${path.layout.stateDb}`)
    const databaseUrl = source.kind === 'postgresql' ? await source.createEmpty() : undefined
    const steps: readonly RestoreStep[] = ['marked', 'extracted', 'compared', 'renumbered', 'placed']
    for (const step of steps) {
      const onStep = (done: string): void => {
        if (done === step) throw new Error('killed')
      }
      await expect(restore(file, { databaseUrl, onStep })).rejects.toThrow('killed')
    }
    // A path of its own holds a SQLite database of its own.
    const elsewhere = (name: string): Promise<string> =>
      restore(file, { databaseUrl, root: join(path.folder, name) }).then(
        () => 'restored',
        (error: unknown) => (isSkykeepError(error) ? error.code : String(error)),
      )
    const refused = databaseUrl === undefined ? 'restored' : 'CONFLICT'
    expect(await elsewhere('another')).toBe(refused)
    const restored = await restore(file, { databaseUrl })
    const copy = await source.open(restored.databaseUrl)
    expect(await countEvents(copy)).toBeGreaterThan(0)
    expect(await elsewhere('third')).toBe(refused)
  })
})

forEachDatabase('an old backup with NUL characters in its texts', (source) => {
  it('is restored, with a replacement character where the database stores no NUL', async () => {
    const url = `file:${path.layout.stateDb}`
    await prepareDatabase(url)
    const old = await openDatabase({ url, clock })
    await fillState(old, path, 3)
    await old.transaction(async (tx) => {
      await tx.client
        .$executeRaw`UPDATE events SET message = 'a' || char(0) || 'b', payload = '{"x":"c\\u0000d"}'`
    })
    await old.close()
    const { file } = await backUpOf(url)
    expect(await verify(file)).toMatchObject({ isIdentical: true })
    const databaseUrl = source.kind === 'postgresql' ? await source.createEmpty() : undefined
    const restored = await restore(file, { databaseUrl })
    const [nul, tables] = source.kind === 'postgresql' ? ['\uFFFD', ['events']] : ['\0', []]
    expect(restored.replacedTextIn).toEqual(tables)
    const copy = await source.open(restored.databaseUrl)
    const [first] = await listEvents(copy, { afterSeq: 0, limit: 1 })
    expect(first).toMatchObject({ message: `a${nul}b`, payload: { x: `c${nul}d` } })
  })
})
