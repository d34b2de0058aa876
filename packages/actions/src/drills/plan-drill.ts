import type { Replica } from '@skykeep/core/nouns'
import type { DrillPlanView, DrillVictim } from '@skykeep/core/views'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import type { ServiceNameInput } from '../services/schemas.ts'
import { readyReplicas } from './ready-replicas.ts'

/** What a drill asks for, and which replica it would kill now. Throws FORBIDDEN, NOT_FOUND. */
export async function planDrill(context: ActionContext, input: ServiceNameInput): Promise<DrillPlanView> {
  authorize(context.actor, 'drill:run')
  const service = await livingService(context, context.db, input.name)
  const version = await getServiceVersion(context.db, service.uid, service.targetVersion)
  const [newest] = await readyReplicas(context.db, service.uid)
  return {
    path: version.spec.service.readinessProbe.path,
    newestReady: newest === undefined ? null : toVictim(newest),
  }
}

function toVictim({ uid, replicaId, pid, pidStartTime, bootId }: Replica): DrillVictim | null {
  if (pid === null || pidStartTime === null || bootId === null) return null
  return { replicaUid: uid, replicaId, pid, startTime: pidStartTime, bootId }
}
