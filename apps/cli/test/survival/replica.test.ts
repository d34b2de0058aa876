import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

describe('a replica dies under load', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  it('invariant 8: SIGKILL costs no repeatable request, every stream that broke is listed, and it is replaced', async () => {
    const [victim] = service.pids
    if (victim === undefined) throw new Error('no replica is ready')
    const [id, pid] = victim
    process.kill(pid, 'SIGKILL')
    const after = await until('a new replica is ready', async () => {
      const status = await service.status()
      const pids = readyPids(status)
      return !pids.has(id) && pids.size === service.pids.size && status
    })
    expect(Math.max(...readyPids(after).keys())).toBeGreaterThan(Math.max(...service.pids.keys()))
    expect(summary(service.load.failures.filter(({ isIdempotent }) => isIdempotent))).toEqual([])
    const broken = service.load.failures.filter(({ isIdempotent }) => !isIdempotent).length
    await until('every other broken request is listed', async () => {
      const { unfinishedRequests } = await service.status()
      return unfinishedRequests.length === broken
    })
  })
})
