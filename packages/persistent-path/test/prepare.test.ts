import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSkykeepError, type SkykeepError } from '@skykeep/core/errors'
import { writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import { DiskReserve } from '@skykeep/persistent-path/disk-reserve'
import { raiseFence, readFence } from '@skykeep/persistent-path/fence'
import { fileSystemOf, judgeFileSystem, kindOfType, mountOf } from '@skykeep/persistent-path/file-system'
import { foldersOf, layoutOf } from '@skykeep/persistent-path/layout'
import { inspectModes, mendModes } from '@skykeep/persistent-path/modes'
import { preparePath } from '@skykeep/persistent-path/prepare'

const isRoot = process.getuid?.() === 0
const uid = process.getuid?.() ?? 0
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skp-'))
})
afterEach(() => {
  spawnSync('umount', ['-l', join(folder, 'mnt')], { stdio: 'ignore' })
  rmSync(folder, { recursive: true, force: true })
})

const refusal = (root: string): SkykeepError => {
  try {
    preparePath(root, true)
  } catch (error) {
    if (isSkykeepError(error)) return error
    throw error
  }
  throw new Error('was accepted')
}
const mountTmpfs = (options: string): string => {
  const mnt = join(folder, 'mnt')
  mkdirSync(mnt, { mode: 0o700 })
  const result = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mnt], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(result.stderr)
  chmodSync(mnt, 0o700)
  return mnt
}

describe('preparePath', () => {
  it('creates every folder 0700 and is content with its own work', () => {
    const root = join(folder, 'a', 'b')
    const { layout } = preparePath(root, true)
    for (const each of foldersOf(layout)) expect(statSync(each).mode & 0o777, each).toBe(0o700)
    preparePath(root, true)
  })

  it('eight starts at once on a new path all find it ready', async () => {
    const prepare = resolve(import.meta.dirname, '../src/prepare.ts')
    const script = `const { preparePath } = await import(${JSON.stringify(prepare)}); preparePath(process.argv[1], true)`
    const root = join(folder, 'new', 'path')
    const starts = Array.from({ length: 8 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, root], { stdio: 'inherit' })
      return new Promise((done) => child.on('close', done))
    })
    expect(await Promise.all(starts)).toEqual(Array.from({ length: 8 }, () => 0))
  })

  it('refuses a folder that others may reach, with the fix, and doctor mends it', () => {
    const root = join(folder, 'p')
    const { layout } = preparePath(root, true)
    writeFileSync(layout.stateDb, '', { mode: 0o600 })
    chmodSync(root, 0o755)
    chmodSync(layout.stateDb, 0o640)
    const error = refusal(root)
    expect(error.code).toBe('FORBIDDEN')
    expect(error.message).toContain(`${root} has mode 755`)
    expect(error.hint).toContain(`chmod 700 ${root}`)
    expect(mendModes(layout, uid)).toEqual([])
    expect(statSync(layout.stateDb).mode & 0o777).toBe(0o600)
  })

  it('refuses a parent in which anybody may put another folder in our place', () => {
    const open = join(folder, 'open')
    mkdirSync(open)
    chmodSync(open, 0o777)
    expect(refusal(join(open, 'p')).message).toContain(`anybody may rename what is in ${open}`)
    chmodSync(open, 0o1777)
    preparePath(join(open, 'p'), true)
  })

  it('follows a link of its own, and refuses a file in place of the folder', () => {
    const real = join(folder, 'real')
    const link = join(folder, 'link')
    symlinkSync(real, link)
    mkdirSync(real, { mode: 0o700 })
    expect(preparePath(link, true).layout.root).toBe(real)
    writeFileSync(join(folder, 'file'), '')
    expect(refusal(join(folder, 'file')).code).toBe('FORBIDDEN')
  })

  it.skipIf(!isRoot)('refuses a folder of another user (needs root)', () => {
    const root = join(folder, 'p')
    const { layout } = preparePath(root, true)
    chownSync(layout.keysDir, 12_345, -1)
    expect(refusal(root).message).toContain(`${layout.keysDir} belongs to uid 12345`)
    expect(inspectModes(layout, uid)[0]).toMatchObject({
      problem: 'owner',
      fix: `sudo chown ${uid} ${layout.keysDir}`,
    })
    expect(mendModes(layout, uid)).toEqual([])
  })

  it.skipIf(!isRoot)('says that a read-only file system is one (needs root to mount)', () => {
    const mnt = mountTmpfs('size=4M')
    preparePath(mnt, true)
    expect(spawnSync('mount', ['-o', 'remount,ro', mnt]).status).toBe(0)
    expect(refusal(mnt)).toMatchObject({ code: 'STORAGE_DEGRADED' })
    expect(refusal(mnt).message).toContain('read-only')
    expect(refusal(join(mnt, 'deep', 'er')).message).toContain('read-only')
  })

  it.skipIf(!isRoot)(
    'says that a full disk is full, and keeps the old content of a file (needs root to mount)',
    () => {
      const mnt = mountTmpfs('size=1M')
      const { layout, warnings } = preparePath(mnt, true)
      expect(warnings[0]).toContain('gone after a reboot')
      writeFileAtomic(layout.routesFile, 'old')
      expect(() => writeFileAtomic(layout.routesFile, Buffer.alloc(2 << 20))).toThrow(/ENOSPC/)
      expect(statSync(layout.routesFile).size).toBe(3)
      expect(() => writeFileSync(join(mnt, 'fill'), Buffer.alloc(2 << 20), { mode: 0o600 })).toThrow(/ENOSPC/)
      expect(refusal(mnt)).toMatchObject({ code: 'STORAGE_DEGRADED' })
      expect(refusal(mnt).message).toContain('full')
    },
  )

  it('the reserve follows its configured size, both ways', async () => {
    const file = join(folder, 'reserve')
    for (const mebibytes of [2, 4, 1]) {
      const reserve = new DiskReserve(file, mebibytes << 20)
      expect(await reserve.ensure()).toBe(true)
      expect(reserve.heldBytes()).toBe(mebibytes << 20)
    }
  })

  it.skipIf(!isRoot)(
    'invariant 15: the reserve is real space that comes back when the disk is full (needs root to mount)',
    async () => {
      const mnt = mountTmpfs('size=8M')
      const reserve = new DiskReserve(join(mnt, 'reserve'), 2 << 20)
      expect(await reserve.ensure()).toBe(true)
      expect(() => writeFileSync(join(mnt, 'fill'), Buffer.alloc(16 << 20))).toThrow(/ENOSPC/)
      expect(() => writeFileSync(join(mnt, 'more'), Buffer.alloc(1 << 20))).toThrow(/ENOSPC/)
      expect(reserve.release()).toBe(2 << 20)
      writeFileSync(join(mnt, 'more'), Buffer.alloc(1 << 20))
      expect(await reserve.ensure()).toBe(false)
      rmSync(join(mnt, 'fill'))
      expect(await reserve.ensure()).toBe(true)
    },
  )
})

