import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, type LoadedService } from './loaded-service.ts'

const parts = ['supervisor', 'web', 'worker', 'gateway-0', 'gateway-1']

describe('everything but the replicas dies at once', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  it('a start finds the same port and the same replicas, and launches nothing twice', async () => {
    const { endpoint, replicas } = await service.status()
    const pids = await Promise.all(parts.map(async (name) => await service.plane.pidOf(name)))
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    service.plane.up()
    await service.plane.untilActive()
    const before = service.load.requests
    await until('requests flow again', () => service.load.requests > before + 100)
    const after = await service.status()
    expect(after.endpoint).toBe(endpoint)
    expect(readyPids(after)).toEqual(service.pids)
    expect(after.replicas.map(({ id }) => id).toSorted()).toEqual(replicas.map(({ id }) => id).toSorted())
    await until('every stream that broke is listed', async () => {
      const { unfinishedRequests } = await service.status()
      return unfinishedRequests.filter(({ kind }) => kind !== 'request').length === 12
    })
    expect((await service.status()).recoveryReports).not.toEqual([])
  })
})
