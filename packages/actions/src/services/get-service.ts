import { SkykeepError } from '@skykeep/core/errors'
import type { RecoveryReport } from '@skykeep/core/nouns'
import type { RecoveryReportView, ServiceView } from '@skykeep/core/views'
import { listRecoveryReports } from '@skykeep/db/recovery-reports'
import { listReplicas } from '@skykeep/db/replicas'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { listUnfinished } from '@skykeep/db/unfinished-requests'
import { userNames } from '@skykeep/db/users'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from './living-service.ts'
import { toReplicaView } from './replica-view.ts'
import type { ServiceNameInput } from './schemas.ts'
import { toSummaries } from './shown-services.ts'

const endedReplicasMax = 20
const unfinishedMax = 200

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
  const names = await userNames(
    db,
    versions.map((version) => version.createdBy),
  )
  const [summary] = await toSummaries(context, [service])
  if (summary === undefined) throw new SkykeepError('INTERNAL', `no summary of service ${serviceUid}`)
  const target = versions.find((version) => version.version === service.targetVersion)
  return {
    ...summary,
    versions: versions.map(({ version, createdAtMs, createdBy, yaml }) => ({
      version,
      createdAtMs,
      createdBy: names.get(createdBy) ?? createdBy,
      yaml,
    })),
    replicas: [...living.items.toSorted((a, b) => a.replicaId - b.replicaId), ...ended.items].map(
      toReplicaView,
    ),
    loadBalancingPolicy: target?.spec.service.loadBalancingPolicy ?? '',
    unfinishedRequests,
    recoveryReports: reports.map(toRecoveryReportView),
  }
}

function toRecoveryReportView({ serviceUid: _serviceUid, ...report }: RecoveryReport): RecoveryReportView {
  return report
}
