import { seededRandom } from '@skykeep/testing/simulation/random'
import { describe, expect, it } from 'vitest'
import { secondDeath } from '../kill-points.ts'
import { StateGround, statePoints } from './run-state.ts'
import { stateScenarios } from './state-scenarios.ts'

/** Of each verb; `npm run test:exhaustive` takes all of them. */
const sampledPoints = 4

describe('a verb on a persistent path, killed at a sample of its writes', () => {
  it.each(stateScenarios)('$name', { timeout: 300_000 }, async (scenario) => {
    const ground = await StateGround.create(scenario)
    try {
      const points = await statePoints(ground)
      expect(points.length).toBeGreaterThan(10)
      const random = seededRandom(scenario.name.length + points.length)
      const broken: unknown[] = []
      for (let sampled = 0; sampled < sampledPoints; sampled += 1) {
        const first = Math.floor(((sampled + random()) / sampledPoints) * points.length)
        const killAt = sampled % 2 === 0 ? [first] : [first, secondDeath(first, sampled)]
        const outcome = await ground.run(killAt)
        if (outcome.broken.length > 0) broken.push({ killAt, name: points[first], ...outcome })
      }
      expect(broken).toEqual([])
    } finally {
      ground.close()
    }
  })
})
