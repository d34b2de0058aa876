import type { Task } from '@skykeep/testing/simulation/task'
import type { World } from './world.ts'

/** A world that does not come to what was asked, or shows what must never be. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

export interface DriveLimits {
  /** Simulated time after which it should have come to its end, milliseconds. */
  readonly withinMs?: number
  readonly steps?: number
  /** `isDone` is asked only when nobody has anything to do at the moment: where asking costs much and a moment later is as good. */
  readonly isAskedIdle?: boolean
}

/** Lets one task go on to its end, or to the death of its process. @throws what it ended with, unless that is its death. */
export async function finish(task: Task): Promise<void> {
  while (!task.isEnded && !task.isKilled) await task.step()
  if (task.error !== undefined && !task.isKilled) throw task.error
}

/**
 * Lets all living workers work, one thing after the other and always in the same order, and time pass when there is nothing to do,
 * until `isDone` says so or no worker is left. @throws Broken when it takes too long.
 */
export async function drive(
  world: World,
  isDone: () => boolean,
  { withinMs = 30 * 60_000, steps = 5_000, isAskedIdle = false }: DriveLimits = {},
): Promise<void> {
  const untilMs = world.nowMs + withinMs
  for (let step = 0; ; step += 1) {
    if ((!isAskedIdle && isDone()) || world.living.length === 0) return
    if (step >= steps) throw new Broken(`not after ${steps} steps`)
    if (world.nowMs >= untilMs) throw new Broken(`not within ${withinMs / 1000} s`)
    if (await workOnce(world)) continue
    if (isAskedIdle && isDone()) return
    await passToNext(world)
  }
}

async function workOnce(world: World): Promise<boolean> {
  for (const worker of world.living) {
    const [begun] = worker.tasks
    if (begun !== undefined) {
      await finish(begun)
      return true
    }
    const [work] = worker.due()
    if (work === undefined) continue
    await finish(worker.take(work))
    return true
  }
  return false
}

/** Time passes until somebody has something to do. */
export async function passToNext(world: World): Promise<void> {
  const dueMs = world.living.flatMap((worker) => worker.nextDueMs() ?? [])
  const waitMs = Math.min(...dueMs, world.nowMs + 60_000) - world.nowMs
  await world.pass(Math.max(waitMs, 1))
}

/** Lets everything go on for so long, whatever comes of it. */
export async function driveFor(world: World, ms: number): Promise<void> {
  const untilMs = world.nowMs + ms
  await drive(world, () => world.nowMs >= untilMs, { withinMs: ms + 120_000 })
}
