import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Service } from '@skykeep/core/nouns'
import { getInstallation } from '@skykeep/db/installation'
import { listEvents } from '@skykeep/db/events'
import { listSpotLocations } from '@skykeep/db/spot-locations'
import { FolderLog } from '@skykeep/logs/folder-log'
import { SimProvider } from '@skykeep/provider-sim/sim-provider'
import { until } from '@skykeep/testing/until'
import { afterEach, describe, expect, it } from 'vitest'
import { workerClock } from '../src/worker-clock.ts'
import { helloRun, isRunning, WorkerWorld } from './worker-world.ts'

let world: WorkerWorld

afterEach(async ({ task }) => {
  await world.destroy(task.result?.state === 'fail')
})

describe('a spot node that is taken back', () => {
  const quickBoots = { SKYKEEP_SIM: JSON.stringify({ bootMs: [100, 300], meanSpotLifeMs: null }) }
  const resources = { infra: 'sim', useSpot: true } as const

  /** The worker's simulated cloud, from another process. */
  async function simCloud(): Promise<SimProvider> {
    const { uid } = await getInstallation(world.database)
    return new SimProvider({
      root: join(world.layout.localDir, '.sim'),
      jobEnv: {},
      clock: workerClock,
      seed: uid,
    })
  }

  it('is replaced in another zone, and its log is kept', async () => {
    world = await WorkerWorld.create()
    world.startWorker(quickBoots)
    const run = `echo from the first life; ${helloRun}`
    const service = await world.up('spotty', 1, { run, resources })
    const [first] = await world.untilReady(service, 1)
    await until('it is routed', () => world.gateway.routedReplicas().includes(1))
    await (await simCloud()).preemptNode(first?.nodeId ?? '')
    await until('it is out of the routes', () => !world.gateway.routedReplicas().includes(1))
    const [second] = await world.untilReady(service, 1)
    expect(second).toMatchObject({ replicaId: 2, isSpot: true })
    expect(second?.zone).not.toBe(first?.zone)
    const [ended] = await world.replicas(service)
    expect(ended).toMatchObject({ outcome: 'PREEMPTED', status: 'TERMINATED' })
    expect(isRunning(first?.pid ?? 0)).toBe(false)
    expect(await listSpotLocations(world.database, service.uid)).toMatchObject([
      { infra: 'sim', zone: first?.zone, status: 'PREEMPTED' },
    ])
    const { uid } = await getInstallation(world.database)
    const nodes = await (await simCloud()).listNodes(uid)
    expect(nodes.map(({ tags }) => tags.uid)).toEqual([second?.uid])
  })

  it('skypilot 3.5 #17: the log of a replica whose node was taken back is kept', async () => {
    world = await WorkerWorld.create()
    world.startWorker(quickBoots)
    const run = `echo from the first life; ${helloRun}`
    const service = await world.up('spotty', 1, { run, resources })
    const [first] = await world.untilReady(service, 1)
    await (await simCloud()).preemptNode(first?.nodeId ?? '')
    await until('it is gone', async () => (await world.replicas(service))[0]?.status === 'TERMINATED')
    const log = new FolderLog(join(world.layout.serviceLogsDir(service.uid), '1'))
    const { bytes } = await log.read({ offset: 0, limitBytes: 4_096 })
    expect(Buffer.from(bytes).toString('utf8')).toContain('from the first life')
  })
})

describe('a machine that was booted again', () => {
  /** As the next boot finds them: made under another boot id. Their processes are ended as any other's are. */
  function bootAgain(): void {
    const folder = join(world.layout.localDir, '.nodes')
    for (const name of readdirSync(folder)) {
      const file = join(folder, name)
      const record: unknown = JSON.parse(readFileSync(file, 'utf8'))
      writeFileSync(file, JSON.stringify(Object.assign({}, record, { bootId: 'the boot before' })))
    }
  }
  const statuses = async ({ uid }: Service): Promise<readonly (string | null)[]> =>
    (await listEvents(world.database, { uid, types: ['status.changed'] })).map(({ to }) => to)

  it('invariant 19: every replica is lost, none is charged, and all come back', async () => {
    world = await WorkerWorld.create()
    const worker = world.startWorker()
    const service = await world.up('hello', 3)
    await world.untilReady(service, 3)
    await world.kill(worker)
    bootAgain()
    world.startWorker()
    await until('the first three are gone', async () =>
      (await world.replicas(service)).slice(0, 3).every(({ status }) => status === 'TERMINATED'),
    )
    const ready = await world.untilReady(service, 3)
    expect(ready.map(({ replicaId }) => replicaId).toSorted((a, b) => a - b)).toEqual([4, 5, 6])
    const outcomes = (await world.replicas(service)).slice(0, 3).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['LOST', 'LOST', 'LOST'])
    expect(await statuses(service)).not.toContain('FAILED')
    expect(world.starts().filter(([, pid]) => isRunning(pid))).toHaveLength(3)
  })
})
