import { isSkykeepError } from '@skykeep/core/errors'
import { getServiceVersion, type VersionKey } from '@skykeep/db/service-versions'
import type { ActionServices } from '../context.ts'
import type { PlacedVersion } from './version-folder.ts'

/** A commit whose answer was lost has happened: the folder of a version that has a row is never removed. */
export async function discardUnlessWritten(
  { db }: Pick<ActionServices, 'db'>,
  { serviceUid, version }: VersionKey,
  placed: PlacedVersion,
): Promise<void> {
  const isWritten = await getServiceVersion(db, serviceUid, version).then(
    () => true,
    // Unknown counts as written: the intent stays, and the sweep of the next start decides.
    (error: unknown) => !isSkykeepError(error, 'NOT_FOUND'),
  )
  if (!isWritten) await placed.discard().catch(() => undefined)
}
