import { seededRandom } from '@skykeep/testing/simulation/random'
import type { Beginnings } from './run-scenario.ts'
import { runScenario } from './run-scenario.ts'
import type { Scenario } from './scenario.ts'

export interface Death {
  readonly scenario: string
  /** Ordinals of the points at which processes die. */
  readonly killAt: readonly number[]
  /** What the first of them is called. */
  readonly name: string
  readonly broken: readonly string[]
  readonly log: readonly string[]
}

/** The points of a scenario in which nobody dies. @throws when it does not even come to its end then. */
export async function pointsOf(beginnings: Beginnings, scenario: Scenario): Promise<readonly string[]> {
  const { points, broken } = await runScenario(beginnings, scenario, { isNamed: true })
  if (broken.length > 0) throw new Error(`${scenario.name}, where nobody dies: ${broken.join('; ')}`)
  return points
}

/** Lets processes die at these points. The run up to the first must be the one in which nobody died. */
export async function dieAt(
  beginnings: Beginnings,
  scenario: Scenario,
  { killAt, points }: { readonly killAt: readonly number[]; readonly points: readonly string[] },
): Promise<Death> {
  const [first = 0] = killAt
  const name = points[first] ?? ''
  const run = await runScenario(beginnings, scenario, { killAt })
  const isSame = sameTask(run.points[first] ?? '', name)
  const other = isSame ? [] : [`the run is another one: it came to ${run.points[first] ?? 'its end'}`]
  return { scenario: scenario.name, killAt, name, broken: [...run.broken, ...other], log: run.log }
}

/** What a write was is not told in runs without names; whose it was and what for is. */
function sameTask(one: string, other: string): boolean {
  const taskOf = (name: string): string => name.slice(0, name.indexOf(': '))
  return taskOf(one) === taskOf(other)
}

/** A second death soon after the first: mostly of the one that takes over. */
export function secondDeath(first: number, seed: number): number {
  return first + 1 + Math.floor(seededRandom(seed * 7919 + first)() * 25)
}
