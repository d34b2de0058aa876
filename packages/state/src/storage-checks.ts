import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@skykeep/core/clock'
import { defaultReserveBytes, DiskReserve } from '@skykeep/persistent-path/disk-reserve'
import { fileSystemOf, judgeFileSystem } from '@skykeep/persistent-path/file-system'
import type { Layout } from '@skykeep/persistent-path/layout'
import { type Check, failedCheck } from './check.ts'
import { judgeFsync, judgeLocking, judgeReserve, judgeSpace } from './judge.ts'

const busyExitCode = 9

export interface StorageSource {
  readonly layout: Layout
  readonly usesSqlite: boolean
  readonly clock: Clock
  /** Size that the disk reserve should have, bytes; 64 MiB unless told. */
  readonly reserveBytes?: number
}

/** File system kind, free space, reserve, fsync and locking of the storage under an existing path. Writes under tmp/ only. */
export function storageChecks({ layout, usesSqlite, clock, reserveBytes }: StorageSource): readonly Check[] {
  return [
    attempt('file system', 'Make the path readable.', () => {
      const { status, detail, fix } = judgeFileSystem(fileSystemOf(layout.root), usesSqlite)
      return { name: 'file system', status, detail, ...(fix === undefined ? {} : { fix }) }
    }),
    attempt('free space', 'Make the path readable.', () => judgeSpace(spaceOf(layout.root))),
    attempt('disk reserve', 'Make the path readable.', () =>
      judgeReserve(new DiskReserve(layout.reserveFile).heldBytes(), reserveBytes ?? defaultReserveBytes),
    ),
    attempt('fsync', 'Free space, or remount the disk writable.', () =>
      judgeFsync(medianFsyncMs(layout, clock)),
    ),
    attempt('locking', 'Free space, or remount the disk writable.', () =>
      judgeLocking(isSecondProcessKeptOut(layout)),
    ),
  ]
}

function attempt(name: string, fix: string, check: () => Check): Check {
  try {
    return check()
  } catch (error) {
    return failedCheck(name, error, fix)
  }
}

function spaceOf(path: string): Parameters<typeof judgeSpace>[0] {
  const { bavail, bsize, blocks, files, ffree } = statfsSync(path)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files === 0 ? undefined : ffree }
}

function medianFsyncMs(layout: Layout, clock: Clock): number {
  const file = join(layout.tmpDir, `.fsync-${process.pid}`)
  const handle = openSync(file, 'w', 0o600)
  try {
    const block = Buffer.alloc(4096, 1)
    const times = Array.from({ length: 5 }, () => {
      const startedAtMs = clock.monotonicMs()
      writeSync(handle, block)
      fsyncSync(handle)
      return clock.monotonicMs() - startedAtMs
    })
    return times.toSorted((a, b) => a - b)[2] ?? 0
  } finally {
    closeSync(handle)
    rmSync(file, { force: true })
  }
}

/** Locks a file here and lets another process try: locks inside one process prove nothing (fcntl(2)). */
function isSecondProcessKeptOut(layout: Layout): boolean {
  const file = join(layout.tmpDir, `.lock-${process.pid}.db`)
  const program = `
    const { DatabaseSync } = require('node:sqlite')
    try { new DatabaseSync(process.argv[1], { timeout: 0 }).exec('BEGIN EXCLUSIVE') }
    catch (error) { process.exit((error.errcode & 255) === 5 ? ${busyExitCode} : 1) }`
  const database = new DatabaseSync(file)
  try {
    database.exec('BEGIN EXCLUSIVE')
    const options = { env: {}, timeout: 20_000, stdio: 'ignore' } as const
    return spawnSync(process.execPath, ['-e', program, '--', file], options).status === busyExitCode
  } finally {
    database.close()
    rmSync(file, { force: true })
  }
}
