import type { Drill } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import type { Db } from '@skykeep/db/handles'
import { userNames } from '@skykeep/db/users'
import type { ActionServices } from '../context.ts'

/** How long a running drill may say nothing before it is shown as lost, milliseconds. */
export const drillSilenceMs = 60_000

interface Source extends Pick<ActionServices, 'clock'> {
  /** The database, or a transaction that is open. */
  readonly db: Db
}

/** Drills as people see them: who started each by name. One whose process died cannot say so: it is lost once it was silent for too long. */
export async function toDrillViews(
  { db, clock }: Source,
  drills: readonly Drill[],
): Promise<readonly DrillView[]> {
  const names = await userNames(
    db,
    drills.map(({ startedBy }) => startedBy),
  )
  return drills.map((drill) => viewOf(drill, names, clock.now()))
}

/** One drill as people see it. */
export async function toDrillView({ db, clock }: Source, drill: Drill): Promise<DrillView> {
  return viewOf(drill, await userNames(db, [drill.startedBy]), clock.now())
}

function viewOf(drill: Drill, names: ReadonlyMap<string, string>, nowMs: number): DrillView {
  const { serviceUid: _serviceUid, expiresAtMs, ...shown } = drill
  const view = { ...shown, startedBy: names.get(drill.startedBy) ?? drill.startedBy }
  const isLost = drill.status === 'RUNNING' && nowMs > expiresAtMs
  return isLost ? { ...view, status: 'LOST' } : view
}
