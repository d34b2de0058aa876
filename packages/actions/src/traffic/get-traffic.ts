import { trafficWindows, type TrafficView } from '@skykeep/core/traffic'
import { readCoverage, readTraffic } from '@skykeep/db/traffic-reads'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import type { TrafficInput } from './schemas.ts'
import { toTrafficView, windowStart } from './traffic-view.ts'

/** Requests of a living service over a range of time: rates, latency percentiles, errors by kind, in flight. Throws NOT_FOUND. */
export async function getTraffic(
  context: ActionContext,
  { name, range, by }: TrafficInput,
): Promise<TrafficView> {
  authorize(context.actor, 'service:read')
  const { db, clock } = context
  const { uid: serviceUid } = await livingService(context, db, name)
  const window = trafficWindows[range]
  const fromSecond = windowStart(window, clock.now())
  const steps = await readTraffic(db, { serviceUid, window, by, fromSecond })
  const coverage = await readCoverage(db, fromSecond)
  return toTrafficView({ window, by, fromSecond, steps, coverage })
}