describe('file system', () => {
  const mounts = [
    '/dev/sda1 / ext4 rw 0 0',
    'server:/x /mnt/nfs nfs4 rw 0 0',
    'tmpfs /mnt/with\\040space tmpfs rw 0 0',
    'a /over ext4 rw 0 0',
    'b /over fuse.sshfs rw 0 0',
  ].join('\n')
  it.each([
    ['/home/a', 'ext4', '/'],
    ['/mnt/nfs', 'nfs4', '/mnt/nfs'],
    ['/mnt/nfs2', 'ext4', '/'],
    ['/mnt/nfs/deep/er', 'nfs4', '/mnt/nfs'],
    ['/mnt/with space/a', 'tmpfs', '/mnt/with space'],
    ['/over/a', 'fuse.sshfs', '/over'],
  ])('%s lies on %s', (path, type, mountPoint) => {
    expect(mountOf(mounts, path)).toEqual({ type, mountPoint })
  })

  it.each([
    ['ext4', 'ok'],
    ['apfs', 'ok'],
    ['nfs', 'fail'],
    ['nfs4', 'fail'],
    ['cifs', 'fail'],
    ['smb3', 'fail'],
    ['smbfs', 'fail'],
    ['9p', 'fail'],
    ['fuse.sshfs', 'fail'],
    ['virtiofs', 'fail'],
    ['tmpfs', 'warn'],
    ['overlay', 'warn'],
    ['something-new', 'warn'],
  ])('judges %s for SQLite: %s', (type, status) => {
    const fileSystem = { kind: kindOfType(type), type, mountPoint: '/x' }
    expect(judgeFileSystem(fileSystem, true).status).toBe(status)
    expect(judgeFileSystem(fileSystem, false).status).not.toBe('fail')
  })

  it('finds the one of an existing folder', () => {
    expect(fileSystemOf(folder).mountPoint).toMatch(/^\//)
  })
})

describe('fence', () => {
  it('follows the database, and tells it the file so that a restored database never hands out a used number', async () => {
    const { layout } = preparePath(join(folder, 'p'), true)
    expect(readFence(layout)).toBe(0)
    expect(await raiseFence(layout, (atLeast) => Promise.resolve(Math.max(atLeast, 6) + 1))).toBe(7)
    expect(readFence(layoutOf(layout.root))).toBe(7)
    expect(await raiseFence(layout, (atLeast) => Promise.resolve(Math.max(atLeast, 2) + 1))).toBe(8)
  })
})
