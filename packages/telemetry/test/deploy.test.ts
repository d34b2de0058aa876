import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { allMetrics } from '../src/metrics/declarations.ts'

const deploy = path.join(import.meta.dirname, '../../../deploy')
const read = (file: string): string => readFileSync(path.join(deploy, file), 'utf8')
const hasPromtool = spawnSync('promtool', ['--version']).status === 0

/** Series that Prometheus makes of a declaration. */
const seriesNames = new Map(
  allMetrics.flatMap((each) => {
    const ends = each.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    return ends.map((end) => [each.name + end, each] as const)
  }),
)

function queriesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(queriesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) =>
    typeof each === 'string' && (key === 'expr' || key === 'definition') ? [each] : queriesIn(each),
  )
}

/** Metrics that a query names and nobody declares, and labels that the metric before them does not have. */
function unknownIn(query: string): readonly string[] {
  return [...query.matchAll(/\b(skykeep_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].flatMap(
    ([, name = '', selector = '']) => {
      const metric = seriesNames.get(name)
      if (metric === undefined) return [name]
      const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label)
      return labels
        .filter((label) => label !== 'process' && !metric.labels.includes(label))
        .map((label) => `${name}{${label}}`)
    },
  )
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}

describe('the Grafana dashboard', () => {
  // Read field by field below.
  const dashboard = JSON.parse(read('grafana/skykeep.json')) as {
    schemaVersion: number
    uid: string
    title: string
    panels: Panel[]
  }

  test('is whole: its schema version, panels with ids of their own, on a grid of 24 columns, none over another', () => {
    expect(dashboard).toMatchObject({ schemaVersion: 39, uid: 'skykeep', title: 'Skykeep' })
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { type, title, gridPos, targets = [] } of panels) {
      expect(title).not.toBe('')
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      expect(targets.length > 0, title).toBe(type !== 'row')
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length)
    }
  })

  test('asks only for metrics and labels that are declared', () => {
    const queries = queriesIn(dashboard)
    expect(queries.length).toBeGreaterThan(50)
    expect(queries.flatMap(unknownIn)).toEqual([])
  })
})

describe('the alert rules', () => {
  test('ask only for metrics and labels that are declared', () => {
    const rules = read('prometheus/skykeep-alerts.yml')
    const expressions = rules.split('\n').filter((line) => /skykeep_/.test(line))
    expect(expressions.length).toBeGreaterThan(7)
    expect(expressions.flatMap(unknownIn)).toEqual([])
  })

  test.skipIf(!hasPromtool)(
    'fire on what they are for and stay silent else (needs promtool: apt-get install prometheus)',
    () => {
      const cwd = path.join(deploy, 'prometheus')
      for (const args of [
        ['check', 'config', 'prometheus.yml'],
        ['test', 'rules', 'skykeep-alerts.test.yml'],
      ]) {
        const { status, stdout, stderr } = spawnSync('promtool', args, { cwd, encoding: 'utf8' })
        expect(status, stdout + stderr).toBe(0)
      }
    },
  )
})
