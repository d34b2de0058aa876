import { isSkykeepError } from '@skykeep/core/errors'
import type { Point, Task } from '@skykeep/testing/simulation/task'
import { brokenInvariants } from './checks.ts'
import { Broken, drive, driveFor, finish } from './drive.ts'
import type { Ground } from './ground.ts'
import type { Scenario, Step } from './scenario.ts'
import { askTask, startWeb } from './web.ts'
import { World, type WorldImage } from './world.ts'

/** After the end everything goes on for so long, with one more sweep in it: every pause of the controllers lies within. */
const restMs = 21_000

export interface Outcome {
  readonly points: readonly string[]
  /** What does not hold; empty: all is well. */
  readonly broken: readonly string[]
  readonly log: readonly string[]
}

/** Prepares what scenarios begin with, once each. */
export class Beginnings {
  readonly #ground: Ground
  readonly #empty: string
  readonly #images = new Map<string, Promise<WorldImage | string>>()

  constructor(ground: Ground) {
    this.#ground = ground
    this.#empty = ground.takeImage()
  }

  /** The world in which the scenario's story begins. */
  async world(
    scenario: Scenario,
    options: {
      readonly seed: number
      readonly isNamed?: boolean
      readonly onPoint?: (task: Task, point: Point) => void
    },
  ): Promise<World> {
    const key = JSON.stringify([scenario.name, scenario.options])
    const known = this.#images.get(key) ?? this.#prepare(scenario)
    this.#images.set(key, known)
    const image = await known
    if (typeof image !== 'string')
      return World.create(this.#ground, { ...scenario.options, ...options, image })
    this.#ground.putBack(image)
    return World.create(this.#ground, { ...scenario.options, ...options })
  }

  async #prepare(scenario: Scenario): Promise<WorldImage | string> {
    if (scenario.before.length === 0) return this.#empty
    this.#ground.putBack(this.#empty)
    const world = await World.create(this.#ground, { ...scenario.options, seed: 1 })
    try {
      await tell(world, scenario.before)
      await driveFor(world, restMs)
      return world.takeImage()
    } finally {
      world.leave()
    }
  }
}

export interface RunOptions {
  readonly seed?: number
  /** Points at which the process that comes to them dies, counted from 0 over the whole run. */
  readonly killAt?: readonly number[]
  readonly isNamed?: boolean
}

/** Tells a scenario's story, with deaths at the given points, until everything is at rest again; then looks at what came of it. */
export async function runScenario(
  beginnings: Beginnings,
  scenario: Scenario,
  options: RunOptions = {},
): Promise<Outcome> {
  const { seed = 1, isNamed = false } = options
  const points = new Points(options)
  const world = await beginnings.world(scenario, { seed, isNamed, onPoint: points.onPoint })
  points.world = world
  const broken = await tellToTheEnd(world, scenario)
  world.leave()
  return { points: points.names(), broken, log: world.log }
}

/** Tells a story only until somebody dies in it, and keeps how the world is then. @param share of the points before, in [0, 1). */
export async function tellUntil(
  beginnings: Beginnings,
  scenario: Scenario,
  share: number,
): Promise<{ readonly image: WorldImage; readonly what: string }> {
  const whole = await runScenario(beginnings, scenario, { isNamed: true })
  if (whole.broken.length > 0) throw new Broken(`${scenario.name}: ${whole.broken.join('; ')}`)
  const killAt = Math.floor(share * whole.points.length)
  const points = new Points({ killAt: [killAt] })
  const world = await beginnings.world(scenario, { seed: 1, onPoint: points.onPoint })
  points.world = world
  try {
    await tell(
      world,
      [...scenario.story, { type: 'until', missing: scenario.missing }],
      () => points.hasKilled,
    )
    for (const worker of world.workers) worker.kill()
    return { image: world.takeImage(), what: whole.points[killAt] ?? '' }
  } finally {
    world.leave()
  }
}

/** The points that a run passes, and the deaths at some of them. */
class Points {
  world: World | null = null
  hasKilled = false
  readonly #options: RunOptions
  readonly #passed: string[] = []
  readonly #open = new Map<Task, number>()

  constructor(options: RunOptions) {
    this.#options = options
  }

  readonly onPoint = (task: Task, { when, what }: Point): void => {
    const { killAt = [], isNamed = false } = this.#options
    const ordinal = this.#passed.length
    this.#passed.push(`${task.name}: ${when} ${what}`)
    // What a write was is known only afterwards.
    const before = this.#open.get(task)
    if (when === 'before') this.#open.set(task, ordinal)
    else if (isNamed && before !== undefined) this.#passed[before] = `${task.name}: before ${what}`
    if (!killAt.includes(ordinal)) return
    this.hasKilled = true
    const owner = this.world?.workers.find(({ tasks }) => tasks.includes(task))
    if (owner === undefined) task.kill()
    else owner.kill()
  }

  /** Each once: the second of the same name is `…#2`. */
  names(): readonly string[] {
    const seen = new Map<string, number>()
    return this.#passed.map((name) => {
      const count = (seen.get(name) ?? 0) + 1
      seen.set(name, count)
      return count === 1 ? name : `${name} #${count}`
    })
  }
}

