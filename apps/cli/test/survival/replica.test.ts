import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const deaths: readonly (readonly [name: string, hit: (pid: number) => void])[] = [
  ['SIGKILL of the process that leads it', (pid) => process.kill(pid, 'SIGKILL')],
  ['SIGKILL of all its processes', (pid) => process.kill(-pid, 'SIGKILL')],
  ['SIGSTOP of all its processes', (pid) => process.kill(-pid, 'SIGSTOP')],
]

describe('a replica dies under load', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  it.each(deaths)(
    'invariant 8: %s costs no repeatable request, every other one that broke is listed, it is replaced',
    async (_name, hit) => {
      const before = readyPids(await service.status())
      const [victim] = before
      if (victim === undefined) throw new Error('no replica is ready')
      const [id, pid] = victim
      hit(pid)
      const after = await until(
        'a new replica is ready',
        async () => {
          const pids = readyPids(await service.status())
          return !pids.has(id) && pids.size === before.size && pids
        },
        60_000,
      )
      expect(Math.max(...after.keys())).toBeGreaterThan(Math.max(...before.keys()))
      await until('what was held up has come to an end', () => service.load.oldestRequestMs < 1000)
      expect(summary(service.load.failures.filter(({ isIdempotent }) => isIdempotent))).toEqual([])
      // Both sides are counted again at every look: a stream may still break while the list is read.
      const countOfBroken = () => service.load.failures.filter(({ isIdempotent }) => !isIdempotent).length
      await until(
        'every other broken request is listed',
        async () => {
          const { unfinishedRequests } = await service.status()
          return unfinishedRequests.length === countOfBroken()
        },
        60_000,
      )
    },
  )
})
