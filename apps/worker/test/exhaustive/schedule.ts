import { isSkykeepError } from '@skykeep/core/errors'
import type { Task } from '@skykeep/testing/simulation/task'
import { seededRandom } from '@skykeep/testing/simulation/random'
import { brokenInvariants } from './checks.ts'
import { drive, driveFor, finish, passToNext } from './drive.ts'
import type { Ground } from './ground.ts'
import { unrest } from './resting-place.ts'
import { asks } from './schedule-asks.ts'
import { bringBackSetAside, setAside } from './set-aside.ts'
import type { Situations } from './situations.ts'
import { askTask, startWeb } from './web.ts'
import { leaseMs, type SimulatedWorker } from './worker.ts'
import { World } from './world.ts'

export interface ScheduleOutcome {
  readonly seed: number
  readonly situation: string
  readonly broken: readonly string[]
  /** What was done, one thing after the other. */
  readonly steps: readonly string[]
  readonly log: readonly string[]
}

/** Accidents of the cloud while it lasts. */
interface Accidents {
  failed: number
  replyLost: number
}

/** One interleaving of two workers, a person, a cloud and two gateways, as the seed says; then everything heals and must come to rest. */
export async function runSchedule(
  ground: Ground,
  situations: Situations,
  seed: number,
): Promise<ScheduleOutcome> {
  const random = seededRandom(seed)
  const situation = await situations.pick(random())
  const accidents: Accidents =
    random() < 0.5 ? { failed: 0.03, replyLost: 0.05 } : { failed: 0, replyLost: 0 }
  const world = await World.create(ground, {
    ...situation.options,
    seed,
    image: situation.image,
    accidents,
    isDeathProven: random() < 0.7,
    consistencyWindowMs: random() < 0.3 ? 3_000 : 0,
  })
  const chaos = new Chaos(world, random)
  const broken = await live(world, chaos, accidents)
  world.leave()
  return { seed, situation: situation.name, broken, steps: chaos.steps, log: world.log }
}

const restMs = 12_000

async function live(world: World, chaos: Chaos, accidents: Accidents): Promise<readonly string[]> {
  try {
    await chaos.run()
    accidents.failed = 0
    accidents.replyLost = 0
    await chaos.heal()
    await chaos.settle()
    for (const worker of world.living) worker.hurry()
    await driveFor(world, restMs)
    return [...unrest(world), ...brokenInvariants(world)]
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return [`${error.message}: ${unrest(world).join('; ')}`, ...world.witness.violations]
  }
}

type Move = readonly [weight: number, name: string, move: () => Promise<void> | void]

/** What may happen next, and how often. */
class Chaos {
  readonly steps: string[] = []
  readonly #world: World
  readonly #random: () => number
  readonly #requests: Task[] = []

  constructor(world: World, random: () => number) {
    this.#world = world
    this.#random = random
  }

