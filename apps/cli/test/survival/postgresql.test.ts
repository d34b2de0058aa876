import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const server = process.env['SKYKEEP_TEST_POSTGRES_URL']
const name = `survival_${process.pid}`

describe.skipIf(server === undefined)(
  `on PostgreSQL${server === undefined ? ' (no server was given)' : ''}`,
  () => {
    let service: LoadedService
    beforeAll(async () => {
      if (server === undefined) return
      spawnSync('psql', [server, '-c', `CREATE DATABASE ${name}`], { stdio: 'ignore' })
      service = await loadedService({ databaseUrl: `${server}/${name}` })
    })
    afterAll(async () => {
      if (server !== undefined) await service.end()
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
  },
)
