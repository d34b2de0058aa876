import { Ground } from './ground.ts'
import { dieAt, pointsOf, secondDeath } from './kill-points.ts'
import { Beginnings } from './run-scenario.ts'
import { scenarios } from './scenarios.ts'
import { runSchedule } from './schedule.ts'
import { Situations } from './situations.ts'

/** What one process of several does. */
export interface Share {
  /** This one of so many. */
  readonly index: number
  readonly of: number
  /** Only this scenario; empty: all. */
  readonly scenario: string
  /** Only these points; empty: all. */
  readonly killAt: readonly number[]
  readonly arePointsLeftOut: boolean
  /** Schedules of these seeds; the second is not among them. */
  readonly seeds: readonly [from: number, to: number]
}

export type Report =
  | { readonly type: 'points'; readonly scenario: string; readonly points: number; readonly deaths: number }
  | { readonly type: 'schedules'; readonly done: number }
  | { readonly type: 'failure'; readonly what: string; readonly replay: string }

/** States in which schedules begin. */
export const situationCount = 60
const reportEvery = 100

/** Kills at each point of its share, once alone and once with a second death soon after, then runs its schedules. */
export async function runShare(share: Share, tell: (report: Report) => void): Promise<void> {
  const ground = await Ground.create({ isQuick: true })
  try {
    const beginnings = new Beginnings(ground)
    if (!share.arePointsLeftOut) await runPoints(beginnings, share, tell)
    await runSchedules(ground, new Situations(beginnings, situationCount), share, tell)
  } finally {
    await ground.close()
  }
}

async function runPoints(
  beginnings: Beginnings,
  share: Share,
  tell: (report: Report) => void,
): Promise<void> {
  for (const scenario of scenarios) {
    if (share.scenario !== '' && scenario.name !== share.scenario) continue
    const points = await pointsOf(beginnings, scenario)
    const mine = points.map((_, point) => point).filter((point) => point % share.of === share.index)
    const deaths =
      share.killAt.length > 0
        ? [share.killAt]
        : mine.flatMap((point) => [[point], [point, secondDeath(point, 1)]])
    for (const killAt of deaths) {
      const { broken, name } = await dieAt(beginnings, scenario, { killAt, points })
      if (broken.length === 0) continue
      const what = `${scenario.name}, death at ${killAt.join(' and ')} (${name}): ${broken.join('; ')}`
      tell({ type: 'failure', what, replay: `--scenario '${scenario.name}' --point ${killAt.join(',')}` })
    }
    tell({ type: 'points', scenario: scenario.name, points: mine.length, deaths: deaths.length })
  }
}

async function runSchedules(
  ground: Ground,
  situations: Situations,
  { index, of, seeds: [from, to] }: Share,
  tell: (report: Report) => void,
): Promise<void> {
  let done = 0
  for (let seed = from + index; seed < to; seed += of) {
    const { broken, situation } = await runSchedule(ground, situations, seed)
    if (broken.length > 0) {
      tell({
        type: 'failure',
        what: `seed ${seed} (${situation}): ${broken.join('; ')}`,
        replay: `--seed ${seed}`,
      })
    }
    done += 1
    if (done % reportEvery !== 0 && seed + of < to) continue
    tell({ type: 'schedules', done })
    done = 0
  }
}
