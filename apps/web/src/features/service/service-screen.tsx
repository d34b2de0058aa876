'use client'

import type { ServiceView } from '@skykeep/core/views'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { Tabs } from '#src/components/ui/tabs.tsx'
import { plural } from '#src/format/quantity.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { serviceVisuals } from '#src/status/visuals.ts'
import { AccessPanel } from '../access/access-panel.tsx'
import { EventsPanel } from '../events/events-panel.tsx'
import { LogsPanel } from '../logs/logs-panel.tsx'
import { RolloutCard } from '../rollouts/rollout-card.tsx'
import { ScalingPanel } from '../scaling/scaling-panel.tsx'
import { TrafficPanel } from '../traffic/traffic-panel.tsx'
import { EndpointCell } from '../services/endpoint-cell.tsx'
import { TryPanel } from '../try/try-panel.tsx'
import { VersionsPanel } from '../versions/versions-panel.tsx'
import { CurrentOperation } from './current-operation.tsx'
import { RecoveryPanel } from './recovery-panel.tsx'
import { ReplicasCard } from './replicas-card.tsx'
import { ServiceActions } from './service-actions.tsx'
import { StatusNotice } from './status-notice.tsx'

const tabIds = [
  'replicas',
  'traffic',
  'scaling',
  'versions',
  'recovery',
  'access',
  'logs',
  'try',
  'events',
] as const

/** Everything about one service; tab and followed operation are in the URL. */
export function ServiceScreen({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const tab = tabIds.find((id) => id === url.get('tab')) ?? 'replicas'
  const operationUid = url.get('operation')
  return (
    <>
      <PageHeader
        title={service.name}
        badge={<StatusBadge visual={serviceVisuals[service.status]} />}
        actions={<ServiceActions service={service} />}
      >
        <EndpointCell endpoint={service.endpoint} />
        <p className="mt-0.5">
          Version {service.version} · {service.readyReplicas} of {plural(service.targetReplicas, 'replica')}{' '}
          ready · {service.loadBalancingPolicy} · created <RelativeTime atMs={service.createdAtMs} /> by{' '}
          {service.createdBy}
        </p>
      </PageHeader>
      <StatusNotice service={service} />
      {operationUid === null ? null : (
        <CurrentOperation uid={operationUid} onClose={() => url.set({ operation: null })} />
      )}
      <RolloutCard service={service} isBrief={tab !== 'replicas' && tab !== 'versions'} />
      <Tabs
        label={`About ${service.name}`}
        value={tab}
        onChange={(id) => url.set({ tab: id === 'replicas' ? null : id })}
        tabs={[
          { id: 'replicas', label: 'Replicas', content: <ReplicasCard service={service} /> },
          { id: 'traffic', label: 'Traffic', content: <TrafficPanel service={service} /> },
          { id: 'scaling', label: 'Scaling', content: <ScalingPanel service={service} /> },
          { id: 'versions', label: 'Versions', content: <VersionsPanel service={service} /> },
          { id: 'recovery', label: 'Recovery', content: <RecoveryPanel service={service} /> },
          { id: 'access', label: 'Access', content: <AccessPanel service={service} /> },
          { id: 'logs', label: 'Logs', content: <LogsPanel service={service} /> },
          { id: 'try', label: 'Try it', content: <TryPanel service={service} /> },
          { id: 'events', label: 'Events', content: <EventsPanel service={service} /> },
        ]}
      />
    </>
  )
}
