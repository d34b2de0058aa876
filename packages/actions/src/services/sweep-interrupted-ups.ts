import { isSkykeepError } from '@skykeep/core/errors'
import { getServiceVersion } from '@skykeep/db/service-versions'
import type { ActionServices } from '../context.ts'
import { sweepVersionFolders } from '../versions/version-folder.ts'

/**
 * Removes the folders of versions whose `up` or `update` was killed before their row. Call it once, before the first request is served: one
 * under way would look like a killed one. Throws FENCED on a plane that was replaced, and then removes nothing. Returns how many were removed.
 */
export async function sweepInterruptedUps(
  services: Pick<ActionServices, 'db' | 'fence' | 'paths'>,
): Promise<number> {
  const { db, fence, paths } = services
  await db.transaction(async () => undefined, { fence })
  return await sweepVersionFolders(paths, async (serviceUid, version) => {
    try {
      await getServiceVersion(db, serviceUid, version)
      return true
    } catch (error) {
      if (isSkykeepError(error, 'NOT_FOUND')) return false
      throw error
    }
  })
}
