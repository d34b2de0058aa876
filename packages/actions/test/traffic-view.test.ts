import { latencyBoundsMs } from '@skykeep/core/routes'
import { trafficWindows } from '@skykeep/core/traffic'
import type { TrafficStep, TrafficSum } from '@skykeep/db/traffic-reads'
import { describe, expect, it } from 'vitest'
import { toTrafficView, windowStart } from '../src/traffic/traffic-view.ts'

const window = { seconds: 20, step: 5, storedStep: 5 }
const from = 1_000

function sum(change: Partial<TrafficSum>): TrafficSum {
  const latency = [...latencyBoundsMs.map(() => 0), 0]
  return { ended: 0, failed: 0, class4xx: 0, class5xx: 0, inFlight: 0, latency, ...change }
}

function step(at: number, id: number, change: Partial<TrafficSum>): TrafficStep {
  return { startSecond: from + at * 5, id, counts: sum(change) }
}

const whole = [{ fromSecond: 0, toSecond: 10_000 }]

describe('requests as a chart shows them', () => {
  it('a rate is by second; where nobody asked it is 0', () => {
    const steps = [step(1, 1, { ended: 10, class4xx: 5, inFlight: 20 })]
    const view = toTrafficView({ window, by: 'service', fromSecond: from, steps, coverage: whole })
    const [all] = view.series
    expect(all?.requestsPerSecond).toEqual([0, 2, 0, 0])
    expect(all?.inFlight).toEqual([0, 4, 0, 0])
    expect(all?.refusedPerSecond).toEqual([0, 1, 0, 0])
    expect(all?.p95Ms).toEqual([null, null, null, null])
    expect(view.series).toHaveLength(1)
  })

  it('invariant 11: where less than half was counted there is a gap, and no 0; a part is taken by its seconds', () => {
    const coverage = [
      { fromSecond: 1_000, toSecond: 1_004 },
      { fromSecond: 1_008, toSecond: 1_009 },
      { fromSecond: 1_010, toSecond: 1_013 },
    ]
    const steps = [0, 1, 2, 3].map((at) => step(at, 1, { ended: 20 }))
    const view = toTrafficView({ window, by: 'service', fromSecond: from, steps, coverage })
    expect(view.series[0]?.requestsPerSecond).toEqual([4, null, 5, null])
    expect(view.countedToSecond).toBe(1_013)
    const none = toTrafficView({ window, by: 'service', fromSecond: from, steps, coverage: [] })
    expect(none.series[0]?.requestsPerSecond).toEqual([null, null, null, null])
    expect(none.countedToSecond).toBe(null)
  })

  it('errors by kind: of a replica, cut off, and of what no replica answered', () => {
    const steps = [
      step(0, 0, { ended: 5, failed: 5, class5xx: 5 }),
      step(0, 1, { ended: 20, failed: 15, class5xx: 10, class4xx: 5 }),
    ]
    const view = toTrafficView({ window, by: 'service', fromSecond: from, steps, coverage: whole })
    const [all] = view.series
    const first = (values: readonly (number | null)[] | undefined): unknown => values?.[0]
    expect(first(all?.brokenPerSecond)).toBe(2)
    expect(first(all?.refusedPerSecond)).toBe(1)
    expect(first(all?.cutOffPerSecond)).toBe(1)
    expect(first(all?.unansweredPerSecond)).toBe(1)
    expect([all?.requests, all?.errors]).toEqual([25, 20])
  })

  it('one line a replica, in order, the twelve busiest; the rest is counted', () => {
    const steps = Array.from({ length: 20 }, (_, id) => step(0, id, { ended: id }))
    const view = toTrafficView({ window, by: 'replica', fromSecond: from, steps, coverage: whole })
    expect(view.series.map(({ id }) => id)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    // What reached no replica is no line while there is none of it.
    expect(view.omitted).toBe(7)
  })

  it.each(Object.values(trafficWindows))(
    'a window ends with the step of now and is made of whole steps',
    (one) => {
      const nowMs = 1_790_000_123_456
      const start = windowStart(one, nowMs)
      expect(start % one.step).toBe(0)
      expect(one.seconds % one.step).toBe(0)
      expect(one.step % one.storedStep).toBe(0)
      const end = start + one.seconds
      expect(end * 1000).toBeGreaterThan(nowMs)
      expect(end * 1000 - nowMs).toBeLessThanOrEqual(one.step * 1000)
    },
  )
})
