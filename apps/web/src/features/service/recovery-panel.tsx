import type { ServiceView } from '@skykeep/core/views'
import { DrillsCard } from '../drills/drills-card.tsx'
import { RecoveryReports } from './recovery-reports.tsx'
import { UnfinishedRequests } from './unfinished-requests.tsx'

/** What deaths cost this service, and how to try one. */
export function RecoveryPanel({ service }: { readonly service: ServiceView }) {
  return (
    <>
      <DrillsCard service={service} />
      <UnfinishedRequests requests={service.unfinishedRequests} replicas={service.replicas} />
      <RecoveryReports reports={service.recoveryReports} />
    </>
  )
}
