import type { Rollout } from '@skykeep/core/nouns'
import type { Db } from '@skykeep/db/handles'
import { withUserNames } from '../with-user-names.ts'

/** The rollouts as people see them: who asked for each by name. */
export async function toRolloutViews(db: Db, rollouts: readonly Rollout[]): Promise<readonly Rollout[]> {
  return await withUserNames(db, rollouts, 'createdBy')
}

/** One rollout as people see it. */
export async function toRolloutView(db: Db, rollout: Rollout): Promise<Rollout> {
  const [view = rollout] = await withUserNames(db, [rollout], 'createdBy')
  return view
}