  async run(): Promise<void> {
    await this.#start()
    if (this.#random() < 0.8) await this.#start()
    const length = 10 + Math.floor(this.#random() * 31)
    for (let step = 0; step < length; step += 1) await this.#move()
  }

  /** Nothing new goes wrong; what was begun comes to its end. */
  async heal(): Promise<void> {
    const { gateways, gatewayGround, cloud, workers } = this.#world
    for (const gateway of gateways) {
      if (gateway.mood === 'dead') gateway.start()
      gateway.mood = 'well'
      gateway.losesReply = false
    }
    gatewayGround.held.clear()
    cloud.world.failures = []
    for (const id of Object.keys(cloud.world.stock)) Reflect.deleteProperty(cloud.world.stock, id)
    for (const worker of workers) worker.isStopped = false
    for (const request of this.#requests) await finishRequest(request)
    for (const task of this.#world.living.flatMap(({ tasks }) => tasks)) await finish(task)
    // A web process comes back too.
    await startWeb(this.#world)
  }

  /** Everything comes to rest. Workers that find out that they were replaced end; a supervisor sees to it that there is one. */
  async settle(): Promise<void> {
    do {
      if (this.#world.living.length === 0) await finish(this.#world.startWorker().begin())
      const isDone = (): boolean => setAside(this.#world).length > 0 || unrest(this.#world).length === 0
      await drive(this.#world, isDone, { withinMs: 20 * 60_000, steps: 12_000, isAskedIdle: true })
      // One call brings back all of a service: the second of two such rows may be back already.
      while (setAside(this.#world).length > 0) await bringBackSetAside(this.#world)
    } while (this.#world.living.length === 0 || unrest(this.#world).length > 0)
  }

  async #move(): Promise<void> {
    const moves = this.#moves()
    let at = this.#random() * moves.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, name, move] of moves) {
      at -= weight
      if (at >= 0) continue
      this.steps.push(name)
      await move()
      return
    }
  }

  #moves(): readonly Move[] {
    const awake = this.#world.living.filter(({ isStopped }) => !isStopped)
    const open = [
      ...awake.flatMap(({ tasks }) => tasks),
      ...this.#requests.filter(({ isEnded, isKilled }) => !isEnded && !isKilled),
    ]
    const startable = awake.flatMap((worker) => worker.due().map((work) => ({ worker, work })))
    return [
      ...open.map((task): Move => [12 / open.length, `${task.name} goes on`, () => task.step()]),
      ...startable.map(({ worker, work }): Move => {
        const name = `${worker.name} begins ${work.type === 'pass' ? work.name : work.kind}`
        return [14 / startable.length, name, () => this.#begin(worker, work)]
      }),
      [4, 'time passes to the next thing', () => passToNext(this.#world)],
      [2, 'some time passes', () => this.#world.pass(Math.ceil(this.#random() * 4_000))],
      [1, 'longer than a lease passes', () => this.#world.pass(leaseMs * 1.4)],
      ...awake.map((worker): Move => [0.7, `${worker.name} stops`, () => void (worker.isStopped = true)]),
      ...this.#world.living
        .filter(({ isStopped }) => isStopped)
        .map((worker): Move => [2, `${worker.name} goes on`, () => void (worker.isStopped = false)]),
      ...this.#world.living.map((worker): Move => [0.6, `${worker.name} is killed`, () => worker.kill()]),
      ...(this.#world.living.length < 2 ? [[3, 'a worker starts', () => this.#start()] as const] : []),
      [0.3, 'a later plane takes over', () => this.#takeOver()],
      [2, 'a person asks', () => this.#ask()],
      ...this.#accidents(),
    ]
  }

  #accidents(): readonly Move[] {
    const { cloud, gateways, ground } = this.#world
    const jobs = cloud.runtime.runningJobs()
    const job = jobs[Math.floor(this.#random() * jobs.length)]
    const gateway = gateways[Math.floor(this.#random() * gateways.length)]
    return [
      ...(job === undefined
        ? []
        : ([
            [0.5, 'a process crashes', () => cloud.runtime.endJob(job.job.jobId, 1)],
            [0.4, 'a node is taken back', () => void cloud.preemptNode(job.node.nodeId)],
            [0.2, 'a node boots again', () => cloud.reboot([job.node.nodeId])],
            [0.5, 'a replica holds a request', () => void this.#world.gatewayGround.held.set(job.job.uid, 1)],
          ] satisfies readonly Move[])),
      [
        0.5,
        'replies of creates are lost',
        () =>
          cloud.failNext({
            method: 'createNode',
            kind: 'transient',
            scope: 'infra',
            times: 1,
            isReplyLost: true,
          }),
      ],
      [
        0.5,
        'replies of starts are lost',
        () =>
          cloud.failNext({
            method: 'startJob',
            kind: 'transient',
            scope: 'infra',
            times: 1,
            isReplyLost: true,
          }),
      ],
      [
        0.3,
        'replies of deletes are lost',
        () =>
          cloud.failNext({
            method: 'deleteNode',
            kind: 'transient',
            scope: 'infra',
            times: 1,
            isReplyLost: true,
          }),
      ],
      [
        0.3,
        'the infra does not answer',
        () => cloud.failNext({ method: 'describeNode', kind: 'transient', scope: 'infra', times: 3 }),
      ],
      ...(gateway === undefined
        ? []
        : ([
            [0.5, `${gateway.name} is silent`, () => void (gateway.mood = 'silent')],
            [0.4, `${gateway.name} applies nothing`, () => void (gateway.mood = 'deaf')],
            [0.5, `${gateway.name} loses a reply`, () => void (gateway.losesReply = true)],
            [0.4, `${gateway.name} dies`, () => gateway.die()],
            [1.5, `${gateway.name} is well again`, () => recover(gateway)],
          ] satisfies readonly Move[])),
      [0.3, 'the clock jumps', () => ground.clock.jump(this.#random() < 0.5 ? -3_600_000 : 3_600_000)],
    ]
  }

  async #begin(worker: SimulatedWorker, work: Parameters<SimulatedWorker['take']>[0]): Promise<void> {
    await worker.take(work).step()
  }

  /** A worker comes up; it may be held up or die in the middle of that. */
  async #start(): Promise<void> {
    const task = this.#world.startWorker().begin()
    if (this.#random() < 0.7) await finish(task)
    else await task.step()
  }

  async #takeOver(): Promise<void> {
    await this.#world.raiseFence()
    await this.#start()
  }

  async #ask(): Promise<void> {
    const [what, ask] = asks[Math.floor(this.#random() * asks.length)] ?? asks[0]
    this.steps.push(`  ${what}`)
    const task = askTask(this.#world, what, ask)
    this.#requests.push(task)
    if (this.#random() < 0.6) await finishRequest(task)
    else await task.step()
  }
}

function recover(gateway: World['gateways'][number]): void {
  if (gateway.mood === 'dead') gateway.start()
  gateway.mood = 'well'
}

/** A person may ask for what cannot be: a clear answer is fine, anything else is not. */
async function finishRequest(task: Task): Promise<void> {
  try {
    await finish(task)
  } catch (error) {
    if (!isSkykeepError(error) || error.code === 'INTERNAL') throw error
  }
}
