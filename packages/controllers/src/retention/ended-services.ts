import { hasTombstones } from '@skykeep/db/prune-replicas'
import { deleteServiceMemory, prunableServices } from '@skykeep/db/prune-services'
import { write } from '../context.ts'
import { removePath } from './files.ts'
import type { RetentionParts, RetentionPass } from './parts.ts'
import { pruneHistory, pruneUnfinished } from './rows.ts'
import { pruneVersionsOf, removeEmptyVersionsFolder } from './versions.ts'

const dayMs = 86_400_000

/** Services that ended so long ago that their history goes. */
export async function servicesToForget(
  { database, limits, providers }: RetentionParts,
  pass: RetentionPass,
): Promise<readonly string[]> {
  const beforeMs = pass.before(limits.endedServiceDays * dayMs)
  if (beforeMs === null) return []
  return await prunableServices(database, {
    keep: limits.endedServices,
    beforeMs,
    infras: [...providers.keys()],
  })
}

/**
 * Removes everything that hangs on a service that ended. Its row and the tombstone of its port stay for ever (invariant 16). The versions
 * go last: by them a pass finds what an interrupted one left.
 */
export async function forgetService(
  parts: RetentionParts,
  pass: RetentionPass,
  serviceUid: string,
): Promise<void> {
  for (const history of ['decisions', 'recoveryReports', 'rollouts', 'drills'] as const) {
    await pruneHistory(parts, pass, { history, serviceUid, keep: 0 })
  }
  await pruneUnfinished(parts, pass, { serviceUid, keep: 0, beforeMs: null })
  // Their infra has not shown yet that nothing of them is left.
  if (pass.isSpent || (await hasTombstones(parts.database, serviceUid))) return
  await write(parts, (tx) => deleteServiceMemory(tx, serviceUid))
  if (!(await removePath(parts, parts.paths.serviceLogsDir(serviceUid)))) return
  await pruneVersionsOf(parts, pass, serviceUid)
  if (pass.isSpent) return
  await removeEmptyVersionsFolder(parts, serviceUid)
  pass.note('services', 1)
}
