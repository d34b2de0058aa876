import { getService } from '@skykeep/db/services'
import type { Reconciler } from '@skykeep/engine/engine'
import { heldBy } from '../context.ts'
import { applyDecision } from './apply.ts'
import { decideService } from './decide.ts'
import { ServiceWatch } from './memory.ts'
import { observeService, replicasOf } from './observe.ts'
import type { ServiceControllerParts } from './parts.ts'
import { VersionCache } from './versions.ts'

/** A wake-up brings it sooner; this only heals a lost one. */
const lookAgainMs = 20_000

/** Keeps as many replicas as wanted on the version that is wanted, tells how the service is, and takes it down in order. */
export function serviceReconciler(parts: ServiceControllerParts): Reconciler {
  const watch = new ServiceWatch(parts.clock)
  const versions = new VersionCache(parts.database)
  const known = new Set<string>()
  return {
    kind: 'service',
    limit: 8,
    async reconcile(uid, lease) {
      const service = await getService(parts.database, uid)
      parts.openOperations?.noteService(uid, service.name)
      if (service.status === 'TERMINATED') {
        watch.forget(uid)
        versions.forget(uid)
        known.delete(uid)
        return 'done'
      }
      const replicas = await replicasOf(parts, uid)
      if (!known.has(uid) && service.observedGeneration > 0) await parts.onTakeOver(service, replicas)
      known.add(uid)
      const { facts, nextLookMs } = await observeService(parts, { watch, versions }, service, replicas)
      const { steps, requeueAfterMs } = decideService(facts)
      await applyDecision(parts, { service, rollout: facts.rollout, steps }, heldBy('service', lease))
      return {
        requeueAfterMs: Math.min(requeueAfterMs ?? lookAgainMs, nextLookMs ?? lookAgainMs, lookAgainMs),
      }
    },
  }
}
