import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Ground } from './ground.ts'
import { dieAt, pointsOf } from './kill-points.ts'
import { Beginnings } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'
import { runSchedule } from './schedule.ts'
import { Situations } from './situations.ts'

/**
 * `npm run test:exhaustive`: kills the control plane at every point of every scenario, then runs seeded schedules. Replays one failure
 * with `-- --scenario NAME --point N` or `-- --seed N`.
 */
const usage =
  'npm run test:exhaustive [-- --schedules 100000] [--from 0] [--scenario NAME [--point N]] [--seed N] [--only points|schedules]'
const situationsKept = 24
const progressEvery = 1_000

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '100000' },
    from: { type: 'string', default: '0' },
    scenario: { type: 'string' },
    point: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    share: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function runPoints(ground: Ground): Promise<number> {
  const beginnings = new Beginnings(ground)
  let total = 0
  let failed = 0
  for (const scenario of scenarios.filter(({ name }) => (values.scenario ?? name) === name)) {
    const points = await pointsOf(beginnings, scenario)
    const asked = values.point === undefined ? points.map((_, index) => index) : [Number(values.point)]
    for (const index of asked) {
      const death = await dieAt(beginnings, scenario, { killAt: [index], points })
      if (death.broken.length === 0) continue
      failed += 1
      say(`FAIL  ${scenario.name}, point ${index} (${death.name}): ${death.broken.join('; ')}`)
      say(`      npm run test:exhaustive -- --scenario '${scenario.name}' --point ${index}`)
    }
    total += asked.length
    say(`${String(asked.length).padStart(5)} points  ${scenario.name}`)
  }
  say(`${String(total).padStart(5)} points in all, ${failed} failed`)
  return failed
}

async function runSchedules(ground: Ground, from: number, to: number): Promise<number> {
  const situations = new Situations(new Beginnings(ground), situationsKept)
  let failed = 0
  for (let seed = from; seed < to; seed += 1) {
    const { broken, situation } = await runSchedule(ground, situations, seed)
    if (broken.length > 0) {
      failed += 1
      say(`FAIL  seed ${seed} (${situation}): ${broken.join('; ')}`)
      say(`      npm run test:exhaustive -- --seed ${seed}`)
    }
    if ((seed + 1 - from) % progressEvery === 0)
      say(`${seed + 1 - from} of ${to - from} schedules from ${from}, ${failed} failed`)
  }
  return failed
}

/** One process a core: each has a database, a cloud and a clock of its own. */
async function shareOut(from: number, count: number): Promise<number> {
  const processes = Math.max(1, availableParallelism())
  const each = Math.ceil(count / processes)
  const ends = Array.from({ length: processes }, (_, index) => {
    const first = from + index * each
    const last = Math.min(from + count, first + each)
    const child = fork(import.meta.filename, ['--share', `${first}-${last}`])
    return new Promise<number>((resolve) => child.on('exit', (code) => resolve(code === 0 ? 0 : 1)))
  })
  const failed = (await Promise.all(ends)).filter((code) => code !== 0).length
  say(
    `${count} schedules from seed ${from} in ${processes} processes: ${failed === 0 ? 'none failed' : 'some failed, see above'}`,
  )
  return failed
}

async function main(): Promise<number> {
  const ground = await Ground.create({ isQuick: true })
  try {
    const [first, last] = (values.share ?? '').split('-').map(Number)
    if (values.share !== undefined) return await runSchedules(ground, first ?? 0, last ?? 0)
    if (values.seed !== undefined)
      return await runSchedules(ground, Number(values.seed), Number(values.seed) + 1)
    const failedPoints = values.only === 'schedules' ? 0 : await runPoints(ground)
    if (values.only === 'points' || values.scenario !== undefined) return failedPoints
    return failedPoints + (await shareOut(Number(values.from), Number(values.schedules)))
  } finally {
    await ground.close()
  }
}

if (values.help) say(usage)
else process.exitCode = (await main()) === 0 ? 0 : 1
