import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

describe('two planes on one path', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  it('dstack 11 #1: the second stands by, takes over from a stopped one, and the resumed old one starts nothing', async () => {
    const { plane } = service
    const old = await plane.untilActive()
    const standby = plane.up()
    await until('it says that it stands by', () => /stand(s|ing) by/.test(plane.upOutput()))
    const planeParts = old.processes.filter(({ name }) => !name.startsWith('gateway'))
    for (const { pid } of planeParts) process.kill(pid, 'SIGSTOP')
    const successor = await until(
      'the second plane is active',
      async () => {
        const system = await plane.system()
        return system !== undefined && system.fence > old.fence && system
      },
      90_000,
    )
    expect(successor.processes.find(({ name }) => name === 'supervisor')?.pid).toBe(standby.pid)
    for (const { pid } of planeParts) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // Killed by its successor, as it should be.
      }
    }
    await until('nothing of the old plane runs', () => planeParts.every(({ pid }) => !isAlive(pid)))
    const after = await plane.untilActive()
    expect(after.fence).toBe(successor.fence)
    expect(readyPids(await service.status())).toEqual(service.pids)
    const nodes = readdirSync(path.join(plane.root, 'local')).filter((name) => !name.startsWith('.'))
    expect(nodes).toHaveLength(service.pids.size)
    expect(summary(service.load.failures)).toEqual([])
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
