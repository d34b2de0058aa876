import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Ground } from './ground.ts'
import { Beginnings, runScenario } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'
import { runSchedule } from './schedule.ts'
import { runShare, situationCount, type Report, type Share } from './share.ts'
import { Situations } from './situations.ts'
import { runStateShare, StateGround } from './state/run-state.ts'
import { stateScenarios } from './state/state-scenarios.ts'

const usage = `npm run test:exhaustive                     every point of every scenario, then 100,000 schedules
npm run test:exhaustive -- --schedules 5000 --from 700   so many schedules, from this seed on
npm run test:exhaustive -- --only points    (or schedules)
npm run test:exhaustive -- --scenario up    every point of one scenario
npm run test:exhaustive -- --scenario up --point 17    one death (17,31: and a second), told at length
npm run test:exhaustive -- --seed 4711      one schedule, told at length`

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '100000' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    scenario: { type: 'string' },
    point: { type: 'string' },
    seed: { type: 'string' },
    share: { type: 'string' },
    verbs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const progressMs = 15_000

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One process a core, each with a database, a cloud and a clock of its own. @returns how much failed. */
async function shareOut(): Promise<number> {
  const startedAtMs = performance.now()
  const of = Math.max(1, availableParallelism())
  const from = Number(values.from)
  const isOne = values.scenario !== undefined
  const schedules = isOne || values.only === 'points' ? 0 : Number(values.schedules)
  const tally = new Tally(schedules)
  const timer = setInterval(() => say(`      ${tally.progress()}`), progressMs)
  const ends = Array.from({ length: of }, async (_, index) => {
    const share: Share = {
      index,
      of,
      scenario: values.scenario ?? '',
      killAt: [],
      arePointsLeftOut: values.only === 'schedules',
      seeds: [from, from + schedules],
    }
    if (!share.arePointsLeftOut) await runApart(share, ['--verbs'], tally)
    await runApart(share, [], tally)
  })
  await Promise.all(ends)
  clearInterval(timer)
  tally.sum(Math.round((performance.now() - startedAtMs) / 1000))
  return tally.failures
}

/** In a process of its own: what the verbs on a path put points at stays in it. */
function runApart(share: Share, flags: readonly string[], tally: Tally): Promise<void> {
  const child = fork(import.meta.filename, ['--share', JSON.stringify(share), ...flags])
  // Sent by the same program, below.
  child.on('message', (report) => tally.note(report as Report))
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      if (code !== 0) tally.noteEnd(share.index, signal ?? `exit code ${code}`)
      resolve()
    })
  })
}

/** Adds up what the processes tell. */
class Tally {
  failures = 0
  readonly #wanted: number
  readonly #points = new Map<string, number>()
  #deaths = 0
  #schedules = 0

  constructor(wanted: number) {
    this.#wanted = wanted
  }

  note(report: Report): void {
    if (report.type === 'schedules') this.#schedules += report.done
    if (report.type === 'points') {
      this.#points.set(report.scenario, (this.#points.get(report.scenario) ?? 0) + report.points)
      this.#deaths += report.deaths
    }
    if (report.type !== 'failure') return
    this.failures += 1
    say(`FAIL  ${report.what}\n      npm run test:exhaustive -- ${report.replay}`)
  }

  /** A process of the run that ended before its work did: what it had left was not tried. */
  noteEnd(index: number, how: string): void {
    this.failures += 1
    say(`FAIL  process ${index} of the run ended with ${how}: the rest of its share was not tried`)
  }

  progress(): string {
    const points = [...this.#points.values()].reduce((sum, count) => sum + count, 0)
    return `${points} points in ${this.#points.size} of ${scenarios.length + stateScenarios.length} scenarios, ${this.#schedules} of ${this.#wanted} schedules, ${this.failures} failed`
  }

  sum(seconds: number): void {
    for (const [name, count] of this.#points) say(`${String(count).padStart(6)} points  ${name}`)
    say(`${this.progress()}; ${this.#deaths} deaths with those of two in a row; ${seconds} s`)
  }
}

/** One death or one schedule, with everything that was done and logged. */
async function replay(): Promise<number> {
  const verb = stateScenarios.find(({ name }) => name === values.scenario)
  if (verb !== undefined) return await replayVerb(await StateGround.create(verb))
  const ground = await Ground.create({ isQuick: true })
  const beginnings = new Beginnings(ground)
  try {
    const scenario = scenarios.find(({ name }) => name === values.scenario)
    if (values.seed !== undefined) {
      const outcome = await runSchedule(
        ground,
        new Situations(beginnings, situationCount),
        Number(values.seed),
      )
      say([outcome.situation, ...outcome.steps, ...outcome.log].join('\n'))
      return tellEvents(ground, outcome.broken)
    }
    if (scenario === undefined) throw new Error(`there is no scenario ${values.scenario ?? ''}: ${usage}`)
    const killAt = (values.point ?? '').split(',').map(Number)
    const outcome = await runScenario(beginnings, scenario, { isNamed: true, killAt })
    say(
      outcome.points
        .map((name, point) => `${killAt.includes(point) ? 'death at' : '        '} ${point} ${name}`)
        .join('\n'),
    )
    say(outcome.log.join('\n'))
    return tellEvents(ground, outcome.broken)
  } finally {
    await ground.close()
  }
}

/** One death of a verb on a path, with the points that it passes. */
async function replayVerb(ground: StateGround): Promise<number> {
  try {
    const killAt = (values.point ?? '').split(',').map(Number)
    const { points, broken } = await ground.run(killAt)
    say(
      points
        .map((name, point) => `${killAt.includes(point) ? 'death at' : '        '} ${point} ${name}`)
        .join('\n'),
    )
    say(broken.length === 0 ? 'all is well' : `BROKEN\n${broken.join('\n')}`)
    return broken.length
  } finally {
    ground.close()
  }
}

function tellEvents(ground: Ground, broken: readonly string[]): number {
  const events = ground.sideDoor.all<{ line: string }>(
    `SELECT seq || ' ' || at_ms || ' ' || kind || ' ' || type || ' ' || coalesce(from_status, '') || ' ' || coalesce(to_status, '') ||
     ' ' || reason || ' ' || message AS line FROM events ORDER BY seq`,
  )
  say(events.map(({ line }) => line).join('\n'))
  say(broken.length === 0 ? 'all is well' : `BROKEN\n${broken.join('\n')}`)
  return broken.length
}

async function main(): Promise<number> {
  if (values.share !== undefined) {
    // Written by shareOut, above.
    const share = JSON.parse(values.share) as Share
    const tell = (report: Report): void => void process.send?.(report)
    await (values.verbs ? runStateShare(share, tell) : runShare(share, tell))
    return 0
  }
  return values.seed !== undefined || values.point !== undefined ? replay() : shareOut()
}

if (values.help) say(usage)
else process.exitCode = (await main()) === 0 ? 0 : 1
