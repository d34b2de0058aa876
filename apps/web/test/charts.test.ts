import type { TrafficSeries, TrafficView } from '@skykeep/core/traffic'
import { describe, expect, it } from 'vitest'
import { isolatedSteps, latestStep, valueText } from '../src/components/chart/series.ts'
import { sparkPath } from '../src/components/chart/sparkline.tsx'
import { chartsOf } from '../src/features/traffic/charts.ts'
import { milliseconds, perSecond, share } from '../src/features/traffic/quantities.ts'

function line(id: number): TrafficSeries {
  const values = [1, null, 3]
  return {
    id,
    requestsPerSecond: values,
    inFlight: values,
    p50Ms: [1, null, 1],
    p95Ms: [2, null, 2],
    p99Ms: [3, null, 3],
    refusedPerSecond: values,
    brokenPerSecond: values,
    cutOffPerSecond: values,
    unansweredPerSecond: values,
    requests: 4,
    errors: 0,
  }
}

const view = (...ids: readonly number[]): TrafficView => ({
  fromSecond: 100,
  step: 5,
  steps: 3,
  series: ids.map(line),
  omitted: 0,
  countedToSecond: 114,
})

describe('charts of requests', () => {
  it('of a service: percentiles and kinds of errors are lines; by replica: each replica is one', () => {
    const labels = (by: 'service' | 'replica', ids: readonly number[]): unknown =>
      chartsOf(view(...ids), by, 'p99').map(({ title, lines }) => [title, lines.map(({ label }) => label)])
    expect(labels('service', [0])).toEqual([
      ['Requests', ['All']],
      ['Latency', ['p50', 'p95', 'p99']],
      ['Errors', ['5xx', '4xx', 'Cut off', 'No replica answered']],
      ['In flight', ['All']],
    ])
    const replicas = ['No replica', 'Replica 3']
    expect(labels('replica', [0, 3])).toEqual([
      ['Requests', replicas],
      ['Latency, p99', replicas],
      ['Errors', replicas],
      ['In flight', replicas],
    ])
  })

  it('a gap stays a gap, also where kinds of errors are added up', () => {
    const [requests, latency, errors] = chartsOf(view(1), 'version', 'p99')
    expect(requests?.lines[0]?.values).toEqual([1, null, 3])
    expect(latency?.lines[0]?.values).toEqual([3, null, 3])
    expect(errors?.lines[0]?.values).toEqual([4, null, 12])
    expect(valueText({ format: String }, null)).toBe('—')
    expect(latestStep({ steps: 3, lines: [{ label: 'x', values: [1, 2, null] }] })).toBe(1)
    expect(latestStep({ steps: 3, lines: [] })).toBe(2)
    expect(isolatedSteps([1, null, 2, 3, null, null, 4])).toEqual([0, 6])
  })

  it('a small line begins anew after a gap', () => {
    expect(sparkPath([0, 5, null, 10])).toBe('M0.0 27.0L40.0 14.0M120.0 1.0')
    expect(sparkPath([])).toBe('')
  })

  it('numbers as people read them', () => {
    expect([0, 0.0417, 3.06, 42.19, 12_345].map(perSecond)).toEqual([
      '0/s',
      '0.042/s',
      '3.1/s',
      '42.2/s',
      '12345/s',
    ])
    expect([0.6, 480.4, 1_234].map(milliseconds)).toEqual(['0.6 ms', '480 ms', '1.2 s'])
    expect([0, 0.004, 0.5].map(share)).toEqual(['0 %', '0.4 %', '50 %'])
  })
})
