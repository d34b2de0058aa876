import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

describe('the control plane dies under load', () => {
  let service: LoadedService
  beforeAll(async () => void (service = await loadedService()))
  afterAll(async () => await service.end())

  const kill = async (...names: readonly string[]): Promise<void> => {
    const pids = await Promise.all(names.map(async (name) => await service.plane.pidOf(name)))
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    if (names.includes('supervisor')) service.plane.up()
    const before = service.load.requests
    await until('all parts run again', async () => {
      const system = await service.plane.system()
      const running = system?.processes.filter(({ state }) => state === 'running') ?? []
      return names.every((name) => running.some((part) => part.name === name && !pids.includes(part.pid)))
    })
    await until('requests flow', () => service.load.requests > before + 100)
  }

  for (const names of [['worker'], ['web'], ['supervisor'], ['worker', 'web', 'supervisor']]) {
    it(`SIGKILL of ${names.join(', ')}: no request fails, no stream breaks, the replicas are the same`, async () => {
      await kill(...names)
      expect(summary(service.load.failures)).toEqual([])
      expect(readyPids(await service.status())).toEqual(service.pids)
    })
  }

  it('the recovery report names what was adopted and what was still running', async () => {
    const report = await until('a report', async () => (await service.status()).recoveryReports[0])
    expect(report.adoptedReplicas).toHaveLength(service.pids.size)
    expect(report.runningRequests.some(({ path }) => path === '/stream')).toBe(true)
  })
})
