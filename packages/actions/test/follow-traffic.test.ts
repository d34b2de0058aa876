import { upService } from '@skykeep/actions/services/up-service'
import { followFigures } from '@skykeep/actions/traffic/follow-figures'
import { followTraffic } from '@skykeep/actions/traffic/follow-traffic'
import { trafficInput } from '@skykeep/actions/traffic/schemas'
import { listServices } from '@skykeep/actions/services/list-services'
import { listServicesInput } from '@skykeep/actions/services/schemas'
import type { TrafficFiguresView } from '@skykeep/core/traffic'
import { recordCounts } from '@skykeep/db/request-counts'
import { noteCoverage } from '@skykeep/db/traffic-rollups'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('following requests', (source) => {
  let world: ActionWorld
  let serviceUid = ''
  let seq = 0
  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    serviceUid = (await upService(world.as('user'), { yaml: serviceYaml() })).serviceUid
  })
  afterAll(() => world.close())

  /** What a worker writes of a second: that many requests, one in ten failed, and all gateways heard. */
  const count = (second: number, ended: number): Promise<unknown> =>
    world.services.db.transaction(async (tx) => {
      seq += 1
      const counts = { seq, epoch: 'e', second, serviceUid, started: 0, ended, failed: ended / 10 }
      const rest = { byClass: [ended, 0, 0, 0], sumMs: 1, inFlightPeak: 0, version: 1, replicaId: 1 } as const
      await recordCounts(tx, { epoch: 'e', counts: [{ ...counts, ...rest }], lastSeq: seq })
      await noteCoverage(tx, second - 120, second)
    })

  it('says what there is, and again once more is counted, until nobody listens', async () => {
    // Both in one step of 5 s, whatever time it is.
    const now = Math.floor(world.services.clock.now() / 1000)
    const start = now - (now % 5) - 20
    const left = new AbortController()
    const stream = followTraffic(world.as('viewer'), trafficInput.parse({ name: 'hello' }), left.signal)
    const requests = async (): Promise<number | undefined> => {
      const next = await stream.next()
      return next.done === true ? undefined : next.value.series[0]?.requests
    }
    expect(await requests()).toBe(0)
    await count(start, 100)
    expect(await requests()).toBe(100)
    await count(start + 4, 20)
    expect(await requests()).toBe(120)
    left.abort()
    expect(await requests()).toBeUndefined()
    const other = trafficInput.parse({ name: 'other' })
    const unknown = followTraffic(world.as('viewer'), other, new AbortController().signal)
    await expect(unknown.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('a list has the figures of the last minute that was counted', async () => {
    const left = new AbortController()
    const stream = followFigures(world.as('viewer'), left.signal)
    const { value } = await stream.next()
    // A generator that never returns a value.
    const first = value as TrafficFiguresView
    expect(first.services[serviceUid]).toMatchObject({ requestsPerSecond: 2, errorShare: 0.1 })
    expect(first.totals).toContain(24)
    const { items } = await listServices(world.as('viewer'), listServicesInput.parse({ sort: 'requests' }))
    expect(items[0]?.traffic).toEqual(first.services[serviceUid])
    left.abort()
    await stream.next()
  })
})
