import Link from 'next/link'
import type { ServiceSummary } from '@skykeep/core/views'
import type { Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { rolloutVisuals, serviceVisuals } from '#src/status/visuals.ts'
import { milliseconds, perSecond, share } from '../traffic/quantities.ts'
import { EndpointCell } from './endpoint-cell.tsx'

export const serviceColumns: readonly Column<ServiceSummary>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: (service) => (
      <Link
        href={`/services/${encodeURIComponent(service.name)}`}
        prefetch={false}
        className="font-medium break-words after:absolute after:inset-0 hover:underline"
      >
        {service.name}
      </Link>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    cell: (service) => (
      <div>
        <StatusBadge visual={serviceVisuals[service.status]} />
        {service.statusReason === '' || service.status === 'READY' ? null : (
          <p className="mt-0.5 line-clamp-2 max-w-md text-[0.88rem] text-soft">{service.statusReason}</p>
        )}
      </div>
    ),
  },
  { id: 'endpoint', header: 'Endpoint', cell: (service) => <EndpointCell endpoint={service.endpoint} /> },
  {
    id: 'replicas',
    header: 'Replicas',
    isNumber: true,
    cell: (service) => (
      <span title={`${service.readyReplicas} of ${service.targetReplicas} wanted are ready`}>
        {service.readyReplicas} / {service.targetReplicas}
      </span>
    ),
  },
  {
    id: 'requests',
    header: 'Requests',
    isNumber: true,
    cell: ({ traffic }) => (traffic === null ? null : perSecond(traffic.requestsPerSecond)),
  },
  {
    id: 'errors',
    header: 'Errors',
    isNumber: true,
    cell: ({ traffic }) =>
      traffic === null || traffic.errorShare === null ? null : (
        <span className={traffic.errorShare > 0 ? 'font-medium text-bad' : undefined}>
          {share(traffic.errorShare)}
        </span>
      ),
  },
  {
    id: 'p95',
    header: 'p95',
    isNumber: true,
    cell: ({ traffic }) => (traffic === null || traffic.p95Ms === null ? null : milliseconds(traffic.p95Ms)),
  },
  {
    id: 'version',
    header: 'Version',
    isNumber: true,
    cell: ({ version, rollout }) =>
      rollout === null ? version : <RolloutMark version={version} rollout={rollout} />,
  },
  {
    id: 'created',
    header: 'Created',
    isNumber: true,
    cell: (service) => <RelativeTime atMs={service.createdAtMs} />,
  },
]

function RolloutMark({
  version,
  rollout,
}: {
  readonly version: number
  readonly rollout: NonNullable<ServiceSummary['rollout']>
}) {
  const visual = rolloutVisuals[rollout.status]
  return (
    <div className="flex flex-wrap items-center justify-end gap-x-2 stacked:justify-start">
      {version}
      <StatusBadge visual={rollout.isPaused ? { ...visual, label: 'Held' } : visual} />
    </div>
  )
}
