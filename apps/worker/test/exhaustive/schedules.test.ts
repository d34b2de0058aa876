import { afterAll, beforeAll, expect, it } from 'vitest'
import { Ground } from './ground.ts'
import { Beginnings } from './run-scenario.ts'
import { runSchedule } from './schedule.ts'
import { Situations } from './situations.ts'

/** `npm run test:exhaustive` takes a hundred thousand. */
const schedules = 300
const parts = 6

let ground: Ground
let situations: Situations

beforeAll(async () => {
  ground = await Ground.create({ isQuick: true })
  situations = new Situations(new Beginnings(ground), 24)
})
afterAll(() => ground.close())

it.each(Array.from({ length: parts }, (_, part) => (part * schedules) / parts))(
  'fifty interleavings of workers, people, clouds and gateways from seed %i on all come to rest as asked',
  async (from) => {
    const broken: unknown[] = []
    for (let seed = from; seed < from + schedules / parts; seed += 1) {
      const outcome = await runSchedule(ground, situations, seed)
      if (outcome.broken.length > 0) broken.push(outcome)
    }
    expect(broken).toEqual([])
  },
)