async function tellToTheEnd(world: World, scenario: Scenario): Promise<readonly string[]> {
  try {
    await tell(world, scenario.story)
    await until(world, { type: 'until', missing: scenario.missing })
    await rest(world)
    const jobs = world.witness.jobsPeak
    const tooMany = jobs > scenario.maxJobs ? [`${jobs} jobs ran at once, ${scenario.maxJobs} may`] : []
    return [...scenario.missing(world), ...brokenInvariants(world), ...tooMany]
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const what = error instanceof Broken ? error.message : (error.stack ?? error.message)
    return [what, ...world.witness.violations]
  }
}

async function tell(world: World, story: readonly Step[], isCutShort = (): boolean => false): Promise<void> {
  for (const step of story) {
    if (step.type === 'ask') await askUntilAnswered(world, step, isCutShort)
    if (step.type === 'happens') step.change(world)
    if (step.type === 'until') await until(world, step, isCutShort)
    if (step.type === 'for') await goOn(world, () => driveFor(world, step.ms), isCutShort)
    if (isCutShort()) return
  }
}

/** A person whose request was cut off asks again once the dashboard is back; that it was heard the first time is fine. */
async function askUntilAnswered(
  world: World,
  { what, ask }: Extract<Step, { type: 'ask' }>,
  isCutShort: () => boolean,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const task = askTask(world, what, ask)
    try {
      await finish(task)
    } catch (error) {
      if (tries === 1 || !isSkykeepError(error, 'CONFLICT')) throw error
      return
    }
    if (!task.isKilled || isCutShort()) return
    await startWeb(world)
  }
}

async function until(
  world: World,
  { missing, withinMs }: Extract<Step, { type: 'until' }>,
  isCutShort = (): boolean => false,
): Promise<void> {
  const limits = withinMs === undefined ? {} : { withinMs }
  try {
    await goOn(
      world,
      () => drive(world, () => isCutShort() || missing(world).length === 0, limits),
      isCutShort,
    )
  } catch (error) {
    if (error instanceof Broken) throw new Broken(`${error.message}: ${missing(world).join('; ')}`)
    throw error
  }
}

async function rest(world: World): Promise<void> {
  for (const worker of world.living) worker.hurry()
  const untilMs = world.nowMs + restMs
  while (world.nowMs < untilMs) await goOn(world, () => driveFor(world, untilMs - world.nowMs))
}

/** How long a supervisor takes to notice a death and to start the next one. */
const restartMs = 500

/** Whenever no worker is left, the next one starts. */
async function goOn(
  world: World,
  run: () => Promise<void>,
  isCutShort = (): boolean => false,
): Promise<void> {
  for (;;) {
    while (world.living.length === 0) {
      if (world.workers.length > 0) await world.pass(restartMs)
      await finish(world.startWorker().begin())
      if (isCutShort()) return
    }
    await run()
    if (world.living.length > 0 || isCutShort()) return
  }
}
