import { pointsAtFiles } from '@skykeep/testing/simulation/files'
import { pointsAtHandles } from '@skykeep/testing/simulation/handles'
import { pointsAtSqlite } from '@skykeep/testing/simulation/sqlite'
import { Task, type Point } from '@skykeep/testing/simulation/task'
import { secondDeath } from '../kill-points.ts'
import type { Report, Share } from '../share.ts'
import { StatePlace, strays } from './place.ts'
import type { StateScenario } from './state-scenario.ts'
import { stateScenarios } from './state-scenarios.ts'

export interface StateOutcome {
  readonly points: readonly string[]
  readonly broken: readonly string[]
}

/** A scenario of a verb, ready to be run any number of times. */
export class StateGround {
  readonly scenario: StateScenario
  readonly #place: StatePlace

  private constructor(scenario: StateScenario, place: StatePlace) {
    this.scenario = scenario
    this.#place = place
  }

  static async create(scenario: StateScenario): Promise<StateGround> {
    pointsAtFiles()
    await pointsAtHandles()
    pointsAtSqlite()
    const place = new StatePlace()
    await scenario.build(place)
    place.keep()
    return new StateGround(scenario, place)
  }

  /** Asks, dies at these points, and asks again until it comes to its end; then looks. */
  async run(killAt: readonly number[] = []): Promise<StateOutcome> {
    const place = this.#place
    place.putBack()
    const points: string[] = []
    const broken: string[] = []
    try {
      for (let attempt = 1; ; attempt += 1) {
        const task = new Task({
          name: this.scenario.name,
          run: () => this.scenario.ask(place),
          onPoint: (self, point) => {
            points.push(nameOf(point))
            if (killAt.includes(points.length - 1)) self.kill()
          },
        })
        await task.runToEnd()
        if (!task.isKilled) break
        place.bury()
        place.clock.pass(5000)
        broken.push(
          ...(await this.scenario.brokenByDeath(place)).map((each) => `after death ${attempt}: ${each}`),
        )
      }
      broken.push(...(await this.scenario.missing(place)), ...strays(place))
    } catch (error) {
      broken.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    return { points, broken }
  }

  close(): void {
    this.#place.close()
  }
}

/** The same in each run: what was drawn at random or is a number of this process is left out. */
function nameOf({ when, what }: Point): string {
  return `${when} ${what.replaceAll(String(process.pid), 'PID').replaceAll(/\bPID(-)\w{6}\b/g, 'PID$1*')}`
}

/** The points of a scenario in which nobody dies. @throws when it does not even come to its end then. */
export async function statePoints(ground: StateGround): Promise<readonly string[]> {
  const { points, broken } = await ground.run()
  if (broken.length > 0) throw new Error(`${ground.scenario.name}, where nobody dies: ${broken.join('; ')}`)
  return points
}

/** Dies at every point of this share, once alone and once with a second death soon after. */
export async function runStateShare(share: Share, tell: (report: Report) => void): Promise<void> {
  for (const scenario of stateScenarios) {
    if (share.scenario !== '' && scenario.name !== share.scenario) continue
    const ground = await StateGround.create(scenario)
    try {
      const points = await statePoints(ground)
      const mine = points.map((_, point) => point).filter((point) => point % share.of === share.index)
      const deaths = mine.flatMap((point) => [[point], [point, secondDeath(point, 1)]])
      for (const killAt of deaths) {
        const { broken } = await ground.run(killAt)
        if (broken.length === 0) continue
        const what = `${scenario.name}, death at ${killAt.join(' and ')} (${points[killAt[0] ?? 0] ?? ''}): ${broken.join('; ')}`
        tell({ type: 'failure', what, replay: `--scenario '${scenario.name}' --point ${killAt.join(',')}` })
      }
      tell({ type: 'points', scenario: scenario.name, points: mine.length, deaths: deaths.length })
    } finally {
      ground.close()
    }
  }
}
