import { trafficWindows, type TrafficView } from '@skykeep/core/traffic'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { followCounts } from './follow.ts'
import { getTraffic } from './get-traffic.ts'
import type { TrafficInput } from './schemas.ts'

/** A chart of many steps changes little in a second. */
const shareOfStep = 5

/** The same as `getTraffic`, and again as seconds are counted, until the signal. Throws NOT_FOUND. */
export async function* followTraffic(
  context: ActionContext,
  input: TrafficInput,
  signal: AbortSignal,
): AsyncGenerator<TrafficView> {
  authorize(context.actor, 'service:read')
  const everyMs = (trafficWindows[input.range].step / shareOfStep) * 1_000
  yield* followCounts(context, { read: () => getTraffic(context, input), everyMs, signal })
}
