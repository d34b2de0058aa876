import { afterEach, describe, expect, it } from 'vitest'
import { listRecoveryReports } from '@skykeep/db/recovery-reports'
import { until } from '@skykeep/testing/until'
import { exitOf, isRunning, WorkerWorld } from './worker-world.ts'

let world: WorkerWorld

afterEach(async ({ task }) => {
  await world.destroy(task.result?.state === 'fail')
})

/** Waits as closely as it can: the point is to kill right then. */
async function untilNow(isThere: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await isThere())) {
    if (performance.now() > deadline) throw new Error('the point of death never came')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('death of the worker', () => {
  it('dstack 11 #2: invariant 1: killed at each point of a launch, the same replicas come up and nothing is launched twice', async () => {
    world = await WorkerWorld.create()
    const points: readonly (readonly [string, (serviceName: string) => Promise<boolean> | boolean])[] = [
      ['rows', async (name) => (await rowsOf(name)).length > 0],
      ['intent', async (name) => (await rowsOf(name)).some(({ status }) => status === 'PROVISIONING')],
      ['node', async (name) => (await rowsOf(name)).some(({ nodeId }) => nodeId !== null)],
      ['process', async (name) => (await rowsOf(name)).some(({ status }) => status === 'STARTING')],
      ['ready', async (name) => (await rowsOf(name)).some(({ status }) => status === 'READY')],
    ]
    const services = new Map<string, Awaited<ReturnType<WorkerWorld['up']>>>()
    const rowsOf = async (name: string) => {
      const service = services.get(name)
      return service === undefined ? [] : world.replicas(service)
    }
    let worker = world.startWorker()
    for (const [name, isThere] of points) {
      const before = world.starts().length
      services.set(name, await world.up(name, 3))
      await untilNow(() => isThere(name))
      await world.kill(worker)
      worker = world.startWorker()
      const service = services.get(name)
      if (service === undefined) throw new Error('it was just put there')
      const ready = await world.untilReady(service, 3)
      expect(
        ready.map(({ replicaId }) => replicaId),
        `${name}: ${(await world.replicas(service)).map(({ statusReason }) => statusReason).join(' | ')}`,
      ).toEqual([1, 2, 3])
      const started = world.starts().slice(before)
      expect(started.map(([replicaId]) => replicaId).toSorted(), name).toEqual([1, 2, 3])
      expect(
        started.every(([, pid]) => isRunning(pid)),
        name,
      ).toBe(true)
    }
    expect(world.nodes()).toHaveLength(3 * points.length)
  })

  it('killed in the middle of a teardown, it is finished by the next and leaves nothing', async () => {
    world = await WorkerWorld.create()
    const worker = world.startWorker()
    const service = await world.up('hello', 2)
    await world.untilReady(service, 2)
    await world.down(service)
    await untilNow(async () =>
      (await world.replicas(service)).some(({ status }) => status === 'SHUTTING_DOWN'),
    )
    await world.kill(worker)
    world.startWorker()
    await until('the service is gone', async () => (await world.service(service)).status === 'TERMINATED')
    expect(world.nodes()).toEqual([])
    expect(world.starts().filter(([, pid]) => isRunning(pid))).toEqual([])
  })

  it('dstack 11 #4: the next one reports what it found, and which requests were still running', async () => {
    world = await WorkerWorld.create()
    const worker = world.startWorker()
    const service = await world.up('hello', 2)
    const before = await world.untilReady(service, 2)
    await world.kill(worker)
    const request = { id: 'r1', serviceUid: service.uid, serviceName: 'hello', method: 'GET', path: '/slow' }
    world.gateway.running = [{ ...request, replicaUid: before[0]?.uid ?? null, sinceMs: 1, kind: 'stream' }]
    world.startWorker()
    const [report] = await until('a report', async () => {
      const reports = await listRecoveryReports(world.database, service.uid)
      return reports.length > 0 && reports
    })
    expect(report).toMatchObject({
      trigger: 'worker restarted',
      adoptedReplicas: ['hello-1', 'hello-2'],
      resumedLaunches: [],
      endpointPort: 30_001,
      targetReplicas: 2,
    })
    expect(report?.runningRequests.map(({ path }) => path)).toEqual(['/slow'])
    expect(world.log()).toContain('Unfinished requests: GET /slow')
    const after = await world.untilReady(service, 2)
    expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
  })

  it('a stopped and resumed worker whose fence was raised writes nothing, starts nothing and ends', async () => {
    world = await WorkerWorld.create()
    const worker = world.startWorker()
    const service = await world.up('hello', 1)
    await world.untilReady(service, 1)
    await world.stop(worker)
    await world.scale(service, 4)
    await world.database.transaction((tx) =>
      tx.client.installation.update({ where: { id: 1 }, data: { fence: 7 } }),
    )
    const rows = await world.replicas(service)
    worker.kill('SIGCONT')
    expect(await exitOf(worker)).toBe(4)
    expect((await world.replicas(service)).map(({ rowVersion }) => rowVersion)).toEqual(
      rows.map(({ rowVersion }) => rowVersion),
    )
    expect(world.starts()).toHaveLength(1)
    expect(world.nodes()).toHaveLength(1)
  })

  it('ends within five seconds of SIGTERM; replicas go on', async () => {
    world = await WorkerWorld.create()
    const worker = world.startWorker()
    const service = await world.up('hello', 1)
    const [replica] = await world.untilReady(service, 1)
    const startedAtMs = performance.now()
    worker.kill('SIGTERM')
    expect(await exitOf(worker)).toBe(0)
    expect(performance.now() - startedAtMs).toBeLessThan(5_500)
    expect(await (await fetch(`http://127.0.0.1:${replica?.port}/`)).text()).toBe('hello 1')
  })
})
