import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Ground } from './ground.ts'
import { dieAt, pointsOf, secondDeath } from './kill-points.ts'
import { Beginnings } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'
import { seededRandom } from '@skykeep/testing/simulation/random'

/** Of each scenario; `npm run test:exhaustive` takes all of them. */
const sampledPoints = 8

let ground: Ground
let beginnings: Beginnings
let count = 0

beforeAll(async () => {
  ground = await Ground.create({ isQuick: true })
  beginnings = new Beginnings(ground)
})
afterAll(async () => {
  process.stdout.write(`points at which a control plane can die: ${count} in ${scenarios.length} scenarios\n`)
  await ground.close()
})

describe('killed at a sample of all points, what was asked comes to be', () => {
  it.each(scenarios)('$name', async (scenario) => {
    const points = await pointsOf(beginnings, scenario)
    count += points.length
    const random = seededRandom(scenario.name.length + points.length)
    const broken: unknown[] = []
    for (let sampled = 0; sampled < sampledPoints; sampled += 1) {
      const first = Math.floor(((sampled + random()) / sampledPoints) * points.length)
      // Every other time the one that takes over dies too.
      const killAt = sampled % 2 === 0 ? [first] : [first, secondDeath(first, sampled)]
      const death = await dieAt(beginnings, scenario, { killAt, points })
      if (death.broken.length > 0) broken.push(death)
    }
    expect(broken).toEqual([])
  })
})
