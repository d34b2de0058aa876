import type { Replica } from '@skykeep/core/nouns'
import type { Db } from '@skykeep/db/handles'
import { listReplicas } from '@skykeep/db/replicas'

const replicasMax = 500

/** The ready replicas of a service, newest first. */
export async function readyReplicas(db: Db, serviceUid: string): Promise<readonly Replica[]> {
  const { items } = await listReplicas(db, { serviceUid, statuses: ['READY'], limit: replicasMax })
  return items.toSorted((a, b) => b.replicaId - a.replicaId)
}
