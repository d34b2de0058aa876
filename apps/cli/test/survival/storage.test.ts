import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

function mount(...args: readonly string[]): void {
  const result = spawnSync('mount', args, { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`mount ${args.join(' ')}: ${result.stderr}`)
}

describe.skipIf(!isRoot)(
  `storage faults under load${isRoot ? '' : ' (needs root on Linux, to mount)'}`,
  () => {
    let service: LoadedService
    const root = mkdtempSync(path.join(tmpdir(), 'sk-'))
    beforeAll(async () => {
      if (!isRoot) return
      mount('-t', 'tmpfs', '-o', 'size=300M,mode=700', 'tmpfs', root)
      service = await loadedService({ root })
    })
    afterAll(async () => {
      if (!isRoot) return
      await service.load.abandon()
      await service.plane.cli('stop', '--services')
      spawnSync('umount', ['-l', root])
      await service.plane.destroy()
    })

    const storageState = async (): Promise<string | undefined> =>
      (await service.plane.system())?.storage.state
    const touched = async (): Promise<object> => ({
      pids: readyPids(await service.status()),
      failures: summary(service.load.failures),
    })
    const untouched = (): object => ({ pids: service.pids, failures: [] })

    it('disk full: degraded is shown, the service goes on, nothing is torn down, it recovers by itself', async () => {
      const ballast = path.join(root, 'tmp', 'ballast')
      const { bavail, bsize } = statfsSync(root)
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - 8 * 1024 * 1024))
      fillRest(path.join(root, 'tmp', 'rest'))
      await until('degraded is shown', async () => (await storageState()) === 'degraded', 60_000)
      const before = service.load.requests
      await until('requests flow', () => service.load.requests > before + 1000)
      rmSync(ballast)
      rmSync(path.join(root, 'tmp', 'rest'), { force: true })
      await until('it recovers', async () => (await storageState()) === 'ok', 60_000)
      expect(await touched()).toEqual(untouched())
    })

    it('path turned read-only: degraded is shown, the service goes on, it recovers by itself', async () => {
      // A read-only mount on top: what is opened from now on cannot be written, as after an administrator's remount.
      mount('--bind', root, root)
      mount('-o', 'remount,bind,ro', root)
      try {
        await until('degraded is shown', async () => (await storageState()) === 'degraded', 60_000)
        const before = service.load.requests
        await until('requests flow', () => service.load.requests > before + 1000)
      } finally {
        spawnSync('umount', ['-l', root])
      }
      await until('it recovers', async () => (await storageState()) === 'ok', 60_000)
      expect(await touched()).toEqual(untouched())
    })

    it('invariant 5: a database locked for 30 s expires nothing', async () => {
      const { fence, processes } = await service.plane.untilActive()
      const database = new DatabaseSync(path.join(root, 'state.db'))
      database.exec('BEGIN IMMEDIATE')
      const before = service.load.requests
      await until('30 s of requests', () => service.load.requests > before + 30 * 250, 90_000)
      database.exec('ROLLBACK')
      database.close()
      const after = await service.plane.untilActive()
      expect(after.fence).toBe(fence)
      expect(after.processes.map(({ pid }) => pid)).toEqual(processes.map(({ pid }) => pid))
      expect(await touched()).toEqual(untouched())
    })
  },
)

describe.skipIf(!isRoot)(
  `a failing disk under load${isRoot ? '' : ' (needs root on Linux, to mount)'}`,
  () => {
    let service: LoadedService
    const root = mkdtempSync(path.join(tmpdir(), 'sk-'))
    const image = `${root}.ext4`
    beforeAll(async () => {
      if (!isRoot) return
      writeFileSync(image, '')
      truncateSync(image, 400 * 1024 * 1024)
      spawnSync('mkfs.ext4', ['-q', image])
      mount('-o', 'loop', image, root)
      chmodSync(root, 0o700)
      rmSync(path.join(root, 'lost+found'), { recursive: true })
      service = await loadedService({ root })
    })
    afterAll(async () => {
      if (!isRoot) return
      await service.load.abandon()
      for (const { pid } of (await service.plane.system())?.processes ?? []) process.kill(pid, 'SIGKILL')
      for (const pid of service.pids.values()) process.kill(-pid, 'SIGKILL')
      spawnSync('umount', ['-l', root])
      rmSync(image, { force: true })
      await service.plane.destroy()
    })

    it('ext4 gives up after an error: degraded is shown, the service goes on, nothing is torn down', async () => {
      mount('-o', 'remount,abort', root)
      await until(
        'degraded is shown',
        async () => (await service.plane.system())?.storage.state === 'degraded',
        60_000,
      )
      const before = service.load.requests
      await until('requests flow', () => service.load.requests > before + 3000)
      expect(readyPids(await service.status())).toEqual(service.pids)
      expect(summary(service.load.failures)).toEqual([])
    })
  },
)

function fillRest(file: string): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(4096), { flag: 'a' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
