import type { Drill } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'

/** How long a running drill may say nothing before it is shown as lost, milliseconds. */
export const drillSilenceMs = 60_000

/** What people see of a drill; pure. One whose process died cannot say so: it is lost once it was silent for too long. */
export function toDrillView(drill: Drill, nowMs: number): DrillView {
  const { serviceUid: _serviceUid, expiresAtMs, ...shown } = drill
  const isLost = drill.status === 'RUNNING' && nowMs > expiresAtMs
  return isLost ? { ...shown, status: 'LOST' } : shown
}
