import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemView } from '@skykeep/core/views'
import { planeDatabases } from '@skykeep/testing/plane-databases'
import { until } from '@skykeep/testing/until'
import { AnotherBuild } from './another-build.ts'
import { build, loadedService, readyPids, summary, type LoadedService } from './loaded-service.ts'

const patienceMs = 90_000

for (const database of planeDatabases) {
  describe.skipIf(!database.isThere)(
    `a newer build takes over from an older one, with streams open, ${database.title}`,
    () => {
      let service: LoadedService
      let endpoint: string
      let own: string
      /** Adds a table, which the older program does not look at. */
      let expanding: AnotherBuild
      /** What it makes of the database, the older program cannot read. */
      let breaking: AnotherBuild
      beforeAll(async () => {
        expanding = new AnotherBuild(build, {
          version: '0.2.0',
          migration: '20990101000000_of_the_next_build',
          oldestProgram: '0.1.0',
        })
        breaking = new AnotherBuild(expanding.folder, {
          version: '0.3.0',
          migration: '20990201000000_of_the_one_after',
          oldestProgram: '0.3.0',
        })
        service = await loadedService(database.create())
        const system = await service.plane.untilActive()
        own = system.version
        endpoint = (await service.status()).endpoint
      })
      afterAll(async () => {
        await service.end()
        expanding.end()
        breaking.end()
      })

      /** `npm start` of this build; resolves once all four parts are of it, as the control plane says. */
      const start = async (folder: string): Promise<SystemView> => {
        service.plane.useBuild(folder)
        service.plane.up()
        return await until(
          `web, worker, supervisor and two gateways of ${folder}`,
          async () => {
            const system = await service.plane.system()
            const names = system?.processes.flatMap(({ name, state, build: of }) =>
              of === folder && state === 'running' ? [name.replace(/-\d+$/, '')] : [],
            )
            return names?.toSorted().join() === 'gateway,gateway,supervisor,web,worker' && system
          },
          patienceMs,
        )
      }

      const expectUntouched = async (): Promise<void> => {
        const before = service.load.requests
        await until('requests flow', () => service.load.requests > before + 300)
        expect(summary(service.load.failures)).toEqual([])
        const now = await service.status()
        expect(now.endpoint).toBe(endpoint)
        expect(readyPids(now)).toEqual(service.pids)
      }

      it('Ctrl-C, and a start of the newer one: nothing fails, port and replicas are the same, and it says its version', async () => {
        expect(await service.plane.interrupt()).toBe(0)
        const system = await start(expanding.folder)
        expect(system.version).toBe('0.2.0')
        expect(system.database.migration).toBe('20990101000000_of_the_next_build')
        await expectUntouched()
      })

      it('a gateway of the older build ends once what it carries has ended, not before', async () => {
        const carrying = await until('those of the older build drain', async () => {
          const old = (await service.plane.system())?.processes.filter(({ build: of }) => of === build)
          return old?.every(({ state }) => state === 'draining') === true && old
        })
        // Which of the two carries them is the kernel's choice.
        expect(carrying).not.toEqual([])
        expect(['gateway-0', 'gateway-1']).toEqual(expect.arrayContaining(carrying.map(({ name }) => name)))
        for (const { drain } of carrying) expect(drain?.endsInMs).toBeLessThanOrEqual(3_600_000)
        const shown = await service.plane.cli('system', 'status')
        expect(shown.stdout).toMatch(
          /draining {3}gateway-\d carries \d+ connections?, and ends with the last one, within/,
        )
        service.load.renewWebSockets()
        await until(
          'none is left',
          async () => (await service.plane.system())?.processes.every(({ build: of }) => of !== build),
          patienceMs,
        )
        await expectUntouched()
      })

      it('the way back, while the older program can read the database: the same, with the migration in place', async () => {
        expect(await service.plane.interrupt()).toBe(0)
        const system = await start(build)
        expect(system.version).toBe(own)
        expect(system.database.migration).toBe('20990101000000_of_the_next_build')
        await expectUntouched()
      })

      it('the way back from what it cannot read: refused by name, nothing is changed, and the newer one goes on', async () => {
        expect(await service.plane.interrupt()).toBe(0)
        expect((await start(breaking.folder)).version).toBe('0.3.0')
        expect(await service.plane.interrupt()).toBe(0)
        service.plane.useBuild(build)
        const older = service.plane.up()
        await until('the older one ends', () => older.exitCode !== null, patienceMs)
        expect(older.exitCode).not.toBe(0)
        expect(service.plane.upOutput()).toContain(
          `The database belongs to a newer Skykeep (0.3.0); this one is ${own}.`,
        )
        service.plane.useBuild(breaking.folder)
        expect((await start(breaking.folder)).database.migration).toBe('20990201000000_of_the_one_after')
        await expectUntouched()
      })

      it('every stream that was open meanwhile came whole', async () => {
        const { failures, streamsEnded, webSocketMessages } = await service.load.stop()
        expect(summary(failures)).toEqual([])
        expect(streamsEnded).toBeGreaterThan(6)
        expect(webSocketMessages).toBeGreaterThan(100)
      })
    },
  )
}
