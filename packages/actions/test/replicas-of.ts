import type { ReplicaStatus } from '@skykeep/core/statuses'
import { insertReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import { randomIds, type ActionWorld } from '@skykeep/testing/action-services'

const wayToReady: readonly ReplicaStatus[] = ['PROVISIONING', 'STARTING', 'READY']

/** Adds replicas of a version as the controllers would, and brings them to READY. Returns their uids. */
export async function readyReplicas(
  { services }: ActionWorld,
  service: { readonly uid: string; readonly name: string },
  { version, count }: { readonly version: number; readonly count: number },
): Promise<readonly string[]> {
  const uids = Array.from({ length: count }, () => randomIds.uid('rep'))
  await services.db.transaction(async (tx) => {
    for (const uid of uids) {
      await insertReplica(tx, { uid, service, version, infra: 'local' })
      for (const to of wayToReady) await transition(tx, { kind: 'replica', uid, to, reason: 'TEST' })
    }
  })
  return uids
}
