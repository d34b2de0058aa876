import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { build, loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'
import { canMount, MountNamespace } from './mount-namespace.ts'

const repository = path.resolve(import.meta.dirname, '../../../..')
const reason = canMount ? '' : ' (needs root on Linux, to mount)'

describe.skipIf(!canMount)(`a read-only root file system, the path apart${reason}`, () => {
  let home = ''
  let namespace: MountNamespace
  let service: LoadedService
  beforeAll(async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'sk-'))
    home = `${root}-home`
    mkdirSync(home)
    namespace = await MountNamespace.create()
    namespace.makeReadOnly(root)
    service = await loadedService({ root, home, prefix: namespace.prefix })
  })
  afterAll(async () => {
    await service.end()
    namespace.end()
    rmSync(home, { recursive: true })
  })

  it('is read-only where it should be', () => {
    for (const folder of [home, '/tmp', '/var/tmp', '/', repository, build]) {
      const [command = '', ...rest] = [...namespace.prefix, 'touch', path.join(folder, 'written')]
      expect(spawnSync(command, rest, { encoding: 'utf8' }).stderr).toContain('Read-only file system')
    }
  })

  it('serves, replaces a killed worker, shows and ends a service', async () => {
    const { plane, load } = service
    const worker = await plane.pidOf('worker')
    process.kill(worker, 'SIGKILL')
    await until('a new worker runs', async () => (await plane.pidOf('worker')) !== worker)
    const before = load.requests
    await until('requests flow', () => load.requests > before + 1000)
    const status = await service.status()
    expect(readyPids(status)).toEqual(service.pids)
    expect((await plane.system())?.storage.state).toBe('ok')
    const report = await load.stop()
    expect(summary(report.failures)).toEqual([])
    expect(report.streamsEnded).toBeGreaterThan(0)
    const down = await plane.cli('serve', 'down', 'loaded')
    expect(down.code).toBe(0)
    expect(plane.upOutput()).not.toMatch(/degraded|EROFS|read-only/i)
  })
})

describe.skipIf(!canMount)(`a run with the usual file system${reason}`, () => {
  let home = ''
  let namespace: MountNamespace
  let service: LoadedService
  beforeAll(async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'sk-'))
    home = `${root}-home`
    mkdirSync(home)
    namespace = await MountNamespace.create()
    namespace.recordWrites([tmpdir(), '/tmp', '/var/tmp', home, repository, build], root)
    service = await loadedService({ root, home, prefix: namespace.prefix })
  })
  afterAll(async () => {
    await service.end()
    namespace.end()
    rmSync(home, { recursive: true })
  })

  it('writes nothing to home, /tmp, /var/tmp, the repository or the build', async () => {
    const { plane, load } = service
    await until('requests flow', () => load.requests > 1000)
    expect(summary((await load.stop()).failures)).toEqual([])
    expect((await plane.cli('serve', 'logs', 'loaded', '1')).code).toBe(0)
    expect((await plane.cli('serve', 'down', 'loaded')).code).toBe(0)
    expect((await plane.cli('stop')).code).toBe(0)
    expect(namespace.writtenFiles()).toEqual([])
    // What would have been written would have been seen.
    const [command = '', ...rest] = [...namespace.prefix, 'mkdir', path.join(home, 'seen')]
    spawnSync(command, rest)
    expect(namespace.writtenFiles()).toContain(path.join(home, 'seen'))
  })
})
