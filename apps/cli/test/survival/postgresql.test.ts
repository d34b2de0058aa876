import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planeDatabases } from '@skykeep/testing/plane-databases'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const databases = planeDatabases.filter(({ kind }) => kind === 'postgresql')

for (const database of databases) {
  describe.skipIf(!database.isThere)(`a plane ${database.title}`, () => {
    let service: LoadedService
    beforeAll(async () => {
      service = await loadedService(database.create())
    })
    afterAll(async () => {
      await service.end()
    })

    it('SIGKILL of supervisor, web and worker: no request fails and the replicas are the same', async () => {
      expect((await service.plane.untilActive()).database.kind).toBe('postgresql')
      const parts = ['supervisor', 'web', 'worker']
      const pids = await Promise.all(parts.map(async (part) => await service.plane.pidOf(part)))
      for (const pid of pids) process.kill(pid, 'SIGKILL')
      service.plane.up()
      await until('other processes run', async () => {
        const system = await service.plane.system()
        return system?.processes.every(({ pid }) => !pids.includes(pid))
      })
      await service.plane.untilActive()
      expect(summary(service.load.failures)).toEqual([])
      expect(readyPids(await service.status())).toEqual(service.pids)
    })
  })
}
