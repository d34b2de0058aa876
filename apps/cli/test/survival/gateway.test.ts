import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { brokenStreams, loadedService, type LoadedService } from './loaded-service.ts'

describe('gateway processes die under load', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  const broken = (): number => brokenStreams(service.load.failures).length
  const listed = async (): Promise<number> =>
    (await service.status()).unfinishedRequests.filter(({ kind }) => kind !== 'request').length

  it('SIGKILL of one: no connection is refused, and exactly the broken streams are listed', async () => {
    const pid = await service.plane.pidOf('gateway-0')
    process.kill(pid, 'SIGKILL')
    await until('a gateway takes its place', async () => (await service.plane.pidOf('gateway-0')) !== pid)
    expect(service.load.failures.filter(({ wasRefused }) => wasRefused)).toEqual([])
    await until('each broken stream is listed', async () => (await listed()) === broken())
  })

  it('skypilot 3.5 #15, dstack 11 #9: SIGKILL of all: the same port answers again, and exactly the broken streams are listed', async () => {
    const { endpoint } = await service.status()
    const pids = await Promise.all(
      ['gateway-0', 'gateway-1'].map(async (name) => await service.plane.pidOf(name)),
    )
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    const before = service.load.requests
    await until('requests flow again', () => service.load.requests > before + 100)
    expect((await service.status()).endpoint).toBe(endpoint)
    await until('each broken stream is listed', async () => (await listed()) === broken())
  })
})
