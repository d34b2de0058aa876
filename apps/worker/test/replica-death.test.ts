import { afterEach, describe, expect, it } from 'vitest'
import { getEndpoint } from '@skykeep/db/endpoints'
import { listEvents } from '@skykeep/db/events'
import { listOperations } from '@skykeep/db/operations'
import { listUnfinished } from '@skykeep/db/unfinished-requests'
import { LocalProvider } from '@skykeep/provider-local/local-provider'
import { until } from '@skykeep/testing/until'
import { workerClock } from '../src/worker-clock.ts'
import { isRunning, WorkerWorld } from './worker-world.ts'

let world: WorkerWorld

afterEach(async ({ task }) => {
  await world.destroy(task.result?.state === 'fail')
})

describe('death of a replica', () => {
  it('is noticed at once; its successor has a number of its own', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('hello', 2)
    await world.untilReady(service, 2)
    await until('both are routed', () => world.gateway.routedReplicas().length === 2)
    const [, victim] = world.starts().find(([replicaId]) => replicaId === 1) ?? [0, 0]
    const killedAtMs = performance.now()
    process.kill(victim, 'SIGKILL')
    await until('replica 1 is out of the routes', () => !world.gateway.routedReplicas().includes(1))
    expect(performance.now() - killedAtMs).toBeLessThan(4_000)
    const ready = await world.untilReady(service, 2)
    expect(ready.map(({ replicaId }) => replicaId)).toEqual([2, 3])
    const [first] = await world.replicas(service)
    expect(first).toMatchObject({ outcome: 'FAILED', exitCode: 137, status: 'TERMINATED' })
    expect(world.starts().filter(([, pid]) => isRunning(pid))).toHaveLength(2)
  })

  it('three that never became ready make the service FAILED with their last line, and it keeps trying', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('broken', 1, { run: 'echo no such model; exit 3' })
    const operation = await until('the operation failed', async () => {
      const { items } = await listOperations(world.database, { targetUid: service.uid })
      return items[0]?.status === 'FAILED' && items[0]
    })
    expect(operation.statusReason).toContain('no such model')
    expect((await world.service(service)).status).toBe('FAILED')
    const [first] = await world.replicas(service)
    expect(first).toMatchObject({ outcome: 'FAILED', exitCode: 3 })
    const tried = (await world.replicas(service)).length
    await until('one more try', async () => (await world.replicas(service)).length > tried)
  })

  it('a setup that takes longer than the initial delay costs nothing of it', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('slow-setup', 1, {
      setup: 'sleep 4',
      probe: { initialDelaySeconds: 2 },
    })
    const ready = await world.untilReady(service, 1)
    expect(ready.map(({ replicaId }) => replicaId)).toEqual([1])
  })

  it('a setup that fails is FAILED_SETUP', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('broken', 1, { setup: 'echo cannot install; exit 9' })
    const first = await until('the first replica ended', async () => {
      const [replica] = await world.replicas(service)
      return replica?.status === 'TERMINATED' && replica
    })
    expect(first).toMatchObject({ outcome: 'FAILED_SETUP', exitCode: 9 })
    expect(first.statusReason).toContain('cannot install')
  })

  it('invariant 10: it stops only when nothing is in flight to it any more', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('hello', 2)
    const ready = await world.untilReady(service, 2)
    await until('both are routed', () => world.gateway.routedReplicas().length === 2)
    const leaving = ready[1]
    if (leaving === undefined) throw new Error('there are two')
    world.gateway.inFlight[leaving.uid] = 1
    await world.scale(service, 1)
    await until('it drains', async () => (await world.replicas(service))[1]?.status === 'DRAINING')
    await until('it gets nothing new', () => !world.gateway.routedReplicas().includes(2))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await (await fetch(`http://127.0.0.1:${leaving.port}/`)).text()).toBe('hello 2')
    world.gateway.inFlight[leaving.uid] = 0
    await world.untilReady(service, 1)
  })
})

describe('what gateways and infras say', () => {
  it('invariant 16: a held port is BLOCKED with the reason, and opens when it is free', async () => {
    world = await WorkerWorld.create()
    world.gateway.blockedPorts = [{ port: 30_001, reason: 'EADDRINUSE' }]
    world.startWorker()
    const service = await world.up('hello', 1)
    const endpoint = await until('it is blocked', async () => {
      const row = await getEndpoint(world.database, service.uid)
      return row.status === 'BLOCKED' && row
    })
    expect(endpoint.statusReason).toContain('EADDRINUSE')
    world.gateway.blockedPorts = []
    await until('it is open', async () => (await getEndpoint(world.database, service.uid)).status === 'OPEN')
  })

  it('dstack 11 #13: unfinished requests become rows, an event and a line, and are acked once', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('hello', 1)
    await world.untilReady(service, 1)
    const request = { id: 'r1', serviceUid: service.uid, serviceName: 'hello', method: 'POST', path: '/pay' }
    const requests = [{ ...request, replicaUid: null, sinceMs: 1, kind: 'request' as const }]
    world.gateway.reports = [{ epoch: 'dead-1', requests }]
    await until('it is acked', () => world.gateway.ackedEpochs.includes('dead-1'))
    expect(
      (await listUnfinished(world.database, { serviceUid: service.uid })).map(({ path }) => path),
    ).toEqual(['/pay'])
    const events = await listEvents(world.database, { types: ['requests.unfinished'] })
    expect(events).toHaveLength(1)
    expect(world.log()).toContain('Unfinished requests: POST /pay')
  })

  it('invariant 3: a node that no row names is reported and left alone', async () => {
    world = await WorkerWorld.create()
    const installation = await world.database.client.installation.findUnique({ where: { id: 1 } })
    const local = new LocalProvider({ root: world.layout.localDir, jobEnv: {}, clock: workerClock })
    const [offer] = await local.listOffers({})
    if (offer === undefined) throw new Error('local offers nothing')
    const tags = {
      uid: 'rep_from_elsewhere',
      generation: 1,
      attempt: 1,
      installationId: installation?.uid ?? '',
    }
    const { nodeId } = await local.createNode({ token: 'x.1.1', tags, offer, resources: {} })
    world.startWorker()
    const [event] = await until('it is reported', async () => {
      const events = await listEvents(world.database, { types: ['orphan.found'] })
      return events.length > 0 && events
    })
    expect(event?.message).toContain(nodeId)
    expect(world.nodes()).toEqual([nodeId])
  })
})
