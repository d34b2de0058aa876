import type { Database } from '@skykeep/db/handles'
import { insertScalingDecision } from '@skykeep/db/autoscaling'
import { insertOperation } from '@skykeep/db/operations'
import { insertReplica } from '@skykeep/db/replicas'
import { findService, insertService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { causeOfEvent } from '@skykeep/core/event-cause'
import { operationVerbs } from '@skykeep/core/operation-verbs'
import { randomIds } from '@skykeep/secrets/random-ids'
import type { Service } from '@skykeep/core/nouns'

const atOnce = 500

/** Ended operations of one service, each with two events, by the writers that the product has. */
export async function seedOperations(db: Database, name: string, count: number): Promise<void> {
  const { uid: targetUid, createdBy } = await living(db, name)
  for (let first = 0; first < count; first += atOnce) {
    await db.transaction(async (tx) => {
      for (let index = first; index < Math.min(first + atOnce, count); index += 1) {
        const uid = randomIds.uid('op')
        const verb = operationVerbs[index % operationVerbs.length] ?? 'serve.up'
        await insertOperation(tx, {
          uid,
          workspace: 'default',
          verb,
          targetKind: 'service',
          targetUid,
          targetName: name,
          requestedBy: createdBy,
        })
        const to = index % 10 === 0 ? 'FAILED' : 'SUCCEEDED'
        await transition(tx, { kind: 'operation', uid, to, reason: 'SEEDED', message: `run ${index}` })
      }
    })
  }
}

/** Services that nobody has brought up yet. */
export async function seedServices(db: Database, count: number): Promise<void> {
  await db.transaction(async (tx) => {
    for (let index = 0; index < count; index += 1) {
      await insertService(tx, {
        uid: randomIds.uid('svc'),
        workspace: 'default',
        name: `many-${String(index).padStart(3, '0')}`,
        createdBy: 'usr_seed',
        desiredVersion: 1,
        desiredReplicas: 1,
      })
    }
  })
}

/** A scale-up with its reason, and the replica that was made for it. */
export async function seedScaleUp(db: Database, name: string): Promise<void> {
  const service = await living(db, name)
  await db.transaction(async (tx) => {
    const seq = await insertScalingDecision(tx, {
      decision: {
        uid: randomIds.uid('dec'),
        serviceUid: service.uid,
        fromReplicas: 2,
        toReplicas: 3,
        reason: 'LOAD_ABOVE_TARGET',
        message: '14 requests a second need 3 replicas of 5 each',
        terms: { perSecond: 14, perReplica: 5 },
      },
      serviceName: name,
    })
    const uid = randomIds.uid('rep')
    await insertReplica(tx, { uid, service, version: 1, infra: 'local', cause: causeOfEvent(seq) })
  })
}

async function living(db: Database, name: string): Promise<Service> {
  const service = await findService(db, 'default', name)
  if (service === null) throw new Error(`no service ${name}`)
  return service
}
