import { callControl } from '@skykeep/persistent-path/control'
import { until } from '@skykeep/testing/until'
import { afterEach, describe, expect, it } from 'vitest'
import { WorkerWorld } from './worker-world.ts'

let world: WorkerWorld

afterEach(async ({ task }) => {
  await world.destroy(task.result?.state === 'fail')
})

const scaling = {
  minReplicas: 0,
  maxReplicas: 2,
  metric: { kind: 'in_flight', targetInFlightPerReplica: 4 },
  numOverprovision: 0,
  upscaleDelaySeconds: 300,
  downscaleDelaySeconds: 1200,
  isDynamicOndemandFallback: false,
  baseOndemandFallbackReplicas: 0,
} as const

function wake(body: unknown): Promise<unknown> {
  return callControl(world.layout.socket('worker'), { method: 'POST', path: '/wake', body })
}

describe('a gateway that says that a request waits', () => {
  it('invariant 18: brings up the first replica of a service at zero; what names no service is refused', async () => {
    world = await WorkerWorld.create()
    world.startWorker()
    const service = await world.up('hello', 0, { scaling })
    await until('the table', () => world.gateway.table?.services.length === 1)
    expect(await world.replicas(service)).toEqual([])
    await expect(wake({ serviceUid: 'svc_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    for (const body of [{}, { serviceUid: 7 }, undefined])
      await expect(wake(body)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    world.gateway.parked[service.uid] = 1
    expect(await wake({ serviceUid: service.uid })).toEqual({ woken: true })
    await world.untilReady(service, 1)
  })
})
