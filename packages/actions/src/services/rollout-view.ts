import type { Rollout } from '@skykeep/core/nouns'
import type { Db } from '@skykeep/db/handles'
import { userNames } from '@skykeep/db/users'

/** The rollouts as people see them: who asked for each by name. */
export async function toRolloutViews(db: Db, rollouts: readonly Rollout[]): Promise<readonly Rollout[]> {
  const names = await userNames(
    db,
    rollouts.map(({ createdBy }) => createdBy),
  )
  return rollouts.map((rollout) => withName(rollout, names))
}

/** One rollout as people see it. */
export async function toRolloutView(db: Db, rollout: Rollout): Promise<Rollout> {
  return withName(rollout, await userNames(db, [rollout.createdBy]))
}

function withName(rollout: Rollout, names: ReadonlyMap<string, string>): Rollout {
  return { ...rollout, createdBy: names.get(rollout.createdBy) ?? rollout.createdBy }
}
