import type { Service } from '@skykeep/core/nouns'
import { appendEvent } from '@skykeep/db/events'
import type { Tx } from '@skykeep/db/handles'
import { listOperations } from '@skykeep/db/operations'
import { bringBack, listSetAside } from '@skykeep/db/reconciliations'
import { listReplicas } from '@skykeep/db/replicas'
import type { ActionContext } from '../context.ts'

/**
 * Takes back into the loop what of a service was set aside: the service, its replicas, its operations. Returns what it was, in a person's
 * words; empty where nothing was.
 */
export async function bringServiceBack(
  { actor }: ActionContext,
  tx: Tx,
  service: Service,
): Promise<readonly string[]> {
  const setAside = new Set((await listSetAside(tx)).map(({ uid }) => uid))
  if (setAside.size === 0) return []
  const { items: replicas } = await listReplicas(tx, { serviceUid: service.uid, limit: 500 })
  const { items: operations } = await listOperations(tx, {
    targetUid: service.uid,
    statuses: ['PENDING', 'RUNNING'],
  })
  const rows = [
    { uid: service.uid, name: 'the service' },
    ...replicas.map(({ uid, replicaId }) => ({ uid, name: `replica ${replicaId}` })),
    ...operations.map(({ uid, verb }) => ({ uid, name: `the operation ${verb}` })),
  ].filter(({ uid }) => setAside.has(uid))
  for (const { uid } of rows) await bringBack(tx, uid)
  const names = rows.map(({ name }) => name)
  if (names.length === 0) return []
  await appendEvent(tx, {
    kind: 'service',
    uid: service.uid,
    serviceName: service.name,
    type: 'row.set-aside',
    reason: 'BROUGHT_BACK',
    message: `${actor.name} had ${names.join(', ')} of ${service.name} tried again.`,
    actor: actor.userUid,
  })
  return names
}

/** What was brought back, as one sentence; null for nothing. */
export function broughtBackNote(service: string, names: readonly string[]): string | null {
  if (names.length === 0) return null
  return `Of ${service} had been set aside and ${names.length === 1 ? 'is' : 'are'} tried again: ${names.join(', ')}.`
}
