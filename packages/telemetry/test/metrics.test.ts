import { describe, expect, test } from 'vitest'
import { allMetrics } from '../src/metrics/declarations.ts'
import { mergeExpositions } from '../src/metrics/exposition.ts'
import { gatewayMetrics } from '../src/metrics/gateway.ts'
import { workerMetrics } from '../src/metrics/control-plane.ts'
import { createMetrics } from '../src/metrics/registry.ts'
import { exposeHistogram, exposeSamples } from '../src/metrics/snapshot.ts'

describe('declarations', () => {
  test('every metric is declared once, follows the naming rules, and says what bounds its labels', () => {
    const names = allMetrics.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { name, type, unit, labels, bound, help, buckets } of allMetrics) {
      expect(name).toMatch(/^skykeep_[a-z][a-z0-9_]*$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      const isMeasured = unit === 'seconds' || unit === 'bytes'
      expect(new RegExp(isMeasured ? `_${unit}(_total)?$` : '.').test(name), name).toBe(true)
      expect(bound === '', name).toBe(labels.length === 0)
      expect(help, name).toMatch(/\.$/)
      expect(labels.join(), name).not.toMatch(/path|url|token|secret|user|uid/)
      expect(buckets !== undefined, name).toBe(type === 'histogram')
    }
  })
})

describe('a registry', () => {
  test('tells counters, histograms and its process in the text format', async () => {
    const metrics = createMetrics('worker')
    const of = metrics.of(workerMetrics)
    of.claims.inc({ kind: 'service' }, 2)
    of.reconcileSeconds.observe({ kind: 'service', outcome: 'done' }, 0.004)
    const text = await metrics.text()
    expect(text).toContain('skykeep_claims_total{kind="service",process="worker"} 2')
    expect(text).toContain(
      'skykeep_reconcile_duration_seconds_bucket{le="0.005",process="worker",kind="service",outcome="done"} 1',
    )
    expect(text).toMatch(/skykeep_process_resident_memory_bytes\{process="worker"\} \d+/)
  })

  test('a reader that throws costs its own gauges and no other', async () => {
    const metrics = createMetrics('worker')
    metrics.beforeScrape(() => {
      throw new Error('not now')
    })
    expect(await metrics.text()).toContain('skykeep_process_start_time_seconds')
  })
})

describe('expositions of several processes', () => {
  test('are merged with one HELP and TYPE a metric, and all samples beneath it', () => {
    const one = exposeSamples(gatewayMetrics.inFlight, [
      { labels: { service: 'a', process: 'gateway-0' }, value: 1 },
    ])
    const two = exposeSamples(gatewayMetrics.inFlight, [
      { labels: { service: 'a', process: 'gateway-1' }, value: 2 },
    ])
    const other = exposeSamples(gatewayMetrics.connects, [{ labels: { process: 'gateway-1' }, value: 3 }])
    const lines = mergeExpositions([one + other, two])
      .trimEnd()
      .split('\n')
    expect(lines.filter((line) => line.startsWith('# TYPE'))).toEqual([
      '# TYPE skykeep_gateway_in_flight gauge',
      '# TYPE skykeep_gateway_upstream_connects_total counter',
    ])
    expect(lines.slice(2, 4)).toEqual([
      'skykeep_gateway_in_flight{service="a",process="gateway-0"} 1',
      'skykeep_gateway_in_flight{service="a",process="gateway-1"} 2',
    ])
  })

  test('a metric without samples is left out', () => {
    expect(mergeExpositions(['# HELP skykeep_x X.\n# TYPE skykeep_x gauge\n'])).toBe('')
  })
})

test('a histogram that is counted elsewhere is told cumulatively, and label values are escaped', () => {
  const { duration } = gatewayMetrics
  const counts = [2, 0, 1, ...Array.from({ length: 12 }, () => 0), 4]
  const text = exposeHistogram(duration, [{ labels: { service: 'a"b\\c\n' }, counts, sum: 1.5 }])
  expect(text).toContain(`${duration.name}_bucket{service="a\\"b\\\\c\\n",le="0.001"} 2`)
  expect(text).toContain(`le="0.005"} 3`)
  expect(text).toContain(`le="+Inf"} 7`)
  expect(text).toContain(`${duration.name}_sum{service="a\\"b\\\\c\\n"} 1.5`)
  expect(text).toContain(`${duration.name}_count{service="a\\"b\\\\c\\n"} 7`)
})
