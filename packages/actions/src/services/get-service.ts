import { SkykeepError } from '@skykeep/core/errors'
import type { RecoveryReport, Replica } from '@skykeep/core/nouns'
import { takenOutBy } from '@skykeep/core/taken-out'
import type { Page, RecoveryReportView, ServiceView } from '@skykeep/core/views'
import { findAutoscalerState, listScalingDecisions } from '@skykeep/db/autoscaling'
import { listDrills } from '@skykeep/db/drills'
import { listRecoveryReports } from '@skykeep/db/recovery-reports'
import { listReplicas } from '@skykeep/db/replicas'
import { listRollouts } from '@skykeep/db/rollouts'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { listSpotLocations } from '@skykeep/db/spot-locations'
import { listUnfinished } from '@skykeep/db/unfinished-requests'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toDrillViews } from '../drills/drill-view.ts'
import { accessViewOf } from './access-view.ts'
import { livingService } from './living-service.ts'
import { toReplicaView } from './replica-view.ts'
import { toRolloutViews } from './rollout-view.ts'
import { scheduleViewOf } from './schedule-view.ts'
import type { ServiceNameInput } from './schemas.ts'
import { toSummaries } from './shown-services.ts'
import { toVersionViews } from './version-view.ts'

const endedReplicasMax = 20
const unfinishedMax = 200

/** How many of the replicas that are shown are ready; null where not all of them are. */
function readyOf(
  serviceUid: string,
  { items, nextCursor }: Page<Replica>,
): ReadonlyMap<string, number> | null {
  if (nextCursor !== null) return null
  return new Map([[serviceUid, items.filter(({ status }) => status === 'READY').length]])
}

/** Everything about one living service. Throws NOT_FOUND. */
export async function getService(context: ActionContext, input: ServiceNameInput): Promise<ServiceView> {
  authorize(context.actor, 'service:read')
  const { db } = context
  const service = await livingService(context, db, input.name)
  const serviceUid = service.uid
  const versions = await listServiceVersions(db, serviceUid)
  const living = await listReplicas(db, { serviceUid, limit: 500 })
  const ended = await listReplicas(db, {
    serviceUid,
    statuses: ['TERMINATED'],
    isHistoryIncluded: true,
    limit: endedReplicasMax,
  })
  const reports = await listRecoveryReports(db, serviceUid)
  const unfinishedRequests = await listUnfinished(db, { serviceUid, limit: unfinishedMax })
  const takenOut = takenOutBy(await context.plane.recentGateways())
  const [summary] = await toSummaries(context, [service], readyOf(serviceUid, living))
  if (summary === undefined) throw new SkykeepError('INTERNAL', `no summary of service ${serviceUid}`)
  const target = versions.find((version) => version.version === service.targetVersion)
  return {
    ...summary,
    versions: await toVersionViews(db, versions),
    replicas: [...living.items.toSorted((a, b) => a.replicaId - b.replicaId), ...ended.items].map((replica) =>
      toReplicaView(replica, takenOut.get(replica.uid) ?? null),
    ),
    loadBalancingPolicy: target?.spec.service.loadBalancingPolicy ?? '',
    access: accessViewOf(target?.spec.service.access),
    unfinishedRequests,
    recoveryReports: reports.map(toRecoveryReportView),
    isPaused: service.isPaused,
    schedule: scheduleViewOf(service, target?.spec.service, context.clock.now()),
    desiredVersion: service.desiredVersion,
    stableVersion: service.stableVersion,
    minReplicas: target?.spec.service.scaling?.minReplicas ?? service.desiredReplicas,
    maxReplicas: target?.spec.service.scaling?.maxReplicas ?? service.desiredReplicas,
    scalingMetric: target?.spec.service.scaling?.metric.kind ?? 'fixed',
    autoscaler: await findAutoscalerState(db, serviceUid),
    decisions: await listScalingDecisions(db, serviceUid),
    rollouts: await toRolloutViews(db, await listRollouts(db, serviceUid)),
    drills: await toDrillViews(context, await listDrills(db, serviceUid)),
    spotLocations: await listSpotLocations(db, serviceUid),
    readySinceMs: service.readySinceMs,
  }
}

function toRecoveryReportView({ serviceUid: _serviceUid, ...report }: RecoveryReport): RecoveryReportView {
  return report
}
