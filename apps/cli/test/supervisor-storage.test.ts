import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { eventually, freePort, killEverythingOf, pidOf, Plane, status } from './fixtures/plane.ts'

const isRoot = process.getuid?.() === 0
let folder = ''
let layout: Layout
let port = 0
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sku-'))
  layout = layoutOf(join(folder, 'p'))
  mkdirSync(layout.root, { mode: 0o700 })
  port = await freePort()
})
afterEach(() => {
  killEverythingOf(layout.root)
  spawnSync('umount', ['-l', layout.root], { stdio: 'ignore' })
  rmSync(folder, { recursive: true, force: true })
})
const mount = (options: string): void => {
  const result = spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=700,${options}`, 'tmpfs', layout.root], {
    encoding: 'utf8',
  })
  if (result.status !== 0) throw new Error(result.stderr)
}
const fill = (name: string): void => {
  try {
    writeFileSync(join(layout.root, name), Buffer.alloc(64 << 20))
  } catch {
    // As full as it gets.
  }
}

describe('supervisor on a storage that fails', { timeout: 60_000 }, () => {
  it.skipIf(!isRoot)(
    'goes on when the disk is full, shows it, restarts what dies, and recovers (needs root to mount)',
    async () => {
      mount('size=24M')
      const plane = new Plane(layout.root, port, { TEST_RESERVE: String(1 << 20) })
      await plane.says('ready fence=1')
      await eventually(async () => (await status(layout)).storage.reserveBytes === 1 << 20, 'the reserve')
      fill('fill')
      await eventually(
        async () => (await status(layout)).storage.status === 'degraded',
        'the fault to be shown',
      )
      expect((await status(layout)).storage).toMatchObject({ fault: 'ENOSPC', reserveBytes: 0 })
      fill('fill-also-the-reserve')
      const worker = pidOf(layout, 'worker')
      process.kill(worker, 'SIGKILL')
      await eventually(async () => {
        const now = (await status(layout)).processes.find((each) => each.name === 'worker')
        return now?.state === 'running' && now.pid !== worker
      }, 'another worker on the full disk')
      rmSync(join(layout.root, 'fill'))
      rmSync(join(layout.root, 'fill-also-the-reserve'))
      await eventually(async () => (await status(layout)).storage.status === 'ok', 'recovery')
      expect((await status(layout)).storage.reserveBytes).toBe(1 << 20)
      expect(plane.said).toContain('storage: degraded: the disk is full')
      expect(plane.said).toContain('storage: recovered')
      expect(plane.child.exitCode).toBeNull()
    },
  )

  it.skipIf(!isRoot)(
    'goes on when the path turns read-only, shows it, and restarts what dies (needs root to mount)',
    async () => {
      const image = join(folder, 'image')
      writeFileSync(image, '')
      truncateSync(image, 64 << 20)
      expect(spawnSync('mkfs.ext4', ['-q', image]).status).toBe(0)
      expect(spawnSync('mount', ['-o', 'loop', image, layout.root]).status).toBe(0)
      chmodSync(layout.root, 0o700)
      rmSync(join(layout.root, 'lost+found'), { recursive: true })
      const plane = new Plane(layout.root, port)
      await plane.says('ready fence=1')
      // What ext4 does by itself after an input/output error (errors=remount-ro).
      expect(spawnSync('mount', ['-o', 'remount,abort', layout.root]).status).toBe(0)
      await eventually(
        async () => (await status(layout)).storage.status === 'degraded',
        'the fault to be shown',
      )
      expect((await status(layout)).storage.fault).toMatch(/EROFS|EIO/)
      const worker = pidOf(layout, 'worker')
      const web = pidOf(layout, 'web')
      process.kill(web, 'SIGKILL')
      const another = async (): Promise<boolean> => {
        const now = (await status(layout)).processes.find((each) => each.name === 'web')
        return now?.state === 'running' && now.pid !== web
      }
      await eventually(another, 'another web server on the read-only path')
      expect((await status(layout)).processes.find((each) => each.name === 'worker')).toMatchObject({
        pid: worker,
      })
      expect(plane.child.exitCode).toBeNull()
    },
  )

  it.skipIf(!isRoot)(
    'refuses a read-only path clearly and starts nothing (needs root to mount)',
    async () => {
      mount('size=8M,ro')
      const plane = new Plane(layout.root, port)
      expect(await plane.exits()).toBe(1)
      expect(plane.said).toContain('the file system is read-only')
    },
  )
})
