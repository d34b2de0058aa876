import type { Replica } from '@skykeep/core/nouns'
import type { Db } from './handles.ts'
import { getReplica } from './replicas.ts'

/** The replica of a service with this number, living or ended; null when there is none. */
export async function findReplica(db: Db, serviceUid: string, replicaId: number): Promise<Replica | null> {
  const key = { serviceUid_replicaId: { serviceUid, replicaId } }
  const row = await db.client.replica.findUnique({ where: key, select: { uid: true } })
  return row && (await getReplica(db, row.uid))
}
