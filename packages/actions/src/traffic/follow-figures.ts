import type { TrafficFiguresView } from '@skykeep/core/traffic'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { figuresOf, totalRates } from './figures.ts'
import { followCounts } from './follow.ts'

const everyMs = 2_500

/** Requests of every service in the last minute that was counted, and of all together step by step. */
export async function getFigures(context: ActionContext): Promise<TrafficFiguresView> {
  authorize(context.actor, 'service:read')
  const nowMs = context.clock.now()
  return {
    services: Object.fromEntries(await figuresOf(context.db, nowMs)),
    totals: await totalRates(context.db, nowMs),
  }
}

/** The same, and again as seconds are counted, until the signal. */
export async function* followFigures(
  context: ActionContext,
  signal: AbortSignal,
): AsyncGenerator<TrafficFiguresView> {
  authorize(context.actor, 'service:read')
  yield* followCounts(context, { read: () => getFigures(context), everyMs, signal })
}
