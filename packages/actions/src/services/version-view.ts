import type { ServiceVersion } from '@skykeep/core/nouns'
import type { VersionView } from '@skykeep/core/views'
import type { Db } from '@skykeep/db/handles'
import { withUserNames } from '../with-user-names.ts'

/** The versions as people see them: who made each by name. */
export async function toVersionViews(
  db: Db,
  versions: readonly ServiceVersion[],
): Promise<readonly VersionView[]> {
  const named = await withUserNames(db, versions, 'createdBy')
  return named.map(({ version, taskVersion, createdAtMs, createdBy, yaml }) => ({
    version,
    taskVersion,
    createdAtMs,
    createdBy,
    yaml,
  }))
}
