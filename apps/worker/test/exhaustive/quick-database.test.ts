import { expect, it } from 'vitest'
import { Ground } from './ground.ts'
import { Beginnings, runScenario } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'

/** Everything that a run leaves in the database, but for what time of day it was made. */
function contentOf(ground: Ground): unknown {
  const tables = [
    'events',
    'replicas',
    'services',
    'operations',
    'rollouts',
    'endpoints',
    'reconciliations',
    'address_reservations',
  ]
  return Object.fromEntries(
    tables.map((table) => [table, ground.sideDoor.all(`SELECT * FROM ${table} ORDER BY 1`)]),
  )
}

it('both ways to the database write the same, death included', async () => {
  const names = new Set(['up on a shared host', 'update, rolling', 'scale to zero', 'down'])
  const [slow, quick] = [await Ground.create(), await Ground.create({ isQuick: true })]
  const [bySlow, byQuick] = [new Beginnings(slow), new Beginnings(quick)]
  for (const scenario of scenarios.filter(({ name }) => names.has(name))) {
    for (const killAt of [[], [40], [77, 90]]) {
      const [one, other] = [
        await runScenario(bySlow, scenario, { killAt }),
        await runScenario(byQuick, scenario, { killAt }),
      ]
      expect(other.points).toEqual(one.points)
      expect(contentOf(quick)).toEqual(contentOf(slow))
    }
  }
  await slow.close()
  await quick.close()
})
