import {
  latencyBoundsMs,
  type CountsBatch,
  type GatewayStatus,
  type SecondCounts,
} from '@skykeep/core/routes'
import { raiseFence } from '@skykeep/db/fence'
import type { Database } from '@skykeep/db/handles'
import { readCounts } from '@skykeep/db/request-counts'
import { forEachDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ControllerContext } from '../src/context.ts'
import { collectCounts } from '../src/routes/collect.ts'
import type { GatewayChannel } from '../src/routes/gateway-channel.ts'
import { Gateways } from '../src/routes/gateways.ts'

/** A gateway's control socket, as far as counts go. */
class CountingGateway implements GatewayChannel {
  counts: readonly SecondCounts[] = []
  closedSecond = 0
  acked = 0

  living(): readonly string[] {
    return ['gateway-0']
  }

  async call(
    _name: string,
    { path, body }: { readonly path: string; readonly body?: unknown },
  ): Promise<unknown> {
    if (path === '/status') return this.status()
    if (path === '/counts/ack') return (this.acked = Number(Reflect.get(Object(body), 'seq')))
    const after = Number(path.split('=')[1])
    const counts = this.counts.filter(({ seq }) => seq > after)
    const batch: CountsBatch = { epoch: 'e', counts, lastSeq: counts.at(-1)?.seq ?? after }
    return { ...batch, completeToSecond: this.closedSecond }
  }

  private status(): GatewayStatus {
    const counts = this.counts.filter(({ seq }) => seq > this.acked).length
    return {
      slot: 0,
      pid: 1,
      epoch: 'e',
      appliedVersion: 1,
      boundPorts: [],
      blockedPorts: [],
      inFlight: {},
      ejected: [],
      siblings: [],
      unacked: { counts, reports: 0, closedSecond: this.closedSecond },
    }
  }
}

function counted(seq: number, change: Partial<SecondCounts>): SecondCounts {
  return {
    seq,
    epoch: 'e',
    second: 100,
    serviceUid: 'svc',
    started: 0,
    ended: 0,
    failed: 0,
    byClass: [0, 0, 0, 0],
    sumMs: 0,
    inFlightPeak: 0,
    ...change,
  }
}

const buckets = latencyBoundsMs.length + 1
const latency = (at: number): number[] =>
  Array.from({ length: buckets }, (_, bucket) => (bucket === at ? 1 : 0))

forEachDatabase('counts of gateways', (source) => {
  let database: Database
  let context: ControllerContext
  let gateway: CountingGateway
  let gateways: Gateways
  let complete: [string, number][]

  beforeEach(async () => {
    const clock = new FakeClock()
    database = (await source.create({ clock })).database
    const fence = await raiseFence(database)
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const ids = { uid: () => 'x', secret: () => 'x' }
    context = { database, fence, clock, ids, log, installationId: 'ins', providers: new Map() }
    gateway = new CountingGateway()
    gateways = new Gateways(gateway)
    complete = []
  })
  afterEach(() => database.close())

  const collect = async (): Promise<number> => {
    await gateways.look(null)
    const fresh = await collectCounts(context, gateways, (epoch, second) => complete.push([epoch, second]))
    return fresh.length
  }
  const range = { serviceUid: 'svc', fromSecond: 100, toSecond: 100 }

  it('each version counts for itself; those of all versions add up; a batch of an older gateway has none', async () => {
    gateway.counts = [
      counted(1, {
        version: 0,
        started: 5,
        ended: 1,
        failed: 1,
        inFlightPeak: 4,
        parkedPeak: 2,
        latency: latency(0),
      }),
      counted(2, { version: 1, ended: 3, byClass: [3, 0, 0, 0], latency: latency(3) }),
      counted(3, { version: 2, ended: 1, failed: 1, byClass: [0, 0, 0, 1], latency: latency(3) }),
    ]
    gateway.closedSecond = 100
    expect(await collect()).toBe(3)
    gateway.counts = [...gateway.counts, counted(4, { started: 2, ended: 2 })]
    expect(await collect()).toBe(1)
    const [all] = await readCounts(database, range)
    expect(all).toMatchObject({ started: 7, ended: 7, failed: 2, inFlightPeak: 4, parkedPeak: 2 })
    expect(all?.byClass).toEqual([3, 0, 0, 1])
    expect(all?.latency.slice(0, 4)).toEqual([1, 0, 0, 2])
    const [second] = await readCounts(database, { ...range, versions: [2] })
    expect(second).toMatchObject({ started: 0, ended: 1, failed: 1 })
    expect(await readCounts(database, { ...range, versions: [3] })).toEqual([])
  })

  it('invariant 11: says up to which second all is there, also when there was nothing to take', async () => {
    gateway.closedSecond = 99
    expect(await collect()).toBe(0)
    gateway.counts = [counted(1, { started: 1 })]
    gateway.closedSecond = 100
    expect(await collect()).toBe(1)
    expect(gateway.acked).toBe(1)
    gateway.closedSecond = 101
    expect(await collect()).toBe(0)
    expect(complete).toEqual([
      ['e', 99],
      ['e', 100],
      ['e', 101],
    ])
  })
})
