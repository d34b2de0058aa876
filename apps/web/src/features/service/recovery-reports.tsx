import { ChevronRight, LifeBuoy } from 'lucide-react'
import type { RecoveryReportView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable } from '#src/components/ui/data-table.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { plural } from '#src/format/quantity.ts'
import { requestColumns } from './unfinished-requests.tsx'

/** What each takeover of this service found and resumed, newest first. */
export function RecoveryReports({ reports }: { readonly reports: readonly RecoveryReportView[] }) {
  return (
    <Card title="Recovery reports" isFlush={reports.length > 0}>
      {reports.length === 0 ? (
        <p className="text-soft">
          None yet. When a worker takes this service over, what it found and resumed stands here.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {reports.map((report, index) => (
            <li key={report.uid}>
              <Report report={report} isOpen={index === 0} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Report({ report, isOpen }: { readonly report: RecoveryReportView; readonly isOpen: boolean }) {
  const cutOff = report.unfinishedRequests.length
  return (
    <details open={isOpen} className="group">
      <summary className="flex list-none items-center gap-2.5 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-soft group-open:rotate-90" />
        <LifeBuoy aria-hidden className="size-4 shrink-0 text-busy" />
        <span className="font-medium">{report.trigger}</span>
        <span className="text-soft max-sm:hidden">
          {plural(report.adoptedReplicas.length, 'replica')} adopted ·{' '}
          {cutOff === 0 ? 'no request lost' : `${plural(cutOff, 'request')} unfinished`}
        </span>
        <span className="ml-auto text-[0.88rem] text-soft">
          <RelativeTime atMs={report.atMs} />
        </span>
      </summary>
      <div className="flex flex-col gap-4 px-4 pt-1 pb-4 sm:pl-11">
        <KeyValues
          rows={[
            { key: 'Replicas adopted', value: named(report.adoptedReplicas) },
            { key: 'Launches resumed', value: named(report.resumedLaunches) },
            { key: 'Teardowns resumed', value: named(report.resumedTeardowns) },
            { key: 'Orphans found', value: named(report.orphans) },
            {
              key: 'Target',
              value: `${plural(report.targetReplicas, 'replica')} of version ${report.targetVersion}`,
            },
            { key: 'Endpoint port', value: report.endpointPort },
          ]}
        />
        {report.runningRequests.length === 0 ? null : (
          <Requests title="Still running at the takeover" requests={report.runningRequests} />
        )}
        {cutOff === 0 ? null : <Requests title="Unfinished" requests={report.unfinishedRequests} />}
      </div>
    </details>
  )
}

function Requests({
  title,
  requests,
}: {
  readonly title: string
  readonly requests: RecoveryReportView['runningRequests']
}) {
  return (
    <div>
      <h3 className="mb-1 font-medium">
        {title} ({requests.length})
      </h3>
      <div className="overflow-x-auto rounded-md border border-line">
        <DataTable
          label={title}
          columns={requestColumns([])}
          rows={requests}
          rowKey={(request) => request.id}
        />
      </div>
    </div>
  )
}

function named(names: readonly string[]): string {
  return names.length === 0 ? 'None' : names.join(', ')
}
