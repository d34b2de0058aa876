import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { lastingMs, loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

describe('invariant 6: a stopped process is a dead one', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  const stopAndAwaitSuccessor = async (name: string): Promise<void> => {
    const pid = await service.plane.pidOf(name)
    process.kill(pid, 'SIGSTOP')
    await until(`${name} is replaced`, async () => (await service.plane.pidOf(name)) !== pid, 60_000)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    const before = service.load.requests
    await until('requests flow', () => service.load.requests > before + 100)
  }

  for (const name of ['worker', 'web']) {
    it(`SIGSTOP of ${name}: it is killed and replaced, and no request fails`, async () => {
      await stopAndAwaitSuccessor(name)
      expect(summary(service.load.failures)).toEqual([])
      expect(readyPids(await service.status())).toEqual(service.pids)
    })
  }

  it('invariant 5: SIGSTOP of the supervisor for 20 s, and on again: nothing is killed, nothing fails', async () => {
    const before = (await service.plane.untilActive()).processes
    const pid = await service.plane.pidOf('supervisor')
    process.kill(pid, 'SIGSTOP')
    const requests = service.load.requests
    await until('requests flow meanwhile', () => service.load.requests > requests + 20 * 200, 60_000)
    process.kill(pid, 'SIGCONT')
    const after = (await service.plane.untilActive()).processes
    expect(after.map(({ name, pid: id }) => `${name} ${id}`)).toEqual(
      before.map(({ name, pid: id }) => `${name} ${id}`),
    )
    expect(summary(service.load.failures)).toEqual([])
  })

  it('SIGSTOP of a gateway process: its sibling replaces it, no connection is refused, broken streams are listed', async () => {
    const stoppedAtMs = performance.now()
    await stopAndAwaitSuccessor('gateway-1')
    expect(service.load.failures.filter(({ wasRefused }) => wasRefused)).toEqual([])
    // One that had only begun when the process was stopped is older by the time its client learns it.
    const broken = service.load.failures.filter(({ kind }) => kind !== 'request')
    const lasting = broken.filter(({ beganAtMs }) => beganAtMs < stoppedAtMs - lastingMs)
    const listed = await until('each stream that had lasted and broke is listed', async () => {
      const { unfinishedRequests } = await service.status()
      const streams = unfinishedRequests.filter(({ kind }) => kind !== 'request')
      return streams.length >= lasting.length && streams
    })
    expect(listed.length).toBeLessThanOrEqual(broken.length)
  })
})
