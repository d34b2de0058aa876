import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestPlane } from '@skykeep/testing/plane'
import { until } from '@skykeep/testing/until'
import { build, loadedService, readyPids, summary, type LoadedService } from '../survival/loaded-service.ts'

/** What `state backup --json` answers, as far as the tests read it. */
interface BackupJson {
  readonly file: string
  readonly rows: number
  readonly keyVersion: number | null
}

describe('a backup of a loaded plane', () => {
  let service: LoadedService
  let clone: TestPlane
  let file = ''
  beforeAll(async () => {
    service = await loadedService()
    clone = await TestPlane.create({ build })
  })
  afterAll(async () => {
    // The original first: whatever it does to its own, the clone must not be needed for it.
    await service.end()
    await clone.destroy()
  })

  it('loses no request, and verifies as identical', async () => {
    const made = await service.plane.cli('state', 'backup', '--json')
    expect(made.code, made.stderr).toBe(0)
    // The command's documented shape.
    const backup = JSON.parse(made.stdout) as BackupJson
    file = backup.file
    expect(backup.keyVersion).toBe(1)
    expect(backup.rows).toBeGreaterThan(20)
    const verified = await service.plane.cli('state', 'verify', file)
    expect(verified.stdout).toMatch(/^identical$/m)
    expect(verified.code).toBe(0)
    expect(summary(service.load.failures)).toEqual([])
  })

  it('invariant 3: restored beside the original and started, it reaps nothing that lives', async () => {
    const before = await service.status()
    const keys = path.join(service.plane.root, 'keys', 'master.key')
    const restored = await service.plane.cli('state', 'restore', file, '--to', clone.root, '--key-file', keys)
    expect(restored.code, restored.stderr).toBe(0)
    expect(readFileSync(path.join(clone.root, 'keys', 'master.key'))).toEqual(readFileSync(keys))
    clone.up()
    await clone.untilActive()
    const status = await until(
      'the clone has the same port, and says what holds it',
      async () => {
        const seen = await clone.status('loaded')
        return seen?.endpointStatus === 'BLOCKED' && seen
      },
      60_000,
    )
    expect(status.endpoint).toBe(before.endpoint)
    const numbers = await until(
      'the clone replaced what it lost, under numbers that nobody had',
      async () => {
        const ready = readyPids((await clone.status('loaded')) ?? before)
        return [...ready.keys()].every((id) => id > 1000) && ready.size === 2 && ready
      },
      90_000,
    )
    expect([...numbers.values()].some((pid) => [...service.pids.values()].includes(pid))).toBe(false)
    expect(readyPids(await service.status())).toEqual(service.pids)
    expect(summary(service.load.failures)).toEqual([])
  })

  it('the port opens at the clone as soon as the original is down', async () => {
    const report = await service.load.stop()
    expect(summary(report.failures)).toEqual([])
    await service.plane.cli('stop', '--services')
    const { endpoint } = await service.status().catch(() => ({ endpoint: '' }))
    expect(endpoint).toBe('')
    const opened = await until('the clone serves on the same port', async () => {
      const seen = await clone.status('loaded')
      return seen?.endpointStatus === 'OPEN' && seen
    })
    expect(await (await fetch(opened.endpoint)).text()).toMatch(/^replica 10\d\d pid/)
  })
})
