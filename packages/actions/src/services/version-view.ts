import type { ServiceVersion } from '@skykeep/core/nouns'
import type { VersionView } from '@skykeep/core/views'
import type { Db } from '@skykeep/db/handles'
import { userNames } from '@skykeep/db/users'

/** The versions as people see them: who made each by name. */
export async function toVersionViews(
  db: Db,
  versions: readonly ServiceVersion[],
): Promise<readonly VersionView[]> {
  const names = await userNames(
    db,
    versions.map((version) => version.createdBy),
  )
  return versions.map(({ version, taskVersion, createdAtMs, createdBy, yaml }) => ({
    version,
    taskVersion,
    createdAtMs,
    createdBy: names.get(createdBy) ?? createdBy,
    yaml,
  }))
}
