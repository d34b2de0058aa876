// node bench/backup/run.ts [MEGABYTES] [postgresql]: how long backup, verify and restore of so much state take (1024: a third versions, a third
// logs, a third rows), and what a writer beside the backup notices.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { openDatabase } from '../../packages/db/src/connect.ts'
import { appendEvent } from '../../packages/db/src/events.ts'
import type { Database } from '../../packages/db/src/handles.ts'
import { preparePath } from '../../packages/persistent-path/src/prepare.ts'
import { createKeyFile, loadKeyRing } from '../../packages/secrets/src/key-file.ts'
import { backUp } from '../../packages/state/src/backup/back-up.ts'
import { restoreBackup } from '../../packages/state/src/backup/restore-backup.ts'
import { verifyBackup } from '../../packages/state/src/backup/verify-backup.ts'
import { migrationsDir, programVersion } from '../../packages/testing/src/migrations.ts'
import { systemClock as clock } from '../../packages/testing/src/system-clock.ts'
import { ensureInstallation } from '../../packages/db/src/installation.ts'
import { migrate } from '../../packages/db/src/migrate.ts'
import { startServer } from './server.ts'
import { startWriter } from './writer.ts'

const megabytes = Number(process.argv[2] ?? 1024)
const third = Math.floor((megabytes * 2 ** 20) / 3)
const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-backup-'))
const server = await startServer(process.argv[3] === 'postgresql')
const { layout } = preparePath(path.join(folder, 'path'), false)
const url = server?.url ?? `file:${layout.stateDb}`
createKeyFile(layout.masterKey)
const keys = loadKeyRing({ file: layout.masterKey })

/** Half of it compresses, as code, weights and logs do together. */
function content(bytes: number): Buffer {
  return Buffer.concat([randomBytes(bytes / 2), Buffer.alloc(bytes - bytes / 2, 'a line of text\n')])
}

function fillFiles(): void {
  const pieceBytes = 1 << 20
  const pieces = Math.ceil(third / pieceBytes)
  for (let i = 0; i < pieces; i += 1) {
    const version = path.join(layout.versionsDir, 'svc_bench', String((i % 10) + 1), 'workdir')
    mkdirSync(version, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(version, `part-${i}`), content(pieceBytes), { mode: 0o600 })
    const logs = layout.serviceLogsDir(`svc_${i % 10}`)
    mkdirSync(logs, { recursive: true, mode: 0o700 })
    writeFileSync(path.join(logs, `${i}.log`), content(pieceBytes), { mode: 0o600 })
  }
}

async function fillRows(database: Database): Promise<number> {
  const message = 'x'.repeat(700)
  const batches = Math.ceil(third / 1000 / 500)
  for (let batch = 0; batch < batches; batch += 1) {
    await database.transaction(async (tx) => {
      for (let i = 0; i < 500; i += 1) {
        const uid = `row-${batch * 500 + i}`
        await appendEvent(tx, { kind: 'system', uid, type: 'plane.started', message, payload: { batch, i } })
      }
    })
  }
  return batches * 500
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const result = await work()
  const seconds = (performance.now() - startedAt) / 1000
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20)
  console.log(
    `${name.padEnd(28)} ${seconds.toFixed(1).padStart(7)} s   ${Math.round(megabytes / seconds)} MiB/s   rss ${rss} MiB`,
  )
  return result
}

await migrate({ url, migrationsDir, clock, programVersion })
const database = await openDatabase({ url, clock })
await ensureInstallation(database, 'ins_bench')
console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${database.kind}`,
)
fillFiles()
const rows = await fillRows(database)
console.log(`${megabytes} MiB of state: ${rows} events, the rest versions and logs`)
await database.close()
try {
  const writer = startWriter(url)
  const { file } = await timed('backup, one writer beside it', () =>
    backUp({
      layout,
      databaseUrl: url,
      target: layout.backupsDir,
      hasLogs: true,
      keys,
      configText: undefined,
      programVersion,
      clock,
    }),
  )
  const { commits, slowestMs } = await writer.stop()
  console.log(
    `  the archive has ${Math.round(statSync(file).size / 2 ** 20)} MiB; the writer committed ${commits} times, the slowest took ${slowestMs} ms`,
  )
  const common = { file, keys, migrationsDir, programVersion, clock }
  const verdict = await timed('verify', () => verifyBackup({ ...common, tmpDir: layout.tmpDir }))
  console.log(`  ${verdict.isIdentical ? 'identical' : verdict.differences.join('; ')}`)
  await timed('restore (compared as well)', () =>
    restoreBackup({
      ...common,
      root: path.join(folder, 'new'),
      databaseUrl: undefined,
      shouldKeepKeys: true,
    }),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
  await server?.stop()
}
