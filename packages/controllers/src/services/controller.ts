import { assertNever } from '@skykeep/core/errors'
import type { Replica, Service } from '@skykeep/core/nouns'
import { findEndpoint } from '@skykeep/db/endpoints'
import type { LeaseHeld } from '@skykeep/db/guard'
import type { Tx } from '@skykeep/db/handles'
import { insertReplica, listReplicas, setReplicaUnwanted } from '@skykeep/db/replicas'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { getService, updateService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { Reconciler } from '@skykeep/engine/engine'
import { heldBy, wakeOperations, write, type ControllerContext } from '../context.ts'
import type { RouteView } from '../routes/route-view.ts'
import { decideService, type ServiceStep } from './decide.ts'

/** A wake-up brings it sooner; this only heals a lost one. */
const lookAgainMs = 20_000
/** Ended replicas that are looked at: longer than any streak that changes a pause. */
const endedLimit = 20

export interface ServiceControllerParts extends ControllerContext {
  readonly routes: RouteView
  /** Called before the first decision that this process takes on a service that had a controller before. */
  readonly onTakeOver: (service: Service, replicas: readonly Replica[]) => Promise<void>
}

/** Keeps as many replicas as wanted, tells how the service is, and takes it down in order. */
export function serviceReconciler(context: ServiceControllerParts): Reconciler {
  const newestEnd = new Map<string, { readonly replicaUid: string; readonly seenAtMs: number }>()
  const known = new Set<string>()

  /** Elapsed on the monotonic clock since the end was first seen here: a wall clock that jumps freezes no retry. */
  const sinceLastEnd = (serviceUid: string, last: Replica | undefined): number | null => {
    if (last === undefined) return null
    const nowMs = context.clock.monotonicMs()
    if (newestEnd.get(serviceUid)?.replicaUid !== last.uid) {
      newestEnd.set(serviceUid, { replicaUid: last.uid, seenAtMs: nowMs })
    }
    return nowMs - (newestEnd.get(serviceUid)?.seenAtMs ?? nowMs)
  }

  return {
    kind: 'service',
    limit: 8,
    async reconcile(uid, lease) {
      const service = await getService(context.database, uid)
      if (service.status === 'TERMINATED') {
        newestEnd.delete(uid)
        known.delete(uid)
        return 'done'
      }
      const replicas = await replicasOf(context, uid)
      if (!known.has(uid) && service.observedGeneration > 0) await context.onTakeOver(service, replicas)
      known.add(uid)
      const endpoint = await findEndpoint(context.database, uid)
      const ended = replicas
        .filter(({ outcome }) => outcome !== null)
        .toSorted((a, b) => b.replicaId - a.replicaId)
      const { steps, requeueAfterMs } = decideService({
        service,
        replicas,
        sinceLastEndMs: sinceLastEnd(uid, ended[0]),
        isUnrouted: context.routes.isServiceUnrouted(uid),
        isEndpointReleased: endpoint === null || endpoint.status === 'RELEASED',
      })
      await apply(context, service, steps, heldBy('service', lease))
      return { requeueAfterMs: requeueAfterMs ?? lookAgainMs }
    },
  }
}

async function replicasOf({ database }: ControllerContext, serviceUid: string): Promise<readonly Replica[]> {
  const { items: current } = await listReplicas(database, { serviceUid, limit: 500 })
  const ended = await listReplicas(database, {
    serviceUid,
    statuses: ['TERMINATED'],
    isHistoryIncluded: true,
    limit: endedLimit,
  })
  return [...current, ...ended.items]
}

async function apply(
  context: ControllerContext,
  service: Service,
  steps: readonly ServiceStep[],
  lease: LeaseHeld,
): Promise<void> {
  const isSeen = service.observedGeneration >= service.generation
  if (steps.length === 0 && isSeen) return
  await write(context, async (tx) => {
    if (!isSeen) await updateService(tx, service.uid, { observedGeneration: service.generation }, { lease })
    for (const step of steps) await applyStep(context, tx, service, { step, lease })
    await wakeOperations(tx, service.uid)
  })
}

async function applyStep(
  context: ControllerContext,
  tx: Tx,
  service: Service,
  { step, lease }: { readonly step: ServiceStep; readonly lease: LeaseHeld },
): Promise<void> {
  const { uid, name } = service
  switch (step.type) {
    case 'set-target':
      await updateService(tx, uid, { targetVersion: step.version }, { lease })
      return
    case 'note-ready-version':
      await updateService(tx, uid, { latestEverReadyVersion: step.version }, { lease })
      return
    case 'create-replicas': {
      const { spec } = await getServiceVersion(tx, uid, step.version)
      for (let made = 0; made < step.count; made += 1) {
        const { infra } = spec.task.resources
        const replicaUid = context.ids.uid('rep')
        await insertReplica(tx, {
          uid: replicaUid,
          service: { uid, name },
          version: step.version,
          infra,
          lease,
        })
      }
      return
    }
    case 'unwant':
      for (const replicaUid of step.uids) await setReplicaUnwanted(tx, replicaUid, step.reason, { lease })
      return
    case 'release-endpoint':
      await transition(tx, { kind: 'endpoint', uid, to: 'RELEASED', reason: 'SERVICE_DOWN', lease })
      return
    case 'set-status': {
      const { to, reason, message } = step
      await transition(tx, { kind: 'service', uid, to, reason, message, lease })
      return
    }
    default:
      assertNever(step)
  }
}
