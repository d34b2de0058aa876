import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn, spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { partSizes, walBytesOf } from '@skykeep/state/sizes'
import { workOn } from '@skykeep/state/work'
import { newStatePath, type StatePath } from './fixtures/state-path.ts'

let path: StatePath
beforeEach(() => {
  path = newStatePath()
})
afterEach(() => path.remove())

it('counts what each part takes on the disk, the largest first, and follows no link', async () => {
  const { layout, folder } = path
  const deep = join(layout.logsDir, 'services', 'svc_1')
  mkdirSync(deep, { recursive: true })
  writeFileSync(join(deep, '1.log'), Buffer.alloc(300_000, 'line\n'))
  writeFileSync(join(layout.backupsDir, 'skykeep-x.tar.zst'), Buffer.alloc(700_000, 'x'))
  mkdirSync(join(folder, 'elsewhere'))
  writeFileSync(join(folder, 'elsewhere', 'large'), Buffer.alloc(5_000_000, 'x'))
  symlinkSync(join(folder, 'elsewhere'), join(layout.uploadsDir, 'link'))
  const sizes = await partSizes(layout)
  expect(sizes.slice(0, 2).map(({ name }) => name)).toEqual(['backups', 'logs'])
  const [backups, logs] = sizes
  expect(backups?.bytes).toBeGreaterThanOrEqual(700_000)
  expect(logs?.bytes).toBeGreaterThanOrEqual(300_000)
  expect(logs?.files).toBe(6)
  expect(sizes.find(({ name }) => name === 'uploads')?.bytes).toBeLessThan(100_000)
  expect(sizes.every(({ isCutShort }) => !isCutShort)).toBe(true)
})

it('stops counting at its bound and says so; a part that is not there takes nothing', async () => {
  const { layout } = path
  for (let index = 0; index < 20; index += 1) writeFileSync(join(layout.cacheDir, `file-${index}`), 'x')
  rmSync(layout.tmpDir, { recursive: true })
  const sizes = await partSizes(layout, 10)
  expect(sizes.find(({ name }) => name === 'cache')).toMatchObject({ files: 10, isCutShort: true })
  expect(sizes.find(({ name }) => name === 'temporary files')).toMatchObject({ bytes: 0, files: 0 })
})

it('the write-ahead log is what its file says, and nothing without one', async () => {
  expect(await walBytesOf(path.layout.stateDb)).toBe(0)
  writeFileSync(`${path.layout.stateDb}-wal`, Buffer.alloc(4096))
  expect(await walBytesOf(path.layout.stateDb)).toBe(4096)
})

it('names the backup and the check that are under way, once each, and nothing that a dead process left', () => {
  const { layout } = path
  const living = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)'])
  try {
    const pid = living.pid ?? 0
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    for (const number of [pid, dead]) {
      writeFileSync(join(layout.tmpDir, `backup.${number}.db`), '')
      writeFileSync(join(layout.backupsDir, `.backup.${number}.tmp`), '')
      mkdirSync(join(layout.tmpDir, `skykeep-verify-${number}-abc123`))
    }
    expect(workOn(layout)).toEqual([
      { kind: 'backup', pid },
      { kind: 'verify', pid },
    ])
  } finally {
    living.kill('SIGKILL')
  }
})
