'use client'

import type { ServiceView } from '@skykeep/core/views'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { Tabs } from '#src/components/ui/tabs.tsx'
import { plural } from '#src/format/quantity.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { serviceVisuals } from '#src/status/visuals.ts'
import { EventsPanel } from '../events/events-panel.tsx'
import { LogsPanel } from '../logs/logs-panel.tsx'
import { EndpointCell } from '../services/endpoint-cell.tsx'
import { CurrentOperation } from './current-operation.tsx'
import { RecoveryReports } from './recovery-reports.tsx'
import { ReplicasCard } from './replicas-card.tsx'
import { StatusNotice } from './status-notice.tsx'
import { TerminateButton } from './terminate-button.tsx'
import { UnfinishedRequests } from './unfinished-requests.tsx'
import { YamlPanel } from './yaml-panel.tsx'

const tabIds = ['replicas', 'logs', 'events', 'yaml'] as const

/** Everything about one service; tab and followed operation are in the URL. */
export function ServiceScreen({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const tab = tabIds.find((id) => id === url.get('tab')) ?? 'replicas'
  const operationUid = url.get('operation')
  const isOver = service.status === 'TERMINATED' || service.status === 'SHUTTING_DOWN'
  return (
    <>
      <PageHeader
        title={service.name}
        badge={<StatusBadge visual={serviceVisuals[service.status]} />}
        actions={
          isOver ? null : (
            <TerminateButton
              name={service.name}
              onAsked={(uid) => url.set({ operation: uid, tab: null }, 'push')}
            />
          )
        }
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
      <Tabs
        label={`About ${service.name}`}
        value={tab}
        onChange={(id) => url.set({ tab: id === 'replicas' ? null : id })}
        tabs={[
          {
            id: 'replicas',
            label: 'Replicas',
            content: (
              <>
                <ReplicasCard replicas={service.replicas} />
                <UnfinishedRequests requests={service.unfinishedRequests} replicas={service.replicas} />
                <RecoveryReports reports={service.recoveryReports} />
              </>
            ),
          },
          { id: 'logs', label: 'Logs', content: <LogsPanel service={service} /> },
          { id: 'events', label: 'Events', content: <EventsPanel service={service} /> },
          {
            id: 'yaml',
            label: 'YAML',
            content: <YamlPanel versions={service.versions} current={service.version} />,
          },
        ]}
      />
    </>
  )
}
